"""Text of the change and of the model that a terminal, a web page or a workflow would obey, in every report."""

from __future__ import annotations

import io
import re
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from reviewer.finding import Location, Reproducer, Suggestion, Verdict
from reviewer.report import FORMATS, terminal
from reviewer.review import Explanation, Skipped
from tests.report.reviews import FULL, REPRODUCED
from tests.report.test_marks import shown

from .corpus import Obeying, Target

ESCAPES = "\x1b]52;c;aGk=\x07\x1b[2J\x9b31m"
BIDI = "\u202e\u2066\u200b"
MARKUP = "![x](https://evil.example/?q=1) <img src=x onerror=alert(1)> @octocat closes #1 [c](javascript:alert(1))"
COMMAND = "%0A::error file=x::forged\r\n::error file=x::forged\n"
WORDS = f"It is {ESCAPES} {BIDI} {MARKUP} {COMMAND}"
NAME = f"a {ESCAPES[:1]}[2J{BIDI[0]}%0A\n::error file=x::forged <b>@octocat.py"
CODE = f"def add(a, b):\n    say = '{BIDI}'\n    return a + undefined_name  # {ESCAPES} {BIDI} <img src=x> @octocat\n"
CONTROLS = {chr(c) for c in (*range(9), 0xB, 0xC, *range(0xE, 0x20), *range(0x7F, 0xA0))} | set(BIDI) | {"\u2028"}
FORM = {"change": WORDS, "defects": [{"category": "bug", "line": f"    say = '{BIDI}'", "problem": WORDS}]}


@pytest.fixture
def reports(target: Target, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], dict[str, str]]:
    """Every format's report of a change, and of what an obeying model says of it, that are hostile throughout."""
    target.changed({"m.py": "x = 1\n"}, {"m.py": CODE, NAME: CODE})
    monkeypatch.setattr("reviewer.conduct._provider", lambda *_: Obeying(WORDS, FORM))

    def make() -> dict[str, str]:
        words = [f"--format={name}={tmp_path / name}" for name in FORMATS]
        target.run("diff", "--no-tests", "--samples", "1", "--no-cache", *words)
        return {name: (tmp_path / name).read_text("utf-8") for name in FORMATS}

    return make


@pytest.fixture
def careless(monkeypatch: pytest.MonkeyPatch) -> None:
    """Text goes to every report as it is."""

    def as_it_is(text: str, **_: Any) -> str:
        return text

    for name in (
        "terminal",
        "markdown",
        "annotations",
        "marks",
        "codequality",
        "rdjson",
        "junit",
        "sarif",
        "jsonreport",
    ):
        __import__(f"reviewer.report.{name}")
    for name, module in list(sys.modules.items()):
        for function in ("visible", "prose", "code", "_escape", "_data", "_property"):
            if name.startswith("reviewer.report.") and callable(getattr(module, function, None)):
                monkeypatch.setattr(module, function, as_it_is)


def _obeyed(report: str) -> set[str]:
    return CONTROLS & set(report)


def test_no_report_holds_a_control(reports: Callable[[], dict[str, str]]) -> None:
    assert {name: found for name, text in reports().items() if (found := _obeyed(text))} == {}


def test_nothing_in_markdown_is_obeyed(reports: Callable[[], dict[str, str]]) -> None:
    text = reports()["markdown"]
    page = shown(text)
    assert "octocat" in page.text
    assert not page.tags & {"img", "a", "b", "script"}
    assert "@octocat" not in text.replace("`", " `").split("`")[0]
    assert "closes #1" not in text


def test_no_annotation_is_forged(reports: Callable[[], dict[str, str]]) -> None:
    lines = reports()["github"].splitlines()
    assert len(lines) > 1
    assert not [line for line in lines if line.startswith("::error file=x::forged")]
    assert all(line.startswith(("::error ", "::warning ", "::notice ")) for line in lines[:-1])


LOG = f"# {COMMAND}::error::forged\n##[error]forged\n##vso[task.setvariable variable=x]forged\n\t ::stop-commands::x\n"


def _commands(report: str) -> list[str]:
    """The lines that the runner of a workflow or of a pipeline would obey."""
    return [line for line in report.splitlines() if line.lstrip().startswith("::") or "##[" in line or "##vso[" in line]


def _logged(width: int | None) -> str:
    reproducer = Reproducer(LOG, LOG, "pass", "fail", LOG)
    suggestion = Suggestion(f"--- a/m.py\n+++ b/m.py\n@@ -1 +1 @@\n {LOG}", LOG, Verdict.PASSES)
    place = Location("m.py", 1, 4)
    claim = replace(
        REPRODUCED, message=LOG, explanation=LOG, location=place, reproducer=reproducer, suggestion=suggestion
    )
    review = replace(FULL, findings=(claim,), summary=LOG, explanations=(Explanation(LOG, LOG, LOG, (LOG,)),))
    review = replace(review, skipped=(Skipped(LOG, LOG),))
    stream = io.StringIO()
    console = terminal.rich_console(stream, width=width) if width else terminal.console_for(stream)
    terminal.render(review, console, {"m.py": LOG.splitlines()}, verbose=True)
    terminal.show_patch(suggestion.patch, stream)
    return stream.getvalue()


@pytest.mark.parametrize("width", [None, 20, 80])
def test_the_terminals_report_has_no_line_that_a_runner_obeys(width: int | None) -> None:
    text = _logged(width)
    assert text.count("forged") > 10
    assert _commands(text) == []


def test_the_same_lines_as_they_are_would_be_obeyed(monkeypatch: pytest.MonkeyPatch) -> None:
    never = re.compile(r"(?!)")
    monkeypatch.setattr(terminal, "_ANYWHERE", never)
    assert "##[error]forged" in "".join(_commands(_logged(None)))
    assert len(_commands(LOG)) > 4


@pytest.mark.parametrize(
    "words",
    [
        ("diff", "-v", "--no-tests", "--samples", "1", "--no-cache"),
        ("diff", "--no-tests", "--dry-run"),
        ("diff", "--no-llm", "--no-tests", "--worktree", NAME + "\x1b"),
        ("diff", "--no-llm", "--no-tests", NAME + "\x1b..HEAD"),
        ("fix", "--no-llm", NAME + "\x1b"),
        ("explain", f"{NAME}::add"),
    ],
    ids=["progress", "dry run", "a path", "a revision", "fix", "explain"],
)
def test_no_message_on_the_way_is_obeyed(
    target: Target, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    """What is told while it works, by other commands, and of what was wrong."""
    target.changed({"m.py": "x = 1\n"}, {"m.py": CODE, NAME: CODE})
    monkeypatch.setattr("reviewer.conduct._provider", lambda *_: Obeying(WORDS, FORM))
    monkeypatch.setattr("reviewer.desk.choose", lambda *_: Obeying(WORDS, FORM))
    monkeypatch.setenv("CI", "true")
    said = target.run(*words)
    assert said.out + said.err
    assert _obeyed(said.out) == set()
    assert _obeyed(said.err) == set()
    assert not [line for line in (said.out + said.err).splitlines() if line.lstrip().startswith("::")]


@pytest.mark.usefixtures("careless")
def test_text_as_it_is_would_be_obeyed(reports: Callable[[], dict[str, str]]) -> None:
    made = reports()
    assert _obeyed(made["terminal"]) >= {"\x1b", "\u202e"}
    assert "img" in shown(made["markdown"]).tags
    assert any(line.startswith("::error file=x::forged") for line in made["github"].splitlines())
