from __future__ import annotations

from pathlib import Path

import pytest

from reviewer.evidence.supply import Supply
from reviewer.finding import Finding, Severity

from .changes import make

PROJECT = '[project]\nname = "x"\ndependencies = ["requests>=2"]\n\n[tool.ruff.lint]\nignore = ["E501"]\n'
WORKFLOW = "jobs:\n  a:\n    steps:\n      - uses: actions/checkout@" + "a" * 40 + "\n"
Texts = dict[str, str | bytes]


def look(tmp_path: Path, base: Texts, head: Texts) -> list[Finding]:
    made = make(base, head)
    return list(made.collect(Supply(made.blobs.__getitem__), tmp_path / "sides").findings)


def said(findings: list[Finding]) -> list[tuple[str, int]]:
    return [(f.rule_id, f.location.start_line) for f in findings]


@pytest.mark.parametrize(
    ("path", "base", "head", "line"),
    [
        ("pyproject.toml", PROJECT, PROJECT.replace('["requests>=2"]', '[\n  "requests>=2",\n  "Left_Pad",\n]'), 5),
        ("pyproject.toml", PROJECT, PROJECT + "[dependency-groups]\ndev = ['left-pad>1']\n", 8),
        ("pyproject.toml", "", "[tool.poetry.dependencies]\npython = '3'\nleft-pad = '*'\n", 3),
        ("requirements-dev.txt", "requests\n", "requests\nleft.pad==1  # x\n", 2),
        ("setup.cfg", "", "[options]\ninstall_requires =\n  left-pad\n", 3),
    ],
)
def test_a_new_dependency_is_named_where_it_stands(tmp_path: Path, path: str, base: str, head: str, line: int) -> None:
    (one,) = look(tmp_path, {path: base}, {path: head})
    assert (one.rule_id, one.severity, one.location.start_line) == ("security/new-dependency", Severity.NOTE, line)
    assert "`left-pad`" in one.message


def test_another_version_or_spelling_of_a_dependency_is_nothing_new(tmp_path: Path) -> None:
    assert (
        look(tmp_path, {"pyproject.toml": PROJECT}, {"pyproject.toml": PROJECT.replace("requests>=2", "Requests>3")})
        == []
    )
    assert look(tmp_path / "b", {"requirements.txt": "a-b==1\n"}, {"requirements.txt": "# c\na_b==2\n"}) == []


def test_a_package_from_elsewhere_is_a_warning(tmp_path: Path) -> None:
    head = "requests\n--extra-index-url https://evil.example/simple\nx @ https://evil.example/x.whl\n"
    found = look(tmp_path, {"requirements.txt": "requests\n"}, {"requirements.txt": head})
    assert [f.location.start_line for f in found if f.severity is Severity.WARNING] == [2, 3]


def test_new_and_unpinned_actions(tmp_path: Path) -> None:
    path = ".github/workflows/ci.yml"
    loose = WORKFLOW.replace("a" * 40, "v4")
    assert said(look(tmp_path / "1", {path: WORKFLOW}, {path: loose})) == [("security/action-unpinned", 4)]
    (new,) = look(tmp_path / "2", {path: WORKFLOW}, {path: WORKFLOW + "      - uses: who/ever@v1\n"})
    assert (new.rule_id, new.severity) == ("security/new-action", Severity.NOTE)
    assert "not pinned" in new.message
    assert look(tmp_path / "3", {path: loose}, {path: loose.replace("v4", "v5")}) == []
    assert look(tmp_path / "4", {path: WORKFLOW}, {path: WORKFLOW.replace("a" * 40, "b" * 40)}) == []


@pytest.mark.parametrize(
    ("path", "base", "head", "value"),
    [
        ("pyproject.toml", PROJECT, PROJECT.replace('"E501"', '"E501", "S602"'), "S602"),
        ("pyproject.toml", PROJECT, PROJECT + '[tool.ruff.lint.per-file-ignores]\n"a.py" = ["S"]\n', "S"),
        ("pyproject.toml", "", '[[tool.mypy.overrides]]\nmodule = "a"\nignore_errors = true\n', "True"),
        (".flake8", "[flake8]\nmax-line-length = 1\n", "[flake8]\nexclude = a.py\n", "a.py"),
        (".gitattributes", "", "core.py linguist-generated\n", "core.py linguist-generated"),
    ],
)
def test_what_tools_are_told_to_leave_out(tmp_path: Path, path: str, base: str, head: str, value: str) -> None:
    (one,) = look(tmp_path, {path: base}, {path: head})
    assert one.rule_id == "style/new-exclude"
    assert f"`{value}`" in one.message


def test_what_cannot_be_parsed_says_nothing(tmp_path: Path) -> None:
    assert look(tmp_path, {}, {"pyproject.toml": "a = = b", "setup.cfg": "x\n[", "tox.ini": "\0"}) == []
