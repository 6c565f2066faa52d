from __future__ import annotations

import pytest

from reviewer.finding import Location, Proof, Severity, Side
from reviewer.verify.configuration import base_version, edited, notes

from .cases import Case, Make

CODE = {"calc.py": "X = 1\n", "test_calc.py": "def test_a(): pass\n"}
TOML = "[project]\nversion = '1'\n[tool.pytest.ini_options]\naddopts = '-q'\n"
CFG = "[metadata]\nversion = 1\n[tool:pytest]\naddopts = -q\n"


def names(case: Case) -> list[str]:
    return [f.path for f in edited(case.repo, case.change)]


@pytest.mark.parametrize(
    ("path", "base", "head", "counts"),
    [
        ("conftest.py", "X = 1\n", "X = 2\n", True),
        ("tests/deep/conftest.py", "X = 1\n", "X = 1  # one\n", False),
        ("pytest.ini", "[pytest]\n", "[pytest]\naddopts = -q\n", True),
        ("tox.ini", "[pytest]\n", "[pytest]\naddopts = -q\n", True),
        ("pyproject.toml", TOML, TOML.replace("'1'", "'2'"), False),
        ("pyproject.toml", TOML, TOML.replace("-q", "-x"), True),
        ("pyproject.toml", TOML, "[[", True),
        ("setup.cfg", CFG, CFG.replace("= 1", "= 2"), False),
        ("setup.cfg", CFG, CFG.replace("-q", "-x"), True),
        ("sitecustomize.py", "X = 1\n", "X = 2\n", True),
        ("evil.pth", "a\n", "b\n", True),
        ("calc.py", "X = 1\n", "X = 2\n", False),
    ],
)
def test_what_decides_how_tests_run_is_told_from_the_rest(
    make: Make, path: str, base: str, head: str, counts: bool
) -> None:
    assert names(make(CODE | {path: base}, {path: head})) == ([path] if counts else [])


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("conftest.py", "pytest_plugins = ['helpers.plug']\n"),
        ("conftest.py", "pytest_plugins: str = 'helpers.plug'\n"),
        ("pytest.ini", "[pytest]\naddopts = -q -p helpers.plug\n"),
        ("pyproject.toml", "[tool.pytest.ini_options]\naddopts = ['-p', 'helpers.plug']\n"),
    ],
)
def test_a_module_that_is_named_as_a_plugin_counts(make: Make, path: str, text: str) -> None:
    files = {path: text, "helpers/plug.py": "X = 1\n", "helpers/other.py": "X = 1\n"}
    assert names(make(files, {"helpers/plug.py": "X = 2\n", "helpers/other.py": "X = 2\n"})) == ["helpers/plug.py"]


def test_each_is_a_note_that_never_blocks_and_the_base_can_be_put_back(make: Make) -> None:
    files = CODE | {"conftest.py": "X = 1\n", "sub/conftest.py": "Y = 1\n"}
    head = {"conftest.py": "X = 1\nY = 2\n", "sub/conftest.py": None, "new/conftest.py": ""}
    case = make(files, head)
    found = edited(case.repo, case.change)
    said = {f.location.path: f for f in notes(found)}
    assert set(said) == {"conftest.py", "sub/conftest.py", "new/conftest.py"}
    assert said["conftest.py"].location == Location("conftest.py", 2, 2)
    assert said["sub/conftest.py"].location.side is Side.BASE
    assert {(f.severity, f.proof) for f in said.values()} == {(Severity.NOTE, Proof.TOOL)}
    assert base_version(found, case.repo.read) == {
        "conftest.py": b"X = 1\n", "sub/conftest.py": b"Y = 1\n", "new/conftest.py": None,
    }  # fmt: skip
