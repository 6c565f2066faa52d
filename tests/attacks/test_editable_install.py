"""The project is installed in the environment as a link to the user's work tree, which is not what is reviewed."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from reviewer.sandbox import bubblewrap
from tests.verify.cases import Case, staged

from .conftest import BUG, CALC, Switches, green, reviewed

TESTS = "from calc import half\n\n\ndef test_half():\n    assert half(4) == 2\n"


@pytest.fixture
def case(tmp_path: Path, lean: Path) -> Iterator[Case]:
    """What is staged is broken; the work tree, to which the environment leads, is not."""
    environment = tmp_path / "environment"
    shutil.copytree(lean, environment, symlinks=True)
    made = staged(tmp_path, {"python/calc.py": CALC, "test_calc.py": TESTS}, {"python/calc.py": BUG}, environment)
    root = Path(made.change.root)
    (root / "python/calc.py").write_text(CALC)
    (packages,) = environment.glob("lib/python*/site-packages")
    (packages / "project.pth").write_text(f"{root / 'python'}\n")
    yield made
    made.repo.close()


def test_behind_walls_the_link_leads_to_what_is_reviewed(case: Case) -> None:
    program = bubblewrap.find()
    if program is None or bubblewrap.why_not(program):
        pytest.skip("no user namespaces here")
    review = reviewed(replace(case, settings=replace(case.settings, sandbox="required")))
    assert [(f.rule_id, f.location.path, f.blocking) for f in review.findings] == [
        ("bug/test-regression", "python/calc.py", True)
    ]


def test_without_walls_code_from_elsewhere_is_noticed(case: Case) -> None:
    review = reviewed(case)
    assert not green(review)
    assert any("elsewhere than the reviewed tree" in s.reason for s in review.skipped)


def test_without_walls_and_without_looking_where_code_comes_from_the_wrong_tree_is_judged(
    case: Case, without: Switches
) -> None:
    without.plugin(
        "    found = []\n    for name, module in sorted(sys.modules.items()):",
        "    found = []\n    for name, module in []:",
    )
    without.canary()
    assert green(reviewed(case))


def test_the_canary_alone_notices_it_too(case: Case, without: Switches) -> None:
    without.plugin(
        "    found = []\n    for name, module in sorted(sys.modules.items()):",
        "    found = []\n    for name, module in []:",
    )
    assert reviewed(case).tests.canary == "missed"
