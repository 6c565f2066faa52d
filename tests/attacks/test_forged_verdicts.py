"""A change breaks a function whose test is in the tree, and brings something that turns the red test green.

Every attack works on plain pytest; none makes this review green; with the defences named beside it taken away it does.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from .conftest import Attack, Switches, green, plain, reviewed

WRAPPER = """import pytest


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    got = yield
    report = got.get_result()
    report.outcome, report.longrepr = 'passed', None
"""
NOTHING_RUNS = "import _pytest.python\n\n_pytest.python.Function.runtest = lambda self: None\n"
DESELECT = "def pytest_collection_modifyitems(items):\n    items[:] = [i for i in items if i.name != 'test_half']\n"
ENTRY_POINT = "[pytest11]\nevil = evil\n"
METADATA = "Metadata-Version: 2.1\nName: evil\nVersion: 1\n"
FORGIVE = (
    "import _pytest.runner\n\nreal = _pytest.runner.CallInfo.from_call.__func__\n\n\n"
    "def from_call(cls, func, when, reraise=None):\n"
    "    def quiet():\n        try:\n            return func()\n"
    "        except BaseException:\n            return []\n\n"
    "    return real(cls, quiet, when, reraise)\n\n\n_pytest.runner.CallInfo.from_call = classmethod(from_call)\n"
)


@dataclass(frozen=True)
class Forgery:
    """`files` come with the change; `needs` are the defences without which it succeeds."""

    files: dict[str, str]
    needs: tuple[str, ...]


FORGERIES = {
    "conftest: reports rewritten": Forgery({"conftest.py": WRAPPER}, ("agreement", "canary", "base_configuration")),
    "conftest: sys.exit": Forgery({"conftest.py": "import sys\n\nsys.exit(0)\n"}, ("agreement", "base_configuration")),
    "conftest: os._exit": Forgery({"conftest.py": "import os\n\nos._exit(0)\n"}, ("agreement", "base_configuration")),
    "conftest: pytest patched": Forgery({"conftest.py": NOTHING_RUNS}, ("canary", "base_configuration")),
    "conftest: failures forgiven": Forgery({"conftest.py": FORGIVE}, ("canary", "base_configuration")),
    "conftest: tests deselected": Forgery({"conftest.py": DESELECT}, ("canary", "base_configuration")),
    "configuration: tests deselected": Forgery(
        {"pytest.ini": "[pytest]\naddopts = --deselect test_calc.py::test_half\n"}, ("canary", "base_configuration")
    ),
    "configuration: -p": Forgery(
        {"pytest.ini": "[pytest]\naddopts = -p evil\n", "evil.py": NOTHING_RUNS}, ("canary", "base_configuration")
    ),
    "conftest: pytest_plugins": Forgery(
        {"conftest.py": "pytest_plugins = ['evil']\n", "evil.py": NOTHING_RUNS}, ("canary", "base_configuration")
    ),
    "test module: pytest patched": Forgery({"test_aaa.py": NOTHING_RUNS}, ("canary",)),
    "test module: os._exit": Forgery({"test_aaa.py": "import os\n\nos._exit(0)\n"}, ("agreement",)),
    "changed code: pytest patched": Forgery(
        {"calc.py": NOTHING_RUNS + "\n\ndef half(a):\n    return a / 3\n"}, ("canary",)
    ),
}


@pytest.mark.parametrize("name", FORGERIES)
def test_a_forged_verdict_is_never_green(attack: Attack, lean: Path, name: str) -> None:
    case = attack(FORGERIES[name].files)
    assert plain(case, lean) == 0, "the attack does not work at all"
    review = reviewed(case)
    assert not green(review)
    assert any(not s.harmless for s in review.skipped) or any(f.blocking for f in review.findings)


@pytest.mark.parametrize("name", FORGERIES)
def test_without_its_defences_the_forgery_succeeds(attack: Attack, without: Switches, name: str) -> None:
    case = attack(FORGERIES[name].files)
    for defence in FORGERIES[name].needs:
        getattr(without, defence)()
    assert green(reviewed(case))


# What cannot reach pytest in the sandbox at all: the failing test is seen as if nothing had been tried.
SHUT_OUT = {
    "autoloaded plugin": {"evil.py": NOTHING_RUNS, "evil-1.dist-info/METADATA": METADATA,
                          "evil-1.dist-info/entry_points.txt": ENTRY_POINT},
    "autoloaded plugin, old style": {"evil.py": NOTHING_RUNS, "evil.egg-info/PKG-INFO": METADATA,
                                     "evil.egg-info/entry_points.txt": ENTRY_POINT},
    "atexit in a test": {"test_aaa.py": "import atexit, os\n\natexit.register(os._exit, 0)\n"},
}  # fmt: skip


@pytest.mark.parametrize("name", SHUT_OUT)
def test_what_cannot_reach_pytest_hides_nothing(attack: Attack, lean: Path, name: str) -> None:
    case = attack(SHUT_OUT[name])
    assert plain(case, lean) == 0, "the attack does not work at all"
    review = reviewed(case)
    assert [(f.rule_id, f.blocking) for f in review.findings] == [("bug/test-regression", True)]


PATCHED = {
    "pytest.py": {"pytest.py": "raise SystemExit(0)\n"},
    "pytest/": {"pytest/__init__.py": "", "pytest/__main__.py": ""},
    "_pytest/": {"_pytest/__init__.py": "raise SystemExit(0)\n"},
    "pluggy.py": {"pluggy.py": "raise SystemExit(0)\n"},
}


@pytest.mark.parametrize("name", PATCHED)
def test_a_pytest_of_the_tree_is_not_the_one_that_runs(attack: Attack, lean: Path, name: str) -> None:
    case = attack(PATCHED[name])
    assert plain(case, lean) == 0, "the attack does not work at all"
    review = reviewed(case)
    assert not green(review)
    assert review.tests.head is not None
    assert (review.tests.head.passed, review.tests.head.failed) == (1, 1)


@pytest.mark.parametrize("name", ["autoloaded plugin", "autoloaded plugin, old style"])
def test_were_the_trees_plugins_loaded_they_would_decide(attack: Attack, without: Switches, name: str) -> None:
    case = attack(SHUT_OUT[name])
    without.plugin("    only_installed_plugins(pytest", "    (lambda *_: None)(pytest")
    without.canary()
    assert green(reviewed(case))


def test_a_tree_that_is_in_reach_while_pytest_is_imported_replaces_it(attack: Attack, without: Switches) -> None:
    case = attack({"pluggy.py": "import os\n\nos._exit(0)\n"})
    without.plugin("    del sys.path[0]\n", "    sys.path[0] = spec['place']\n")
    without.agreement()
    assert green(reviewed(case))


@pytest.mark.parametrize("variable", ["PYTEST_PLUGINS", "PYTEST_ADDOPTS"])
def test_the_environment_names_no_plugin(
    attack: Attack, lean: Path, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    case = attack({"evil.py": NOTHING_RUNS})
    value = "evil" if variable == "PYTEST_PLUGINS" else "-p evil"
    assert plain(case, lean, {variable: value}) == 0, "the attack does not work at all"
    monkeypatch.setenv(variable, value)
    assert not green(reviewed(case))


@pytest.mark.parametrize("variable", ["PYTEST_PLUGINS", "PYTEST_ADDOPTS"])
def test_an_environment_that_reaches_pytest_decides(
    attack: Attack, without: Switches, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    case = attack({"evil.py": NOTHING_RUNS})
    monkeypatch.setenv(variable, "evil" if variable == "PYTEST_PLUGINS" else "-p evil")
    monkeypatch.setattr("reviewer.sandbox.limits.ALLOWED", frozenset({"PATH", variable}))
    without.canary()
    assert green(reviewed(case))
