from __future__ import annotations

import json

import pytest

from reviewer.change.change import Span, Unit, UnitKind
from reviewer.draft import Draft
from reviewer.errors import AnswerError, ModelError
from reviewer.finding import Category, Finding, Location, Proof, Severity
from reviewer.llm.base import OnText, Reply, Request
from reviewer.review import FailOn, Review
from reviewer.tasks.prompt import CODE_LIMIT
from reviewer.tasks.session import Session
from reviewer.tasks.understand import MAX_EXPLAINED, Wanted, understand
from tests.fakes import FakeProvider

NOTHING = json.dumps({"change": "Says something.", "defects": []})


def unit(path: str, name: str, start: int = 1, lines: int = 1, text: str = "") -> Unit:
    kind = UnitKind.FUNCTION if name else UnitKind.BLOCK
    source = text or "\n".join(f"x{n} = {n}" for n in range(start, start + lines)) + "\n"
    changed = frozenset(range(start, start + lines))
    return Unit(path, name, kind, None, Span(start, start + lines - 1, source), changed)


def claim(line: str, category: str = "bug") -> str:
    defects = [{"category": category, "line": line, "problem": "It is wrong."}]
    return json.dumps({"change": "Says something.", "defects": defects})


def tool(unit: Unit, severity: Severity = Severity.ERROR, category: Category = Category.BUG) -> Finding:
    assert unit.head is not None
    place = Location(unit.path, unit.head.start, unit.head.start)
    return Finding("ruff/F821", category, severity, Proof.TOOL, place, "q", "m", ("ruff",), unit.name)


def go(
    provider: FakeProvider,
    units: list[Unit],
    draft: Draft | None = None,
    *,
    deadline: float | None = None,
    max_units: int = 40,
    max_findings: int = 5,
) -> Review:
    draft = draft or Draft("b", "h")
    said = list[tuple[str, int, int]]()
    try:
        understand(
            Session(provider, deadline), units, draft, lambda *s: said.append(s), Wanted(max_units, max_findings)
        )
    except ModelError:
        draft.summary = "raised"
    assert [number for _, number, _ in said] == list(range(len(said)))
    return draft.review(FailOn.TOOL, "fail")


def asked(provider: FakeProvider) -> list[str]:
    return [r.prompt for r in provider.requests if r.schema]


def test_units_are_asked_about_by_risk_and_summed_up() -> None:
    units = [unit("a.py", "few"), unit("b.toml", "", 1, 9), unit("a.py", "many", 5, 3), unit("a.py", "flagged", 9)]
    draft = Draft("b", "h")
    draft.findings = [tool(units[3], category=Category.STYLE)]
    provider = FakeProvider([NOTHING] * 4 + ["The whole."])
    review = go(provider, units, draft)
    assert review.receipt.units == ("a.py::flagged", "a.py::many", "a.py::few", "b.toml:1")
    assert ["x9" in asked(provider)[0], "x7" in asked(provider)[1], "x9" in asked(provider)[3]] == [True] * 3
    assert review.summary == "The whole."
    assert [e.name for e in review.explanations] == ["flagged", "many", "few", ""]
    assert review.complete


def test_tests_and_imports_are_not_asked_about() -> None:
    provider = FakeProvider()
    review = go(provider, [unit("test_a.py", "test_x"), unit("a.py", "", text="import os\n")])
    assert (provider.requests, review.complete) == ([], True)


def test_units_over_the_limit_and_too_long_ones_are_said_and_the_review_is_not_complete() -> None:
    units = [
        unit("a.py", "long", 1, 3, "x = '" + "y" * CODE_LIMIT + "'\n"),
        unit("a.py", "b", 5, 2),
        unit("a.py", "c", 9),
    ]
    review = go(FakeProvider([NOTHING]), units, max_units=2)
    assert {s.what: s.reason for s in review.skipped} == {
        "a.py::c": "only 2 units are shown to the model",
        "a.py::long": "too long for the model's context",
    }
    assert not review.complete
    assert review.receipt.units == ("a.py::b",)


def test_at_the_deadline_every_unit_that_is_left_is_skipped_and_nothing_more_is_asked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    blocks = [unit("a.py", "", 1, 3), unit("a.py", "", 9, 2), unit("a.py", "", 20)]
    provider = _Clock([NOTHING, NOTHING, NOTHING])
    monkeypatch.setattr("reviewer.tasks.session.time", provider)
    review = go(provider, blocks, deadline=10)
    assert len(provider.requests) == 1
    assert [(s.what, s.reason) for s in review.skipped] == [("a.py:9", "deadline"), ("a.py:20", "deadline")]
    assert (review.complete, len(review.explanations)) == (False, 1)


def test_a_unit_whose_reply_was_cut_is_skipped_for_that_and_not_called_late(monkeypatch: pytest.MonkeyPatch) -> None:
    provider = _Clock(['{"change": "Cu', NOTHING])
    monkeypatch.setattr("reviewer.tasks.session.time", provider)
    review = go(provider, [unit("a.py", "f", 1, 2), unit("a.py", "g", 5)], deadline=10)
    assert [(s.what, s.reason) for s in review.skipped] == [
        ("a.py::f", "the model's answer was cut"), ("a.py::g", "deadline"),
    ]  # fmt: skip
    assert (review.complete, review.receipt.units) == (False, ())


def test_a_unit_that_does_not_fit_the_context_is_skipped_by_name_and_the_others_are_read() -> None:
    units = [unit("a.py", "f", 1, 2), unit("a.py", "g", 5)]
    review = go(FakeProvider([AnswerError("the prompt has 9999 tokens"), NOTHING, "sum"]), units)
    skipped = {(s.what, s.reason, s.harmless) for s in review.skipped}
    assert ("a.py::f", "the model gave no answer", False) in skipped
    assert review.receipt.units == ("a.py::g",)
    assert not review.complete


def _changed(name: str, start: int, base: str, head: str) -> Unit:
    before, after = (Span(start, start + 1, f"def {name}():\n    return {code}\n") for code in (base, head))
    return Unit("a.py", name, UnitKind.FUNCTION, before, after, frozenset({start + 1}))


def test_beside_what_the_model_says_stands_what_the_syntax_tells() -> None:
    (told,) = go(FakeProvider([NOTHING]), [_changed("f", 1, "1", "2")]).explanations
    assert told.facts == ("`return 2` where `return 1` was",)
    assert told.told == "`return 2` where `return 1` was. The model says: Says something."


def test_the_model_is_told_what_differs_and_not_asked_about_code_that_runs_alike() -> None:
    provider = FakeProvider([NOTHING] * 2)
    same = _changed("same", 9, "1", "1  # as it was")
    review = go(provider, [_changed("f", 1, "1", "2"), same])
    assert [prompt.splitlines()[-1] for prompt in asked(provider)] == ["What differs: `return 2` where `return 1` was."]
    assert [(e.name, e.text) for e in review.explanations] == [("f", "Says something."), ("same", "")]
    assert (review.receipt.units, review.complete) == (("a.py::f", "a.py::same"), True)


def test_what_the_model_did_not_come_to_is_told_by_the_syntax(monkeypatch: pytest.MonkeyPatch) -> None:
    provider = _Clock(["cut", NOTHING])
    monkeypatch.setattr("reviewer.tasks.session.time", provider)
    units = [_changed("f", 1, "1", "2"), _changed("g", 5, "3", "4"), unit("a.py", "new", 9)]
    told = go(provider, units, deadline=10).explanations
    assert [(e.name, e.text, bool(e.facts)) for e in told] == [("f", "", True), ("g", "", True)]


def test_of_code_with_a_secret_nothing_is_quoted() -> None:
    draft = Draft("b", "h")
    draft.secrets = ("hunter2hunter2",)
    review = go(FakeProvider([NOTHING]), [_changed("f", 1, "'hunter2hunter2'", "None")], draft)
    assert review.explanations[0].facts == ()


def test_a_failure_half_way_keeps_what_was_said() -> None:
    units = [unit("a.py", "f", 1, 2), unit("a.py", "g", 5)]
    review = go(FakeProvider([claim("x1 = 1"), ModelError("broken")]), units)
    assert review.summary == "raised"
    assert [e.name for e in review.explanations] == ["f"]
    assert [(f.rule_id, f.location.start_line, f.blocking) for f in review.findings] == [("bug/model", 1, False)]


def test_claims_that_evidence_makes_already_and_those_over_the_limit_are_counted() -> None:
    units = [unit("a.py", "f", 1, 2), unit("a.py", "g", 5), unit("a.py", "h", 9)]
    draft = Draft("b", "h")
    draft.findings = [tool(units[0])]
    replies = [claim("x1 = 1"), claim("x5 = 5"), claim("x9 = 9", "security"), "Sum.", "Why."]
    review = go(FakeProvider(replies), units, draft, max_findings=1)
    assert [f.location.start_line for f in review.findings if f.proof is Proof.MODEL] == [5]
    assert review.receipt.rejected == {"said by evidence already": 1, "over the limit": 1}


def test_proved_findings_are_explained_worst_first_with_the_unit_they_are_in() -> None:
    blocks = [unit("a.py", "", start) for start in range(1, 30, 4)]
    draft = Draft("b", "h")
    draft.findings = [tool(b, Severity.WARNING) for b in blocks] + [
        tool(blocks[0], category=Category.STYLE), tool(blocks[1], category=Category.SECURITY),
    ]  # fmt: skip
    words = [f"Word {n}." for n in range(MAX_EXPLAINED)]
    provider = FakeProvider([NOTHING] * len(blocks) + ["Sum.", *words])
    go(provider, blocks, draft)
    assert [f.explanation for f in draft.findings] == [*words[1:], *[""] * (len(blocks) - 4), "", words[0]]
    prompts = [r.prompt for r in provider.requests[len(blocks) + 1 :]]
    assert ["x5 = 5" in prompts[0], "x1 = 1" in prompts[1], "x9 = 9" in prompts[3]] == [True] * 3


@pytest.mark.parametrize("units", [[], [unit("test_a.py", "f")]])
def test_nothing_to_say_is_no_summary(units: list[Unit]) -> None:
    assert go(FakeProvider(), units).summary == ""


class _Clock(FakeProvider):
    """Every answer takes ten seconds of a clock that nothing else moves."""

    now = 0.0

    def monotonic(self) -> float:
        return self.now

    def complete(self, request: Request, on_text: OnText | None = None) -> Reply:
        self.now += 10
        return super().complete(request, on_text)


def test_prose_is_left_out_and_named() -> None:
    provider = FakeProvider([NOTHING])
    review = go(provider, [unit("CHANGES.md", ""), unit("a.py", "f")])
    assert len(asked(provider)) == 1
    assert [(s.what, s.harmless) for s in review.skipped] == [("CHANGES.md", True)]


def test_the_rules_of_the_house_are_held_after_the_unit_was_read_under_one_limit() -> None:
    one = unit("m.py", "f", lines=2)
    replies = [
        claim("x1 = 1"), json.dumps({"broken": [{"rule": 1, "line": "x2 = 2"}]}),
        json.dumps({"breaks_the_rule": True}),
    ]  # fmt: skip
    draft, provider = Draft("b", "h"), FakeProvider(replies)
    understand(Session(provider), [one], draft, lambda *_: None, Wanted(5, 1, ("no twos",)))
    assert [(f.rule_id, f.location.start_line) for f in draft.findings] == [("style/house-rule", 2)]
    assert draft.rejected["over the limit"] == 1


def test_a_summary_that_names_what_no_explanation_has_is_dropped_and_counted() -> None:
    draft = Draft("b", "h")
    review = go(FakeProvider([NOTHING, NOTHING, "It adds `ghost`."]), [unit("a.py", "f"), unit("b.py", "g")], draft)
    assert review.summary == ""
    assert draft.rejected["names what is not in the code"] == 1
