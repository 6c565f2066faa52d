"""`llm-review generate` for a file that exists: `--test-for` and `--into`, with real pytest; the model is a fake."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from reviewer import desk
from reviewer.cli import main
from reviewer.errors import ExitCode
from tests.conftest import Repo
from tests.fakes import FakeProvider

SHOP = '''"""A shop."""

import math

from .money import rounded


class Cart:
    """What is bought."""

    def __init__(self, prices):
        self.prices = prices

    def total(self):
        return rounded(sum(self.prices))


def discount(price, percent):
    if percent > 100:
        raise ValueError("too much")
    return price * (100 - percent) / 100
'''
FILES: dict[str, str | bytes] = {
    "shop/__init__.py": "",
    "shop/money.py": "def rounded(x):\n    return round(x, 2)\n",
    "shop/cart.py": SHOP,
    "tests/test_cart.py": "from shop.cart import Cart\n\n\ndef test_total():\n    assert Cart([1, 2]).total() == 3\n",
}
WEAK = "half():\n    assert discount(0, 50) == 0\n"
GOOD = """half():
    assert discount(10, 50) == 5
    assert discount(10, 50) == 6


def test_limit():
    assert discount(10, 100) == 0
    with pytest.raises(ValueError):
        discount(10, 101)


def test_blind():
    assert 1 + 1 == 2
"""
LIAR = "wrong():\n    assert discount(1, 1) == 1\n"
MOST = "most(self):\n    return max(self.prices)\n"
ASSERTIONS = "[1, 3]).most() == 3\nassert Cart([5, 2]).most() == 5\nassert Cart([-1, -2]).most() == -1"
Captured = pytest.CaptureFixture[str]


@pytest.fixture
def repo(tmp_path: Path, lean: Path, monkeypatch: pytest.MonkeyPatch) -> Repo:
    found = Repo(tmp_path / "repo")
    found.commit(FILES)
    monkeypatch.chdir(found.root)
    monkeypatch.setenv("LLM_REVIEW_PYTHON", str(lean))
    return found


def answers(monkeypatch: pytest.MonkeyPatch, *replies: str | tuple[str, ...]) -> FakeProvider:
    fake = FakeProvider(replies)
    monkeypatch.setattr(desk, "choose", lambda *_: fake)
    return fake


def generate(*words: str) -> int:
    return main(["generate", *words, "--sandbox", "none", "-q"])


def test_the_test_that_notices_most_is_shown_without_what_does_not_hold(
    repo: Repo, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    provider = answers(monkeypatch, WEAK, (GOOD, LIAR))
    before = repo.state()
    assert generate("--test-for", "shop/cart.py::discount", "-n", "3") == ExitCode.OK
    said = capsys.readouterr()
    assert "from shop.cart import discount" in said.out
    assert "assert discount(10, 50) == 5" in said.out
    assert "== 6" not in said.out
    assert "test_blind" not in said.out
    assert "discount: 2 tests, 3 assertions; pass as the code stands, fail when it is made to raise" in said.err
    assert "    test_half: assert discount(10, 50) == 6" in said.err
    assert "the best of 2 modules that could be used; 3 were written" in said.err
    assert " mutants noticed" in said.err
    assert "def discount(price, percent):" in provider.requests[0].prompt
    assert repo.state() == before


def test_it_is_put_where_the_project_keeps_its_tests(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    answers(monkeypatch, GOOD)
    assert generate("--test-for", "shop/cart.py::discount", "-n", "1", "--write") == ExitCode.OK
    assert "discount(10, 101)" in (repo.root / "tests/test_cart_discount.py").read_text()
    assert generate("--test-for", "shop/cart.py::discount", "-n", "1", "--write") == ExitCode.USAGE


def test_the_report_as_json_names_the_mutants_that_survive(
    repo: Repo, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    answers(monkeypatch, WEAK)
    assert generate("--test-for", "shop/cart.py::discount", "-n", "1", "--format", "json") == ExitCode.OK
    data = json.loads(capsys.readouterr().out)
    assert (data["kind"], data["tests"], data["already"]) == ("tested", 1, 0)
    assert data["killed"] + len(data["survivors"]) == data["mutants"] > 5
    assert "line 19: `percent > 100` became `percent >= 100`" in data["survivors"]


def test_of_a_model_that_only_guesses_nothing_is_left(
    repo: Repo, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    answers(monkeypatch, LIAR, ("blind():\n    assert 1 + 1 == 2\n",))
    assert generate("--test-for", "shop/cart.py::discount", "-n", "2") == ExitCode.USAGE
    assert "no test that the model wrote for discount holds and notices" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--test-for", "shop/cart.py::gone"), "shop/cart.py has no function gone"),
        (("--test-for", "shop/gone.py::f"), "shop/gone.py is no Python file of the repository"),
        (("--test-for", "shop/cart.py"), "one function is needed"),
        (("text", "--test-for", "shop/cart.py::discount"), "told by the code alone"),
        (("text", "--into", "shop/cart.py::Basket"), "shop/cart.py has no class Basket"),
        (("--into", "shop/cart.py"), "there is no description"),
        (("text", "--into", "shop/cart.py", "--run"), "--into changes a file"),
    ],
)
def test_what_cannot_be_done_is_said(repo: Repo, capsys: Captured, words: tuple[str, ...], message: str) -> None:
    assert generate(*words) == ExitCode.USAGE
    assert message in capsys.readouterr().err


def test_a_method_is_tried_in_its_class_and_shown_as_a_diff(
    repo: Repo, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    provider = answers(monkeypatch, MOST, (MOST.replace("max", "min"), MOST), ASSERTIONS)
    before = repo.state()
    assert generate("the dearest price", "--into", "shop/cart.py::Cart", "-n", "3") == ExitCode.OK
    said = capsys.readouterr()
    assert "+    def most(self):\n+        return max(self.prices)\n" in said.out
    assert "checked\n  2 of 3 versions that the model wrote answer alike" in said.err
    assert "1 test of the project pass with it, and none that passed fails" in said.err
    assert "class Cart:" in provider.requests[0].prompt
    assert "from .money import rounded" in provider.requests[0].prompt
    assert repo.state() == before


def test_a_function_goes_to_the_end_of_the_module_and_is_written_when_asked(
    repo: Repo, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    code = "from decimal import Decimal\n\n\ndef vat(price):\n    return float(Decimal(price) * 19 / 100)\n"
    answers(
        monkeypatch, code, (code,), "vat(100) == 19\nassert vat(0) == 0\nassert vat(200) == 38".removeprefix("vat(")
    )
    words = ("the tax", "--into", "shop/cart.py", "-n", "2", "--examples", "vat(100) == 19", "--write")
    assert generate(*words) == ExitCode.OK
    text = (repo.root / "shop/cart.py").read_text()
    assert text.startswith(SHOP.replace("rounded\n", "rounded\nfrom decimal import Decimal\n", 1)[:80])
    assert text.endswith(
        "    return price * (100 - percent) / 100\n\n\ndef vat(price):\n    return float(Decimal(price) * 19 / 100)\n"
    )


def test_what_breaks_a_test_of_the_project_is_said_and_not_written(
    repo: Repo, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    narrow = "import shop.cart\n\n\ndef test_it():\n    assert 'most' not in dir(shop.cart.Cart)\n"
    repo.write("tests/test_names.py", narrow)
    answers(monkeypatch, MOST, (MOST, MOST), ASSERTIONS)
    before = repo.state()
    assert generate("the dearest", "--into", "shop/cart.py::Cart", "-n", "3", "--write") == ExitCode.BLOCKED
    said = capsys.readouterr().err
    assert "BREAKS 1 test of the project: tests/test_names.py::test_it" in said
    assert "not written" in said
    assert repo.state() == before


def test_what_is_there_already_is_not_replaced(repo: Repo, monkeypatch: pytest.MonkeyPatch, capsys: Captured) -> None:
    answers(monkeypatch, "total(self):\n    return 0\n")
    assert generate("the sum", "--into", "shop/cart.py::Cart", "-n", "1") == ExitCode.USAGE
    assert "there is a total already" in capsys.readouterr().err
