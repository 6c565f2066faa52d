"""bandit or ruff's S rules alone, as reviewers: what they report on added lines of the staged change.

bench/quality.py --label bandit -- python bench/scanners.py bandit
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from rivalkit.said import Remark, report

from reviewer.process import run

HUNK = re.compile(r"^@@ -\S+ \+(\d+)(?:,(\d+))? @@")
COMMANDS = {
    "bandit": ("-m", "bandit", "--format", "json", "--quiet", "--exit-zero"),
    "ruff": ("-m", "ruff", "check", "--isolated", "--select", "S", "--output-format", "json", "--exit-zero"),
}


def main(tool: str) -> int:
    """Print the report of one tool."""
    added = {path: set(lines) for path, lines in added_lines(Path.cwd())}
    if not added:
        print(report(tool, ()))
        return 0
    done = run((sys.executable, *COMMANDS[tool], *added), cwd=Path.cwd(), timeout=120)
    rows = json.loads(done.stdout)
    found = bandit(rows["results"]) if tool == "bandit" else ruff(rows)
    print(report(tool, (remark for remark in found if remark.start in added[remark.path])))
    return 0


def added_lines(folder: Path) -> Iterator[tuple[str, list[int]]]:
    """The lines of the staged version of each Python file that the change adds."""
    names = run(("git", "diff", "--cached", "--name-only", "--diff-filter=d"), cwd=folder, timeout=60).stdout.decode()
    for name in (name for name in names.splitlines() if name.endswith(".py")):
        diff = run(("git", "diff", "--cached", "-U0", "--", name), cwd=folder, timeout=60).stdout
        hunks = [m for line in diff.decode(errors="replace").splitlines() if (m := HUNK.match(line))]
        yield name, [int(m[1]) + i for m in hunks for i in range(int(m[2] or 1))]


def bandit(rows: list[dict[str, Any]]) -> Iterator[Remark]:
    """What bandit says, with its CWE."""
    for row in rows:
        message = f"{row['issue_text']} (CWE-{row['issue_cwe'].get('id')})"
        path = row["filename"].removeprefix("./")
        yield Remark(path, row["line_number"], row["line_number"], "security", message, rule=row["test_id"])


def ruff(rows: list[dict[str, Any]]) -> Iterator[Remark]:
    """What ruff says; it names no CWE."""
    for row in rows:
        path = Path(row["filename"]).relative_to(Path.cwd().resolve()).as_posix()
        at = row["location"]["row"]
        yield Remark(path, at, at, "security", row["message"], rule=f"ruff/{row['code']}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
