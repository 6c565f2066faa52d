"""Runs Gito on the staged change of this folder and prints what it says as a report.

    python gito.py PROGRAM

Its own settings are kept, but for the model's address and the number of requests at once.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from reviewer.process import run

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from rivalkit.said import MODEL, UNSORTED, URL, Remark, number, report

SEVERITIES = {1: "error", 2: "error", 3: "warning"}


def main(program: str) -> int:
    """Let it review the index against HEAD."""
    with tempfile.TemporaryDirectory(prefix="gito-") as scratch:
        argv = (program, "review", "--what", "INDEX", "--against", "HEAD", "--out", scratch)
        done = run(argv, cwd=Path.cwd(), env=_environment(scratch), timeout=3600)
        sys.stderr.write(done.stderr.decode(errors="replace"))
        written = Path(scratch) / "code-review-report.json"
        if not written.is_file():
            sys.stderr.write(done.stdout.decode(errors="replace"))
            return 3
        said = json.loads(written.read_text("utf-8"))
    print(report("gito", remarks(said), complete=not said.get("processing_warnings")))
    return 0


def _environment(home: str) -> dict[str, str]:
    own = {
        "HOME": home,
        "LLM_API_TYPE": "openai",
        "LLM_API_BASE": os.environ[URL],
        "LLM_API_KEY": "none",
        "MODEL": os.environ[MODEL],
        "CHAT_MODE": "1",  # else it takes a name with "instruct" for a model without chat
        "MAX_CONCURRENT_TASKS": "1",
        "TIKTOKEN_ENCODING": "cl100k_base",
        "NO_COLOR": "1",
    }
    return {**os.environ, **own}


def remarks(said: dict[str, Any]) -> Iterator[Remark]:
    """Its issues, one remark for each place; what has no lines is at the top of its file."""
    for issue in (one for several in said["issues"].values() for one in several):
        message = f"{issue['title']}: {issue.get('details') or ''}"
        severity = SEVERITIES.get(issue.get("severity") or 0, "note")
        places = issue.get("affected_lines") or [{"start_line": 1}]
        first, last = places[0], places[-1] if len(places) == 1 else places[0]
        start = number(first.get("start_line"))
        yield Remark(issue["file"], start, number(last.get("end_line"), start), category(issue), message, severity)


def category(issue: dict[str, Any]) -> str:
    """By its tags; one that names both kinds counts as either."""
    tags = {str(tag).lower() for tag in issue.get("tags") or ()}
    both = tags & {"bug", "security"}
    if len(both) == 2 or not tags:
        return UNSORTED
    return next(iter(both)) if both else ("performance" if "performance" in tags else "style")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
