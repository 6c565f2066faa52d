from __future__ import annotations

import io
import re
import unicodedata
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reviewer.finding import Location
from reviewer.report.terminal import console_for, render, rich_console
from reviewer.review import Explanation, Review, Skipped
from tests.report.gold import FOLDER, in_a_file, on_a_terminal, outputs
from tests.report.reviews import CLEAN, FULL, INCOMPLETE, REPRODUCED, SOURCES

SGR = re.compile(r"\x1b\[[0-9;]*m")


@pytest.mark.parametrize("name", sorted(path.name for path in FOLDER.iterdir()))
def test_the_output_is_the_gold_file(name: str) -> None:
    assert outputs()[name] == (FOLDER / name).read_text(encoding="utf-8"), "python -m tests.report.update_gold"


def test_every_output_has_its_gold_file() -> None:
    assert set(outputs()) == {path.name for path in FOLDER.iterdir()}


def test_a_clean_and_complete_review_is_one_line() -> None:
    assert in_a_file(CLEAN) == "Clean: 2 files, 2 units reviewed; 12 tests pass.\n"


@pytest.mark.parametrize(
    "review",
    [INCOMPLETE, FULL, replace(CLEAN, interrupted=True), replace(CLEAN, skipped=(Skipped("model", "time"),))],
)
def test_a_review_that_is_not_complete_is_never_called_clean(review: Review) -> None:
    assert "clean" not in in_a_file(review).lower()


def test_explanations_of_a_clean_review_can_be_left_out() -> None:
    explained = replace(CLEAN, summary="Adds a thing.")
    stream = io.StringIO()
    render(explained, console_for(stream), explain=False)
    assert stream.getvalue() == in_a_file(CLEAN)
    assert "Adds a thing." in in_a_file(explained)


def test_no_colour_in_a_pipe_or_with_no_color_but_at_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert not SGR.search(in_a_file(FULL))
    assert SGR.search(at_a_colour_terminal(FULL))
    monkeypatch.setenv("NO_COLOR", "1")
    assert not SGR.search(at_a_colour_terminal(FULL))


def at_a_colour_terminal(review: Review) -> str:
    stream = Terminal()
    render(review, rich_console(stream, width=80), SOURCES)
    return stream.getvalue()


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize("width", [20, 40, 200])
def test_no_line_is_wider_than_the_terminal(width: int) -> None:
    assert max(map(len, on_a_terminal(FULL, width).splitlines())) <= width


def test_the_frame_copes_with_places_that_are_not_there() -> None:
    for start, end in ((0, 0), (7, 9), (6, 99), (1, 10**9)):
        finding = replace(REPRODUCED, location=Location("src/shop/cart.py", start, end))
        assert "The last price" in in_a_file(replace(FULL, findings=(finding,)), SOURCES)


def test_a_line_of_a_million_characters_is_cut() -> None:
    long = {"src/shop/cart.py": ("x" * 1_000_000,) * 6}
    assert len(in_a_file(FULL, long)) < 10_000


def test_sources_may_be_texts_lines_or_asked_for() -> None:
    texts = {path: "\n".join(lines) for path, lines in SOURCES.items()}
    wanted = in_a_file(FULL, SOURCES)
    assert in_a_file(FULL, texts) == in_a_file(FULL, lambda path: texts.get(path, "")) == wanted


def test_markup_of_others_is_text() -> None:
    finding = replace(REPRODUCED, message="[bold]x[/bold] [link=http://e]y[/link] :smile: [/]", quote="[red]")
    assert finding.message in in_a_file(replace(FULL, findings=(finding,)))


@settings(max_examples=40, deadline=None)
@given(st.text(st.characters(exclude_categories=()), max_size=40))
def test_no_control_character_of_others_reaches_the_terminal(evil: str) -> None:
    assert REPRODUCED.reproducer
    assert REPRODUCED.suggestion
    finding = replace(
        REPRODUCED,
        rule_id=evil,
        message=evil,
        quote=evil,
        sources=(evil,),
        location=Location(evil, 1, 1),
        explanation=evil,
        reproducer=replace(REPRODUCED.reproducer, code=evil, command=evil, output=evil, base=evil, head=evil),
        suggestion=replace(REPRODUCED.suggestion, patch=evil, description=evil, reason=evil),
    )
    review = replace(
        FULL,
        base=evil,
        summary=evil,
        findings=(finding, replace(finding, location=REPRODUCED.location)),
        explanations=(Explanation(evil, evil, evil, (evil,)),),
        skipped=(Skipped(evil, evil),),
        receipt=replace(FULL.receipt, files=(evil,), rejected={evil: 1}, isolation={evil: evil}, stages={evil: 1.0}),
    )
    stream = Terminal()
    render(review, rich_console(stream, width=40), {REPRODUCED.location.path: (evil,) * 5}, verbose=True)
    text = SGR.sub("", stream.getvalue())
    assert not {c for c in text if unicodedata.category(c) in {"Cc", "Cf", "Cs"}} - set("\n\u200c\u200d")
