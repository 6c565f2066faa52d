from __future__ import annotations

import ast
import sys
from contextlib import closing
from pathlib import Path
from unittest.mock import Mock

import griffe
import pytest

from reviewer.change.diff import read_change
from reviewer.change.git import Repository
from reviewer.change.spec import parse_spec
from reviewer.change.units import cut
from reviewer.evidence.api import SIGNATURE, alike, api_breaks, module_of
from reviewer.evidence.base import Evidence
from reviewer.finding import Severity
from tests.conftest import Repo

SHOP = """def total(prices, tax=0):
    return sum(prices) + tax


def gone():
    return 1


class Basket:
    def __init__(self, owner):
        self.owner = owner

    def add(self, item):
        return self.put(item)

    def put(self, item):
        return item
"""


def look(tmp_path: Path, edit: tuple[str, str], others: dict[str, str]) -> Evidence:
    """The breaks of an edit of the shop, where other files are there too."""
    repo = Repo(tmp_path / "repo")
    files = {"shop/__init__.py": "", "shop/core.py": SHOP, **others}
    for name, text in files.items():
        path = repo.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    repo.git("add", ".")
    repo.git("commit", "-qm", "base")
    assert edit[0] in SHOP
    (repo.root / "shop/core.py").write_text(SHOP.replace(*edit))
    with closing(Repository.open(repo.root, tmp_path / "scratch")) as opened:
        change, _ = read_change(opened, parse_spec(None, False, True, None))
        return api_breaks(opened, change, cut(change, opened.read)[0])


def places(evidence: Evidence) -> list[tuple[str, int]]:
    return [(f.location.path, f.location.start_line) for f in evidence.findings if f.severity is Severity.ERROR]


TAX = ("tax=0", "tax")
GONE = ("def gone():\n    return 1\n", "")


@pytest.mark.parametrize(
    ("edit", "caller"),
    [
        (TAX, "from shop.core import total\n\nprint(total([1]))\n"),
        (TAX, "import shop.core\n\nprint(shop.core.total([1]))\n"),
        (TAX, "from shop import core as c\n\nprint(c.total(prices=[1]))\n"),
        (("tax=0", "*, vat=0"), "from shop.core import total\n\ntotal([1], tax=2)\n"),
        (("(prices, tax=0)", "(prices)"), "from shop.core import total\n\ntotal([1], 2)\n"),
        (GONE, "import os\n\nfrom shop.core import gone\n"),
        (("self, owner)", "self, owner, size)"), "from shop.core import Basket\n\nBasket('me')\n"),
    ],
)
def test_a_caller_that_breaks_is_an_error_at_the_caller(tmp_path: Path, edit: tuple[str, str], caller: str) -> None:
    assert places(look(tmp_path, edit, {"use.py": caller})) == [("use.py", 3)]


def test_the_same_package_and_the_same_class_are_callers_too(tmp_path: Path) -> None:
    one = look(tmp_path / "1", GONE, {"shop/more.py": "from .core import gone\n"})
    assert places(one) == [("shop/more.py", 1)]
    two = look(tmp_path / "2", ("def put(self, item)", "def put(self, item, count)"), {})
    assert places(two) == [("shop/core.py", 14)]


@pytest.mark.parametrize(
    ("edit", "caller"),
    [
        (TAX, "from shop.core import total\n\ntotal([1], 2)\ntotal([1], tax=3)\n"),
        (TAX, "from shop.core import total\n\ntotal(*arguments)\ntotal(**options)\n"),
        (TAX, "from mine import total\n\ntotal([1])\n"),
        (TAX, "from shop.core import total\n\n\ndef f(total):\n    return total([1])\n"),
        (TAX, "from shop.core import total\n\ntry:\n    total([1])\nexcept TypeError:\n    pass\n"),
        (TAX, "from shop.core import total\n\ntotal()\n"),
        (GONE, "try:\n    from shop.core import gone\nexcept ImportError:\n    gone = None\n"),
        (GONE, "from other.core import gone\n"),
        (("tax=0", "tax=1"), "from shop.core import total\n\ntotal([1])\n"),
        (("def total(", "@wraps\ndef total("), "from shop.core import total\n\ntotal([1])\n"),
    ],
)
def test_what_works_or_cannot_be_told_is_left_alone(tmp_path: Path, edit: tuple[str, str], caller: str) -> None:
    assert places(look(tmp_path, edit, {"use.py": caller})) == []


def test_without_a_caller_all_that_is_gone_is_one_note(tmp_path: Path) -> None:
    text = SHOP[: SHOP.index("class")]
    found = look(tmp_path, (text, "def total(prices):\n    return 0\n\n\n"), {})
    (note,) = found.findings
    assert (note.rule_id, note.severity) == ("style/public-api", Severity.NOTE)
    assert "`gone` is gone" in note.message
    assert "`total` is called differently" in note.message


def test_what_was_never_public_is_no_api(tmp_path: Path) -> None:
    repo_files = {"tests/test_a.py": "def helper(a):\n    return a\n"}
    assert look(tmp_path, ("return sum(prices) + tax", "return tax + sum(prices)"), repo_files).findings == ()


def test_a_module_that_is_gone_breaks_its_importers(tmp_path: Path) -> None:
    repo = Repo(tmp_path / "repo")
    (repo.root / "old.py").write_text("X = 1\n")
    (repo.root / "use.py").write_text("import os\nimport old\n")
    repo.git("add", ".")
    repo.git("commit", "-qm", "base")
    (repo.root / "old.py").unlink()
    with closing(Repository.open(repo.root, tmp_path / "scratch")) as opened:
        change, _ = read_change(opened, parse_spec(None, False, True, None))
        assert places(api_breaks(opened, change, cut(change, opened.read)[0])) == [("use.py", 2)]


def test_nothing_of_the_change_is_imported(tmp_path: Path) -> None:
    trap = f"open({str(tmp_path / 'sprung')!r}, 'w')\n"
    look(tmp_path, ("def total(prices, tax=0)", f"{trap}def total(prices)"), {"use.py": trap})
    assert not (tmp_path / "sprung").exists()
    assert "shop" not in sys.modules


def test_names_of_modules() -> None:
    assert [module_of(p) for p in ("src/a/b.py", "a/__init__.py", "a.py")] == ["a.b", "a", "a"]


def test_a_module_that_is_too_wide_for_griffe_is_left_out_and_named(tmp_path: Path) -> None:
    found = look(tmp_path, ("def total(", "x = 1\n" * 2_100 + "\n\ndef total("), {})
    (skipped,) = found.skipped
    assert (skipped.what, skipped.harmless) == ("api: shop/core.py", True)
    assert "too many statements" in skipped.reason


@pytest.mark.parametrize(
    ("old", "new", "same"),
    [
        ("def f(a):\n    return a\n", "def f(a):\n    g = 1\n    return a + g\n", True),
        ("def f(a):\n    return a\n", "def f(a, b):\n    return a\n", False),
        ("class A:\n    def f(self):\n        self.x = 1\n", "class A:\n    def f(self):\n        self.y = 1\n", True),
        (
            "class A:\n    def __init__(self):\n        self.x = 1\n",
            "class A:\n    def __init__(self):\n        pass\n",
            False,
        ),
        ("X = 1\n", "X = True\n", False),
        ("@a\ndef f():\n    pass\n", "def f():\n    pass\n", False),
        ("import a\n", "import a as b\n", False),
    ],
)
def test_griffe_is_asked_where_it_may_see_a_difference(old: str, new: str, same: bool) -> None:
    assert alike(ast.parse(old), ast.parse(new)) is same
    if same:
        assert list(griffe.find_breaking_changes(*(griffe.visit("m", Path("m.py"), text) for text in (old, new)))) == []


@pytest.mark.parametrize(
    ("edit", "read"),
    [
        (("return sum(prices) + tax", "return tax + sum(prices)"), False),
        (("return item", "return [item]"), False),
        (("self.owner = owner", "self.owners = [owner]"), True),
        (("tax=0", "tax=1"), True),
        (("def total(prices, tax=0):\n", "def total(prices, tax=(\n    0)):\n"), True),
        (("def total(prices, tax=0):\n", "@cached\ndef total(prices, tax=0):\n"), True),
        (("class Basket:", "LIMIT = 1\n\n\nclass Basket:"), True),
        (GONE, True),
    ],
)
def test_a_module_is_read_again_where_more_than_the_insides_of_functions_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, edit: tuple[str, str], read: bool
) -> None:
    asked = Mock(return_value=True)
    monkeypatch.setattr("reviewer.evidence.api.alike", asked)
    look(tmp_path, edit, {})
    assert asked.called is read


@pytest.mark.parametrize(
    ("line", "whole"),
    [
        ("def f(a, *, b=1, **c):", True),
        ("    async def f(self, a: int) -> a.b:", True),
        ("def f(a=(1), b=lambda x=(2):", False),
        ("def f(", False),
        ("@property", False),
        ("def f(a: list[int]):", False),
        ("def f(a='):'):", False),
    ],
)
def test_a_line_that_surely_is_a_whole_signature(line: str, whole: bool) -> None:
    assert bool(SIGNATURE.fullmatch(line)) is whole
