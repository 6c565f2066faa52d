from __future__ import annotations

import json

from reviewer.change.change import Span, Unit, UnitKind
from reviewer.finding import Category, Proof, Severity
from reviewer.tasks.rules import MOST_RULES, hold
from reviewer.tasks.session import Session
from tests.fakes import FakeProvider

SOURCE = "def f():\n    try:\n        g()\n    except Exception:\n        pass"
UNIT = Unit("m.py", "f", UnitKind.FUNCTION, None, Span(11, 15, SOURCE), frozenset({13, 14}))
RULES = ("we never catch bare Exception", "names are short")
YES, NO = json.dumps({"breaks_the_rule": True}), json.dumps({"breaks_the_rule": False})


def said(*claims: tuple[int, str]) -> str:
    return json.dumps({"broken": [{"rule": rule, "line": line} for rule, line in claims]})


def test_a_claim_that_stands_twice_is_a_note_of_the_model_at_the_line() -> None:
    provider = FakeProvider([said((1, "    except Exception:"), (1, "except Exception:")), YES])
    held = hold(Session(provider), UNIT, RULES)
    (finding,) = held.findings
    assert (finding.location.path, finding.location.start_line, finding.unit) == ("m.py", 14, "f")
    assert (finding.proof, finding.severity, finding.category) == (Proof.MODEL, Severity.NOTE, Category.STYLE)
    assert finding.message == "may break a rule of this project: we never catch bare Exception"
    first, second = provider.requests
    assert "1. we never catch bare Exception\n2. names are short\n" in first.prompt
    assert "Rule: we never catch bare Exception\nLine: `except Exception:`" in second.prompt
    assert "names are short" not in second.prompt


def test_a_claim_that_is_withdrawn_is_counted() -> None:
    for answer in (NO, "cut {", "[]"):
        held = hold(Session(FakeProvider([said((1, "except Exception:")), answer])), UNIT, RULES)
        assert (held.findings, held.rejected) == ((), {"withdrawn when asked again": 1})


def test_what_cannot_be_placed_is_rejected_and_not_asked_about() -> None:
    reply = said((1, "except ValueError:"), (3, "g()"), (1, "pass"))
    held = hold(Session(FakeProvider([reply])), UNIT, RULES)
    assert held.findings == ()
    assert held.rejected == {"quote not in the unit": 2, "not on a changed line": 1}
    assert hold(Session(FakeProvider(["cut {"])), UNIT, RULES).rejected == {"reply was cut": 1}
    assert hold(Session(FakeProvider(['{"broken": [7]}'])), UNIT, RULES).findings == ()


def test_without_rules_or_code_nothing_is_asked() -> None:
    provider = FakeProvider()
    assert hold(Session(provider), UNIT, ()).findings == ()
    gone = Unit("m.py", "f", UnitKind.FUNCTION, Span(1, 1, "x"), None, frozenset())
    assert hold(Session(provider), gone, RULES).findings == ()
    assert provider.requests == []


def test_the_first_rules_alone_are_held() -> None:
    provider = FakeProvider([said()])
    hold(Session(provider), UNIT, [f"rule {n}" for n in range(40)])
    assert f"rule {MOST_RULES - 1}\n" in provider.requests[0].prompt
    assert f"rule {MOST_RULES}\n" not in provider.requests[0].prompt
