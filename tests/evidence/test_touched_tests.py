from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from reviewer.evidence import touched_tests
from reviewer.evidence.recorded import Record
from reviewer.evidence.touched_tests import Selection, select
from tests.evidence.changes import make

TREE = {
    "src/pkg/__init__.py": "from .core import f\n",
    "src/pkg/core.py": "def f(): return 1\n",
    "src/pkg/other.py": "def g(): return 1\n",
    "src/pkg/user.py": "from pkg import core\n",
    "tests/conftest.py": "",
    "tests/test_direct.py": "from pkg.core import f\n",
    "tests/test_package.py": "import pkg\n",
    "tests/deep/test_far.py": "import pkg.user\n",
    "tests/test_other.py": "",
    "tests/test_other_things.py": "",
    "tests/data/table.csv": "1\n",
    "tests/test_table.py": "open('data/table.csv')\n",
    "tests/helper.py": "import pkg.core\n",
    "tests/test_helped.py": "from helper import z\n",
    ".gitignore": "tests/\n",
    "ruff.toml": "exclude = ['tests']\n",
}


def touched(root: Path, head: Mapping[str, str | None], patterns: tuple[str, ...] = ("test_*.py",)) -> Selection:
    tree = {path: text for path, text in {**TREE, **head}.items() if text is not None}
    for path, text in tree.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    return select(make(TREE, tree).change, root, patterns)


def test_tests_that_import_the_change_come_nearest_first_with_their_reasons(tmp_path: Path) -> None:
    found = touched(tmp_path, {"src/pkg/core.py": "def f(): return 2\n"})
    assert dict(found.reasons) == {
        "tests/test_direct.py": "imports src/pkg/core.py",
        "tests/deep/test_far.py": "imports, in 2 steps, src/pkg/core.py",
        "tests/test_helped.py": "imports, in 2 steps, src/pkg/core.py",
        "tests/test_package.py": "imports, in 2 steps, src/pkg/core.py",
    }
    assert found.targets == tuple(found.reasons)
    assert found.skipped == ()
    assert [c.exit_code for c in found.commands] == [0]


def test_a_changed_test_is_first_and_imports_from_its_own_folder_count(tmp_path: Path) -> None:
    found = touched(tmp_path, {"tests/helper.py": "import pkg.core  # z\n", "tests/test_package.py": "import pkg \n"})
    assert found.targets == ("tests/test_package.py", "tests/test_helped.py")


def test_names_count_where_nothing_is_imported_and_where_the_file_is_gone(tmp_path: Path) -> None:
    assert touched(tmp_path, {"src/pkg/other.py": None}).targets == (
        "tests/test_other.py",
        "tests/test_other_things.py",
    )


def test_a_test_that_imports_what_is_gone_is_touched(tmp_path: Path) -> None:
    found = touched(tmp_path, {"src/pkg/core.py": None})
    assert found.targets == ("tests/test_direct.py",)
    assert found.reasons["tests/test_direct.py"] == "imports src/pkg/core.py, which is gone"


def test_a_changed_conftest_touches_what_is_below_it(tmp_path: Path) -> None:
    found = touched(tmp_path, {"tests/deep/conftest.py": "x = 1\n"})
    assert found.targets == ("tests/deep/test_far.py",)


def test_a_changed_data_file_touches_the_tests_that_name_it(tmp_path: Path) -> None:
    assert touched(tmp_path, {"tests/data/table.csv": "2\n"}).targets == ("tests/test_table.py",)


def test_the_projects_patterns_say_what_a_test_is(tmp_path: Path) -> None:
    change = {"src/pkg/core.py": "def f(): return 2\n", "checks/check_core.py": "import pkg.core\n"}
    assert touched(tmp_path, change, ("check_*.py",)).targets == ("checks/check_core.py",)


def test_no_touched_test_is_said_and_harmless(tmp_path: Path) -> None:
    found = touched(tmp_path, {"README.md": "hello\n"})
    assert found.targets == ()
    assert [(s.what, s.harmless) for s in found.skipped] == [("tests", True)]


@pytest.mark.parametrize("script", ["echo gibberish", "echo '[]'", "exit 2"])
def test_without_a_graph_names_decide_and_that_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str
) -> None:
    program = tmp_path / "ruff"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    monkeypatch.setattr(touched_tests, "find_ruff", lambda: str(program))
    found = touched(tmp_path / "tree", {"src/pkg/other.py": "def g(): return 2\n"})
    assert found.targets == ("tests/test_other.py", "tests/test_other_things.py")
    assert [(s.what, s.harmless) for s in found.skipped] == [("import graph", False)]


def test_where_nothing_imports_a_plugin_the_tests_of_its_package_are_taken(tmp_path: Path) -> None:
    found = touched(tmp_path, {"src/pkg/plugin.py": "def h(): return 1\n"})
    assert set(found.targets) == {"tests/test_direct.py", "tests/test_package.py", "tests/deep/test_far.py"} | {
        "tests/test_helped.py"
    }
    assert found.reasons["tests/test_package.py"] == "imports of the package src/pkg"


def test_what_was_recorded_before_adds_tests_and_brings_them_nearer_and_takes_none_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    head = {"src/pkg/core.py": "def f(): return 2\n"}
    without = touched(tmp_path, head).targets
    records = (
        Record("tests/test_package.py", "src/pkg/core.py", True, ".coverage"),
        Record("tests/test_table.py", "src/pkg/core.py", False, ".testmondata"),
    )
    monkeypatch.setattr(touched_tests, "recorded", lambda *_: (records, ()))
    found = touched(tmp_path, head)
    assert set(found.targets) == {*without, "tests/test_table.py"}
    assert found.targets[0] == "tests/test_package.py"
    assert found.reasons["tests/test_package.py"] == "ran a changed line of src/pkg/core.py before, by .coverage"
    assert found.reasons["tests/test_table.py"] == "ran src/pkg/core.py before, by .testmondata"
