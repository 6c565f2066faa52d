from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from reviewer.sandbox import bubblewrap
from reviewer.sandbox.base import Sandbox
from reviewer.sandbox.bubblewrap import Bubblewrap
from reviewer.sandbox.none import Reduced
from reviewer.verify.interpreter import Interpreter, find
from reviewer.verify.runner import Bench

from .cases import Case, Make, staged

Write = Callable[[str, Mapping[str, str]], Path]


@pytest.fixture(scope="session")
def interpreter(tmp_path_factory: pytest.TempPathFactory, lean: Path) -> Interpreter:
    found = find(tmp_path_factory.mktemp("nothing"), str(lean))
    assert isinstance(found, Interpreter), found
    return found


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write the files of a snapshot of that name; its folder."""

    def make(name: str, files: Mapping[str, str]) -> Path:
        folder = tmp_path / name
        folder.mkdir(exist_ok=True)
        for path, text in files.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(text, "utf-8")
        return folder

    return make


def make_bench(sandbox: Sandbox, interpreter: Interpreter, folder: Path) -> Bench:
    for name in ("repo", "scratch"):
        (folder / name).mkdir(exist_ok=True)
    return Bench(sandbox, interpreter, folder / "repo", folder / "scratch")


@pytest.fixture
def open_bench(interpreter: Interpreter, tmp_path: Path) -> Bench:
    """Without walls."""
    return make_bench(Reduced(), interpreter, tmp_path)


@pytest.fixture
def walled_bench(interpreter: Interpreter, tmp_path: Path) -> Bench:
    """Behind walls; skipped where there are none."""
    program = bubblewrap.find()
    if program is None or bubblewrap.why_not(program):
        pytest.skip("no user namespaces here")
    return make_bench(Bubblewrap(program, tmp_path / "repo", interpreter.prefixes), interpreter, tmp_path)


@pytest.fixture(params=["open_bench", "walled_bench"])
def bench(request: pytest.FixtureRequest) -> Bench:
    """Both, one after the other."""
    found = request.getfixturevalue(request.param)
    assert isinstance(found, Bench)
    return found


@pytest.fixture
def make(tmp_path: Path, lean: Path) -> Iterator[Make]:
    """Make a staged change of two sets of files, without walls."""
    cases: list[Case] = []

    def stage(base: Mapping[str, str], head: Mapping[str, str | None]) -> Case:
        cases.append(staged(tmp_path, base, head, lean))
        return cases[-1]

    yield stage
    for case in cases:
        case.repo.close()
