from __future__ import annotations

import shutil
import sys
import venv
from collections.abc import Iterator
from pathlib import Path

import pytest

from reviewer.review import Skipped
from reviewer.verify.interpreter import Interpreter, find


@pytest.fixture(autouse=True)
def _plain(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """No active environment, and no Python on the PATH."""
    monkeypatch.delenv("VIRTUAL_ENV", raising=False)
    monkeypatch.delenv("CONDA_PREFIX", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path_factory.mktemp("bin")))


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path.resolve()


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("bare")
    venv.create(folder, symlinks=True)
    yield folder
    shutil.rmtree(folder)


def found(root: Path, setting: str | None = None) -> Interpreter:
    interpreter = find(root, setting)
    assert isinstance(interpreter, Interpreter), interpreter
    return interpreter


def test_the_projects_own_environment_is_found_with_what_it_needs(root: Path, lean: Path) -> None:
    (root / ".venv").symlink_to(lean)
    one = found(root)
    assert (one.origin, one.path, one.pytest) == (".venv", root / ".venv/bin/python", pytest.__version__)
    assert one.version == ".".join(map(str, sys.version_info[:3]))
    assert {root / ".venv", lean, Path(sys.base_prefix)} <= set(one.prefixes)
    assert one.plugins == frozenset()


def test_plugins_are_named_by_their_entry_points() -> None:
    assert "timeout" in found(Path("/"), sys.executable).plugins


def test_the_active_environment_comes_first_unless_it_is_our_own(
    root: Path, lean: Path, bare: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (root / ".venv").symlink_to(lean)
    monkeypatch.setenv("VIRTUAL_ENV", sys.prefix)
    assert found(root).origin == ".venv"
    monkeypatch.setenv("VIRTUAL_ENV", str(lean))
    assert found(root).origin == "VIRTUAL_ENV"
    monkeypatch.setenv("VIRTUAL_ENV", str(bare))
    assert found(root).origin == ".venv"


def test_our_own_environment_is_better_than_none(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VIRTUAL_ENV", sys.prefix)
    assert found(root).origin == "VIRTUAL_ENV"


def test_a_setting_is_the_only_one_that_is_looked_at(root: Path, lean: Path, bare: Path) -> None:
    (root / ".venv").symlink_to(lean)
    assert found(root, str(lean / "bin" / "python")).origin == "--python"
    assert found(root, ".venv/bin/python").path == root / ".venv/bin/python"
    skipped = find(root, str(bare))
    assert isinstance(skipped, Skipped)
    assert "has no pytest" in skipped.reason
    assert isinstance(find(root, "/no/such/python"), Skipped)
    assert isinstance(find(root, "/bin/false"), Skipped)


def test_without_pytest_anywhere_the_reason_says_what_to_do(root: Path, bare: Path) -> None:
    (root / ".venv").symlink_to(bare)
    skipped = find(root, None)
    assert isinstance(skipped, Skipped)
    assert (skipped.what, skipped.harmless) == ("tests", False)
    assert "has no pytest" in skipped.reason
    assert "--python" in skipped.reason
    shutil.rmtree(root, ignore_errors=True)
    assert isinstance(find(root, None), Skipped)


def test_a_python_that_is_a_file_of_the_repository_is_not_run(
    root: Path, lean: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    python = root / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text(f"#!/bin/sh\n/usr/bin/touch {root}/ran\n")
    python.chmod(0o755)
    monkeypatch.setenv("CONDA_PREFIX", str(lean))
    skipped = find(root, None)
    assert isinstance(skipped, Skipped)
    assert "file of the repository" in skipped.reason
    assert not (root / "ran").exists()


def test_an_environment_of_the_repository_runs_no_code_of_its_own_when_it_is_asked(root: Path, lean: Path) -> None:
    shutil.copytree(lean, root / ".venv", symlinks=True)
    (packages,) = root.glob(".venv/lib/python*/site-packages")
    (packages / "evil.pth").write_text(
        f"import pathlib; pathlib.Path({str(root / 'ran')!r}).touch()\n{root}\n{root.parent}\n"
    )
    (packages / "sitecustomize.py").write_text(f"import pathlib; pathlib.Path({str(root / 'ran')!r}).touch()\n")
    (root / ".venv" / "pyvenv.cfg").write_text(f"home = {root}\ninclude-system-site-packages = false\n")
    one = found(root)
    assert one.pytest == pytest.__version__
    assert not (root / "ran").exists()
    assert root not in one.prefixes
    assert root.parent in one.prefixes


def test_conda_and_the_path_come_last(root: Path, lean: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONDA_PREFIX", str(lean))
    assert found(root).origin == "CONDA_PREFIX"
    monkeypatch.delenv("CONDA_PREFIX")
    monkeypatch.setenv("PATH", str(lean / "bin"))
    assert found(root).origin == "PATH"


@pytest.mark.parametrize(("lock", "tool"), [("uv.lock", "uv"), ("poetry.lock", "poetry")])
def test_a_lock_file_asks_its_tool(
    root: Path, lean: Path, monkeypatch: pytest.MonkeyPatch, lock: str, tool: str
) -> None:
    folder = root / "tools"
    folder.mkdir()
    (folder / tool).write_text(f"#!/bin/sh\necho {lean}/bin/python\n")
    (folder / tool).chmod(0o755)
    monkeypatch.setenv("PATH", str(folder))
    assert isinstance(find(root, None), Skipped)
    (root / lock).touch()
    assert found(root).origin == tool
