"""What `llm-review generate` writes for HumanEval's descriptions, judged by tests that it never sees.

    BENCH_MIRRORS=FOLDER python bench/generate_functions.py [--sample 20] [-- OPTIONS OF generate]

The description is the prompt's docstring, the signature the prompt's. For each function: does the model's first sample
pass the hidden tests, does what the tool chose, and does it call that checked? The tests run here without a sandbox.
"""

from __future__ import annotations

import argparse
import ast
import hashlib
import inspect
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from casekit import Workshop, read_manifest
from casekit.humaneval import DATA

HERE = Path(__file__).resolve().parent
SECONDS = 20


@dataclass(frozen=True, slots=True)
class Task:
    """One function: its description, signature, the code before it, and the hidden tests."""

    name: str
    text: str
    signature: str
    head: str
    test: str


def main(argv: Sequence[str]) -> int:
    """Run the sample and print the table."""
    own, extra = (argv[: argv.index("--")], argv[argv.index("--") + 1 :]) if "--" in argv else (argv, [])
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sample", type=int, default=20, metavar="N", help="how many functions (default 20)")
    wanted = parser.parse_args(own).sample
    tasks = sorted(_tasks(), key=lambda t: hashlib.sha256(t.name.encode()).hexdigest())[:wanted]
    print("| function | first sample | chosen | checked | agreed | held | s |", flush=True)
    print("| --- | --- | --- | --- | --- | --- | --- |", flush=True)
    rows = [_one(task, list(extra)) for task in tasks]
    first, chosen = (sum(row[key] for row in rows) for key in ("first", "chosen"))
    checked = [row for row in rows if row["checked"]]
    right = sum(row["chosen"] for row in checked)
    print(f"\n{len(rows)} functions: the first sample is right in {first}, what was chosen in {chosen};")
    print(f"called checked: {len(checked)}, of which {right} are right")
    return 0


def _tasks() -> Iterator[Task]:
    """The rows of the data set, at the commit that the cases name."""
    workshop = Workshop.from_environment(HERE / "cases" / "packages.json")
    cases = read_manifest(HERE / "cases" / "dev.jsonl").values()
    case = next(c for c in cases if c.suite == "humanevalfix")
    for line in workshop.snapshot(case.repo, case.details["commit"]).text(DATA).splitlines():
        row = json.loads(line)
        yield _task(row)


def _task(row: dict[str, Any]) -> Task:
    prompt = row["prompt"] + "    pass\n"
    tree = ast.parse(prompt)
    node = next(n for n in reversed(tree.body) if isinstance(n, ast.FunctionDef))
    head = "\n".join(prompt.split("\n")[: node.lineno - 1])
    signature = ast.unparse(ast.FunctionDef(node.name, node.args, [ast.Pass()], [], node.returns, lineno=1))
    test = f"{row['import']}\n{row['test']}" if "import" in row else row["test"]
    return Task(node.name, _described(node), signature.split("\n")[0], head, test)


def _described(node: ast.FunctionDef) -> str:
    """The docstring, which in a few prompts comes after an import."""
    texts = (n.value for n in node.body if isinstance(n, ast.Expr) and isinstance(n.value, ast.Constant))
    return inspect.cleandoc(next(str(text.value) for text in texts if isinstance(text.value, str)))


def _one(task: Task, extra: list[str]) -> dict[str, Any]:
    start = time.monotonic()
    first = _generated(task, [*extra, "-n", "1"])
    chosen = _generated(task, extra)
    row = {
        "first": bool(first) and _passes(task, first["code"]),
        "chosen": bool(chosen) and _passes(task, chosen["code"]),
        "checked": bool(chosen) and chosen["checked"],
    }
    numbers = (f"{chosen['agreed']}/{chosen['samples']}", f"{chosen['held']}/{chosen['asserted']}") if chosen else "--"
    words = ["yes" if row[key] else "no" for key in ("first", "chosen", "checked")]
    cells = [task.name, *words, *numbers, f"{time.monotonic() - start:.0f}"]
    print(f"| {' | '.join(cells)} |", flush=True)
    return row


def _generated(task: Task, extra: list[str]) -> dict[str, Any]:
    """What the tool says, or nothing where it has no code."""
    program = Path(sys.executable).with_name("llm-review")
    words = [str(program), "generate", task.text, "--signature", task.signature, "--format", "json", "-q", *extra]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode not in {0, 1}:
        print(done.stderr.strip(), file=sys.stderr)
        return {}
    result: dict[str, Any] = json.loads(done.stdout)
    return result


def _passes(task: Task, code: str) -> bool:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "hidden.py"
        path.write_text(f"{task.head}\n{code}\n{task.test}\n", "utf-8")
        try:
            done = subprocess.run(
                [sys.executable, str(path)], cwd=folder, capture_output=True, timeout=SECONDS, check=False
            )
        except subprocess.TimeoutExpired:
            return False
    return done.returncode == 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
