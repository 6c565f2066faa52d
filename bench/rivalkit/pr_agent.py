"""Runs PR-Agent on the staged change of this folder, as a patch, and prints what it says as a report.

    python pr_agent.py PYTHON

Its own settings are kept, but for the model, its address and context, and the time it waits for an answer.
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

CONTEXT, PATIENCE = 16_000, 3600
NOTHING = ("no", "none", "")


def main(python: str) -> int:
    """Let it review the staged diff."""
    folder = Path.cwd()
    with tempfile.TemporaryDirectory(prefix="pr-agent-") as scratch:
        diff, written = Path(scratch) / "change.diff", Path(scratch) / "review.json"
        diff.write_bytes(run(("git", "diff", "--cached"), cwd=folder, timeout=60).stdout)
        words = ("--diff-file", str(diff), "--json-output", str(written), "review")
        done = run((python, "-m", "pr_agent.cli", *words), cwd=folder, env=_environment(scratch), timeout=PATIENCE)
        sys.stderr.write(done.stderr.decode(errors="replace"))
        if not written.is_file():
            sys.stderr.write(done.stdout.decode(errors="replace"))
            return 3
        said = json.loads(written.read_text("utf-8"))
    sys.stderr.write(json.dumps(said))
    print(report("pr-agent", remarks(said, changed(folder)), tokens(said)))
    return 0


def _environment(home: str) -> dict[str, str]:
    own = {
        "HOME": home,
        "OPENAI__KEY": "none",
        "OPENAI__API_BASE": os.environ[URL],
        "CONFIG__MODEL": f"openai/{os.environ[MODEL]}",
        "CONFIG__FALLBACK_MODELS": "[]",
        "CONFIG__CUSTOM_MODEL_MAX_TOKENS": str(CONTEXT),
        "CONFIG__AI_TIMEOUT": str(PATIENCE),
        "LITELLM_LOCAL_MODEL_COST_MAP": "True",
    }
    return {**os.environ, **own}


def changed(folder: Path) -> str:
    """The first file of the change: where a concern is put that names none."""
    names = run(("git", "diff", "--cached", "--name-only"), cwd=folder, timeout=60).stdout.decode().splitlines()
    return next((name for name in names if name.endswith(".py")), names[0] if names else "")


def remarks(said: dict[str, Any], otherwise: str) -> Iterator[Remark]:
    """Its key issues, which are of no stated kind, and its security concerns, which have no place."""
    review = said.get("review") or {}
    for issue in review.get("key_issues_to_review") or ():
        start = number(issue.get("start_line"))
        message = f"{str(issue.get('issue_header')).strip()}: {str(issue.get('issue_content')).strip()}"
        path = str(issue.get("relevant_file") or otherwise).strip()
        yield Remark(path, start, number(issue.get("end_line"), start), UNSORTED, message)
    concern = str(review.get("security_concerns") or "").strip()
    if concern.lower().rstrip(".") not in NOTHING:
        yield Remark(otherwise, 1, 1, "security", concern)


def tokens(said: dict[str, Any]) -> tuple[int, int]:
    """Of the prompts and of the answers."""
    usage = said.get("usage") or {}
    return int(usage.get("prompt_tokens") or 0), int(usage.get("completion_tokens") or 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
