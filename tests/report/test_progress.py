from __future__ import annotations

import io

import pytest

from reviewer.report.progress import Live, Plain, Progress, Silent, progress_for
from tests.report.test_terminal import Terminal


def drive(progress: Progress) -> None:
    progress.stage("model\x1b[2J")
    progress.unit("a.py::f\x1b]0;owned\x07", 1, 3)
    progress.text("so far [bold]\n\x1b[1A")
    progress.close()
    progress.close()


def test_a_log_gets_one_line_for_each_stage() -> None:
    stream = io.StringIO()
    drive(progress_for(stream, environ={"CI": "true"}))
    assert stream.getvalue() == "llm-review: model␛[2J\n"


def test_a_terminal_gets_a_line_that_goes_away() -> None:
    stream = Terminal()
    drive(Live(stream))
    shown = stream.getvalue()
    assert "1/3 a.py::f␛]0;owned␇" in shown
    assert "\x1b[2J" not in shown
    assert "owned\x07" not in shown
    assert shown.endswith(("\x1b[?25h", "\x1b[2K"))


@pytest.mark.parametrize(
    ("stream", "options", "kind"),
    [
        (Terminal(), {}, Live),
        (Terminal(), {"quiet": True}, Silent),
        (io.StringIO(), {}, Silent),
        (io.StringIO(), {"verbose": True}, Plain),
    ],
)
def test_the_kind_follows_the_stream(stream: io.StringIO, options: dict[str, bool], kind: type) -> None:
    assert type(progress_for(stream, environ={}, **options)) is kind


@pytest.mark.parametrize("environ", [{"TERM": "dumb"}, {"CI": "1"}])
def test_a_terminal_that_cannot_move_the_cursor_gets_no_live_line(environ: dict[str, str]) -> None:
    assert not isinstance(progress_for(Terminal(), environ=environ), Live)
