from __future__ import annotations

import json
import sys
from argparse import Namespace
from pathlib import Path

import pytest
from casekit import read_manifest
from quality import main, select
from record import Ledger

from reviewer.errors import ExitCode

EMPTY = '{"version": 1, "complete": true, "findings": [], "receipt": {}}'
ORACLE = f"""\
import json, pathlib, sys
with pathlib.Path(sys.argv[1]).open("a") as log:
    log.write("ran\\n")
name = "half.py" if pathlib.Path("half.py").exists() else "double.py"
bad, good = ("n // 3", "n // 2") if name == "half.py" else ("n + 2", "n * 2")
text = pathlib.Path(name).read_text()
line = next((line for line in text.splitlines() if bad in line), None)
if line is None:
    print({EMPTY!r})
    sys.exit(0)
number = text.splitlines().index(line) + 1
patch = f"--- a/{{name}}\\n+++ b/{{name}}\\n@@ -{{number - 1}},2 +{{number - 1}},2 @@\\n"
patch += f" {{text.splitlines()[number - 2]}}\\n"
patch += f"-{{line}}\\n+{{line.replace(bad, good)}}\\n"
finding = dict(category="bug", proof="reproduced", blocking=True, path=name, start_line=number, end_line=number)
finding["suggestion"] = dict(verdict="verified", patch=patch)
print(json.dumps(dict(version=1, complete=True, findings=[finding], receipt={{}})))
sys.exit(1)
"""


@pytest.fixture
def words(bench_home: Path) -> list[str]:
    """The options that all runs here share."""
    return ["--manifest", str(bench_home / "cases" / "some.jsonl"), "--out", str(bench_home / "out"), "--label", "fake"]


def script(folder: Path, text: str) -> list[str]:
    (folder / "fake.py").write_text(text)
    return ["--", sys.executable, str(folder / "fake.py"), str(folder / "log")]


def test_an_oracle_finds_and_fixes_everything_and_is_not_asked_twice(
    bench_home: Path, words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    command = script(bench_home, ORACLE)
    assert main([*words, *command]) == ExitCode.OK
    records = Ledger(bench_home / "out" / "fake.jsonl").read()
    defects = [record for record in records if not record.clean]
    assert len(records) == 7
    assert all(r.hit and r.strict and r.blocked and r.reproduced and r.fixed and not r.wrong_fix for r in defects)
    assert not any(r.hit or r.blocked or r.error for r in records if r.clean)
    assert json.loads((bench_home / "out" / "fake.reports" / "half-1.seen.json").read_text())["version"] == 1
    first = capsys.readouterr().out
    assert main([*words, *command]) == ExitCode.OK
    assert capsys.readouterr().out == first
    assert (bench_home / "log").read_text() == "ran\n" * 7
    assert main(["--table", str(bench_home / "out" / "fake.jsonl")]) == ExitCode.OK
    assert capsys.readouterr().out == first


def test_a_tool_that_prints_no_report_or_is_too_slow_is_an_error(
    bench_home: Path, words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    one = [*words, "--id", "half-1", "--mode", "seen"]
    main([*one, *script(bench_home, "print('Traceback')")])
    main([*one, "--limit", "0.2", "--retry-errors", *script(bench_home, "import time; time.sleep(60)")])
    assert "no report (1)\n  fake half-1 seen: no report within 0.2 seconds" in capsys.readouterr().out


def test_a_case_that_cannot_be_built_is_said_and_tried_again(
    bench_home: Path, words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    one = [*words, "--id", "half-1", "--mode", "seen", *script(bench_home, ORACLE)]
    objects = bench_home / "mirrors" / "some+half" / ".git" / "objects"
    objects.rename(bench_home / "objects")
    objects.mkdir()
    main(one)
    assert "fake half-1 seen: bench: " in capsys.readouterr().out
    objects.rmdir()
    (bench_home / "objects").rename(objects)
    main(one)
    assert "no report (0)" in capsys.readouterr().out


def test_a_label_is_for_one_command(bench_home: Path, words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    one = [*words, "--id", "half-1", "--mode", "control"]
    main([*one, *script(bench_home, ORACLE)])
    assert main([*one, "--", sys.executable, "other.py"]) == ExitCode.USAGE
    assert "another command" in capsys.readouterr().err


@pytest.mark.parametrize("wrong", [["--", "no-such-program"], ["--id", "nothing"], ["--table", "nothing.jsonl"]])
def test_wrong_use_is_one_line(words: list[str], wrong: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    command = [] if "--" in wrong else ["--", sys.executable]
    assert main([*words, *wrong, *command]) == ExitCode.USAGE
    assert capsys.readouterr().err.startswith("error: ")


def test_a_sample_does_not_depend_on_the_order_and_grows(bench_home: Path) -> None:
    lines = (bench_home / "cases" / "some.jsonl").read_text().splitlines()
    many = [lines[0].replace("quix-double", f"quix-{n}") for n in range(20)]
    manifest = bench_home / "cases" / "many.jsonl"
    chosen = []
    for order, size in ((many, 3), (many[::-1], 3), (many, 5)):
        manifest.write_text("\n".join(order))
        options = Namespace(suite=None, tier=None, id=None, mode=["blind"], sample=size)
        chosen.append([case.id for case, _ in select(read_manifest(manifest).values(), options)])
    assert chosen[0] == chosen[1] == chosen[2][:3]
    assert len(chosen[2]) == 5
