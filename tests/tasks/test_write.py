from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from reviewer.tasks.session import Session
from reviewer.tasks.write import Wish, assertions, main_of, samples, signature_of
from tests.fakes import FakeProvider

FIRST = "def half(x: float) -> float:\n    return x / 2\n"


def test_the_first_version_s_signature_is_asked_of_the_others() -> None:
    provider = FakeProvider([FIRST, (FIRST, "def other(x): pass", "def half(")])
    assert list(samples(Session(provider), Wish("halve x"), 4)) == [FIRST, FIRST]
    first, second = provider.requests
    assert "signature" not in first.prompt
    assert "def half(x: float) -> float:" in second.prompt
    assert (first.temperature, second.samples) == (0.0, 3)
    assert second.temperature > 0


def test_a_wish_s_signature_and_examples_are_told_and_kept_to() -> None:
    provider = FakeProvider(["def quarter(x): pass"])
    wish = Wish("halve x", "def half(x):", ("assert half(4) == 2",))
    assert list(samples(Session(provider), wish, 1)) == []
    assert "def half(x):" in provider.requests[0].prompt
    assert "assert half(4) == 2" in provider.requests[0].prompt


def test_assertions_are_whole_lines_about_the_name_each_once() -> None:
    reply = "4) == 2\nassert half(4) == 2\nassert other(1) == 1\nprint(half(1))\nassert half(1) == 0.5\nassert half("
    found = assertions(Session(FakeProvider([reply])), Wish("halve", "def half(x):"))
    assert found == ("assert half(4) == 2", "assert half(1) == 0.5")


def test_a_class_is_tested_by_any_expression() -> None:
    provider = FakeProvider(["Stack().empty()"])
    assert assertions(Session(provider), Wish("a stack", "class Stack:")) == ("assert Stack().empty()",)


def test_names_in_signatures() -> None:
    assert [Wish("", s).name for s in ("def f(x):", "async def g():", "class A(B):", "class C:", "")] == [
        "f", "g", "A", "C", "",
    ]  # fmt: skip


def test_the_main_definition_is_the_named_one_or_the_last_public_one() -> None:
    code = "def a(): pass\ndef b(): pass\ndef _c(): pass\n"
    assert [getattr(main_of(code, n), "name", None) for n in ("", "a", "x")] == ["b", "a", None]
    assert main_of("x = 1") is None
    assert main_of("def (") is None


def test_the_signature_of_what_the_description_names_comes_first() -> None:
    code = "def solve(n, /, *, k=1) -> int:\n    return n\ndef helper(): pass\n"
    assert signature_of(code, "write solve for n") == "def solve(n, /, *, k=1) -> int:"
    assert signature_of(code) == "def helper():"
    assert signature_of("class A(B):\n    pass\n") == "class A:"


@given(st.text())
def test_any_reply_is_read(text: str) -> None:
    session = Session(FakeProvider([text, (text,), text]))
    list(samples(session, Wish("x"), 2))
    assertions(session, Wish("x", "def f(x):"))
    signature_of(text, text)
