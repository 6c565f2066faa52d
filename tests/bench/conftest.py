"""The bench is a folder of scripts: its modules are found as they are when `bench/quality.py` runs."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "bench"))

QUICK = "PYTEST_DISABLE_PLUGIN_AUTOLOAD=1 PYTEST_PLUGINS=pytest_timeout"
PINS = {"basic": {"project": None, "packages": ["pytest"]}}
QUIX = {
    "python_programs/double.py": 'def double(n):\n    return n + 2\n\n\n"""\nDouble\n\nThe double of n.\n"""\n',
    "correct_python_programs/double.py": "def double(n):\n    return n * 2\n",
    "python_testcases/test_double.py": (
        "import pytest\n"
        "from load_testdata import load_json_testcases\n\n"
        "if pytest.use_correct:\n    from correct_python_programs.double import double\n"
        "else:\n    from python_programs.double import double\n\n"
        "testdata = load_json_testcases(double.__name__)\n\n\n"
        '@pytest.mark.parametrize("given,expected", testdata)\n'
        "def test_double(given, expected):\n    assert double(*given) == expected\n"
    ),
    "json_testcases/double.json": "[[2], 4]\n[[3], 6]\n[[5], 10]\n",
}
OLD = {
    "pyproject.toml": '[tool.pytest.ini_options]\naddopts = ["-ra"]\nxfail_strict = true\n',
    "CHANGES.md": "nothing yet\n",
    "half.py": "def half(n):\n    return n // 3\n",
    "tests/test_half.py": "from half import half\n\n\ndef test_zero():\n    assert half(0) == 0\n",
}
FIXED = {
    "CHANGES.md": "half was a third\n",
    "half.py": OLD["half.py"].replace("3", "2"),
    "tests/test_half.py": OLD["tests/test_half.py"] + "\n\ndef test_four():\n    assert half(4) == 2\n",
}


def commit(folder: Path, files: Mapping[str, str], message: str = "change") -> str:
    """Write files, commit all, return the id."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    person = ("-c", "user.name=dev", "-c", "user.email=dev@example.org")
    for words in (("init", "-q"), ("add", "-A"), (*person, "commit", "-q", "-m", message)):
        subprocess.run(("git", *words), cwd=folder, check=True)
    return subprocess.check_output(("git", "rev-parse", "HEAD"), cwd=folder, text=True).strip()


def common(module: str, line: int, /, **more: object) -> dict[str, object]:
    """What every case has."""
    return {
        "tier": "A",
        "licence": "MIT",
        "venv": "basic",
        "pythonpath": ["."],
        "category": "bug",
        "cwe": None,
        "source_files": [f"{module}.py"],
        "expected": [{"path": f"{module}.py", "lines": [line], "functions": [module]}],
        **more,
    }


@pytest.fixture
def bench_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with mirrors of two small repositories, a manifest of two cases, and an environment that is ready."""
    quix = commit(tmp_path / "mirrors" / "some+quix", QUIX)
    parent = commit(tmp_path / "mirrors" / "some+half", OLD)
    fix = commit(tmp_path / "mirrors" / "some+half", FIXED)
    double = common(
        "double", 6, id="quix-double", suite="quixbugs", repo="some/quix", commit=quix, name="double", module="double",
        function="double", modes=["fix", "blind", "control"], visible=[0, 1],
        visible_failing=["tests/test_double.py::test_double[given1-6]"],
        hidden_failing=[f"hidden/test_all_of_double.py::test_double[given{n}]" for n in ("1-6", "2-10")],
    )  # fmt: skip
    half = common(
        "half", 2, id="half-1", suite="reintro", repo="some/half", parent=parent, fix_commit=fix, data_files=[],
        test_files=["tests/test_half.py"], new_test_files=[], version_files=[], run=["tests/test_half.py"],
        failing_tests=["tests/test_half.py::test_four"], known_failures=[], relax=False,
        modes=["seen", "blind", "control", "control-seen"],
    )  # fmt: skip
    (tmp_path / "cases").mkdir()
    (tmp_path / "cases" / "some.jsonl").write_text("".join(json.dumps(case) + "\n" for case in (double, half)))
    (tmp_path / "cases" / "packages.json").write_text(json.dumps(PINS))
    python = tmp_path / "home" / "venvs" / "basic" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text(f'#!/bin/sh\n{QUICK} exec "{sys.executable}" "$@"\n')
    python.chmod(0o755)
    (python.parent.parent / "ready.json").write_text(json.dumps(PINS["basic"], sort_keys=True))
    monkeypatch.setenv("BENCH_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("BENCH_MIRRORS", str(tmp_path / "mirrors"))
    return tmp_path
