"""The plainest reviewer: one prompt with the whole staged diff to the model, which answers with findings as JSON.

    bench/quality.py --label naive -- python bench/naive.py

The model is the one that llm-review's own settings name (in the environment, LLM_REVIEW_MODEL, _PROVIDER, _BASE_URL).
The answer must satisfy a schema, so that none is lost to its form, and the lines of the new version are numbered.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from rivalkit.said import MODEL, Remark, number, report

from reviewer.errors import ReviewError
from reviewer.llm.base import Request
from reviewer.llm.choose import choose
from reviewer.process import run
from reviewer.settings import load

SYSTEM = "You are an experienced code reviewer. You answer with JSON."
TASK = """\
Review the following change of a Python project. Report bugs and security problems that the change brings in: for each
the file, the number of the line in the new version (it stands before each line), the category ("bug" or "security"),
and a short message. Report nothing that you are not sure of. If there is nothing to report, the list is empty.

"""
SECONDS, ANSWER = 570.0, 1024
CLIP = 18_000
HUNK = re.compile(r"^@@ -\d+(?:,\d+)? \+(\d+)")
FINDING = {
    "type": "object",
    "properties": {
        "file": {"type": "string", "maxLength": 200},
        "line": {"type": "integer"},
        "category": {"enum": ["bug", "security"]},
        "message": {"type": "string", "maxLength": 300},
    },
    "required": ["file", "line", "category", "message"],
    "additionalProperties": False,
}
SCHEMA = {
    "type": "object",
    "properties": {"findings": {"type": "array", "maxItems": 10, "items": FINDING}},
    "required": ["findings"],
    "additionalProperties": False,
}


def main() -> int:
    """Review the staged change of this folder and print the report."""
    diff = run(("git", "diff", "--cached"), cwd=Path.cwd(), timeout=60).stdout.decode(errors="replace")
    try:
        reply = _ask("\n".join(numbered(diff)))
    except ReviewError as error:
        print(f"error: {error.message}", file=sys.stderr)
        return error.exit_code
    remarks, whole = read(reply["text"])
    print(report("naive", remarks, reply["tokens"], complete=whole and len(diff) <= CLIP))
    return 0


def numbered(diff: str) -> Iterator[str]:
    """The diff with the new version's line numbers, without git's own lines for blobs."""
    at = 0
    for line in diff.splitlines():
        if found := HUNK.match(line):
            at = int(found[1])
        elif line.startswith(("diff ", "index ", "--- ", "new file")):
            continue
        elif at and line[:1] in {"+", " "} and not line.startswith("+++ "):
            yield f"{at:4} {line}"
            at += 1
            continue
        yield f"     {line}" if at and line.startswith("-") else line


def _ask(text: str) -> dict[str, Any]:
    settings = load(None, {"cache": False})
    with contextlib.closing(choose(settings)) as provider:
        os.environ.setdefault(MODEL, provider.info.name)
        request = Request(SYSTEM, TASK, text[:CLIP], SCHEMA, max_tokens=ANSWER, timeout=SECONDS)
        reply = provider.complete(request)
    return {"text": reply.samples[0].text, "tokens": (reply.usage.prompt, reply.usage.completion)}


def read(text: str) -> tuple[list[Remark], bool]:
    """The findings of an answer, and whether it was whole; one that was cut keeps those that came before."""
    try:
        rows, whole = json.loads(text)["findings"], True
    except ValueError:
        rows = [json.loads(found) for found in re.findall(r'\{"file".*?"message": ?"(?:[^"\\]|\\.)*"\}', text, re.S)]
        whole = False
    remarks = [Remark(r["file"], number(r["line"]), number(r["line"]), r["category"], r["message"]) for r in rows]
    return remarks, whole


if __name__ == "__main__":
    sys.exit(main())
