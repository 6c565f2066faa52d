from __future__ import annotations

from dataclasses import replace

import pytest

from reviewer.behaviour.vote import AS_DOCUMENTED, CONFIDENCE, Poll
from reviewer.errors import ModelError
from reviewer.finding import Finding, Proof, Severity
from reviewer.review import FailOn, Skipped, decide
from reviewer.tasks.session import Session
from tests.fakes import FakeProvider

from .conftest import Stage

BASE = 'def total(items: list[int]) -> int:\n    """The sum of the items."""\n    return sum(items)\n'
HEAD = BASE.replace("sum(items)", "sum(items[1:])")
RIGHT = "def total(items):\n    found = 0\n    for i in items:\n        found += i\n    return found"
WRONG = "def total(items):\n    return 7"


def voted(stage: Stage, *codes: str, head: str = HEAD) -> tuple[Finding, Finding, FakeProvider]:
    """The finding before and after the vote."""
    (before,) = stage.look({"m.py": BASE}, {"m.py": head})
    provider = FakeProvider([tuple(f"{c}\n" for c in codes)])
    (after,) = hold(stage, provider)
    return before, after, provider


def hold(stage: Stage, provider: FakeProvider, wanted_too: bool = True) -> list[Finding]:
    """What is shown after the vote."""
    assert stage.case is not None
    Poll(stage.compared, Session(provider), stage.case.units, wanted_too).hold(stage.case.draft)
    return stage.case.draft.findings


@pytest.mark.usefixtures("walls")
class TestVotes:
    def test_the_versions_that_do_as_the_base_are_counted(self, stage: Stage) -> None:
        before, after, provider = voted(stage, RIGHT, WRONG, BASE)
        said = "; of 3 versions that the model wrote from the docstring alone, 2 do as before, 0 as now"
        assert after.message == before.message + said
        assert (after.rule_id, after.proof, after.severity) == ("bug/not-as-documented", Proof.TOOL, Severity.WARNING)
        assert not any(f.blocking for f in decide([after], FailOn.TOOL))
        assert "sum(items" not in provider.requests[0].prompt
        assert "The sum of the items." in provider.requests[0].prompt
        assert stage.compared.ground is not None
        assert (stage.compared.ground.head / "m.py").read_text() == HEAD

    def test_one_of_three_changes_nothing_but_the_words(self, stage: Stage) -> None:
        before, after, _ = voted(stage, RIGHT, WRONG, WRONG)
        assert after == replace(before, message=after.message, confidence=CONFIDENCE[1])
        assert after.message.endswith(", 1 do as before, 0 as now")

    def test_the_head_itself_is_a_vote_against_the_base(self, stage: Stage) -> None:
        assert voted(stage, HEAD, WRONG, RIGHT)[1].message.endswith(", 1 do as before, 1 as now")

    def test_versions_that_are_with_neither_side_say_nothing(self, stage: Stage) -> None:
        before, after, _ = voted(stage, WRONG, WRONG, WRONG)
        assert after == replace(before, message=after.message)
        assert after.message.endswith(", 0 do as before, 0 as now")

    def test_what_the_tests_of_the_change_speak_of_is_not_voted_on(self, stage: Stage) -> None:
        tests = {"test_m.py": "from m import total\n\n\ndef test_total():\n    assert total([7, 1]) == 1\n"}
        (before,) = stage.look({"m.py": BASE}, {"m.py": HEAD, **tests})
        assert before.rule_id == "bug/behaviour-changed-as-tested"
        assert hold(stage, FakeProvider()) == [before]

    def test_what_the_docstring_asks_for_is_counted_and_not_shown(self, stage: Stage) -> None:
        stage.look({"m.py": HEAD}, {"m.py": BASE})
        assert hold(stage, FakeProvider([(RIGHT, WRONG, RIGHT)]), wanted_too=False) == []
        assert stage.case is not None
        assert Skipped("1 difference in behaviour", AS_DOCUMENTED, harmless=True) in stage.case.draft.notes

    @pytest.mark.parametrize("codes", [(RIGHT, WRONG, WRONG), (RIGHT, RIGHT, HEAD)])
    def test_but_not_where_one_alone_says_so_or_one_says_no(self, stage: Stage, codes: tuple[str, ...]) -> None:
        stage.look({"m.py": HEAD}, {"m.py": BASE})
        (shown,) = hold(stage, FakeProvider([codes]), wanted_too=False)
        assert shown.rule_id == "bug/behaviour-changed"

    def test_an_exception_on_the_head_can_be_what_the_docstring_asks_for(self, stage: Stage) -> None:
        asked = BASE.replace("The sum of the items.", "The sum of the items. Raises IndexError for none.")
        raising = asked.replace("return sum(items)", "return items[0] + sum(items[1:])")
        stage.look({"m.py": asked}, {"m.py": raising})
        code = "def total(items):\n    if not items:\n        raise IndexError\n    return sum(items)"
        assert hold(stage, FakeProvider([(code, code, code)]), wanted_too=False) == []

    def test_too_few_versions_say_nothing(self, stage: Stage) -> None:
        before, after, _ = voted(stage, RIGHT, "not python (", RIGHT)
        assert after == before

    def test_what_is_not_documented_is_not_asked_about(self, stage: Stage) -> None:
        bare = HEAD.replace('    """The sum of the items."""\n', "")
        before, after, provider = voted(stage, head=bare)
        assert (after, provider.requests) == (before, [])

    def test_an_engine_that_fails_leaves_the_finding(self, stage: Stage) -> None:
        stage.look({"m.py": BASE}, {"m.py": HEAD})
        assert stage.case is not None
        before = list(stage.case.draft.findings)
        with pytest.raises(ModelError):
            hold(stage, FakeProvider([ModelError("gone")]))
        assert stage.case.draft.findings == before
