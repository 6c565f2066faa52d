"""What `llm-review document` makes of a real module without its docstrings: is the code the same, do they hold?

    BENCH_MIRRORS=FOLDER python bench/document_module.py [--only NAME ...] [-- OPTIONS OF document]

The module is taken from a clone, its docstrings are removed, and what is written is judged here once more: the syntax
trees without docstrings (and annotations, with `--types`) are compared, the doctests are run by Python itself, and the
project's own tests of the module are run before and after.
"""

from __future__ import annotations

import argparse
import ast
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

REPO, COMMIT = "mahmoud/boltons", "967864f"
MODULE, TESTS = "boltons/strutils.py", "tests/test_strutils.py"
DOCTESTS = "import doctest, importlib, sys; print(*doctest.testmod(importlib.import_module(sys.argv[1])))"
Documentable = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


def main(argv: list[str]) -> int:
    """Print what was found; 1 where the code is not the same, or a doctest or a test of the project fails."""
    own, extra = (argv[: argv.index("--")], argv[argv.index("--") + 1 :]) if "--" in argv else (argv, [])
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repo", default=REPO, help=f"owner/name (default {REPO})")
    parser.add_argument("--commit", default=COMMIT)
    parser.add_argument("--module", default=MODULE, help=f"path of the module (default {MODULE})")
    parser.add_argument("--tests", default=TESTS, help="the project's tests of it")
    parser.add_argument("--only", nargs="+", metavar="NAME", help="definitions to document (default: all)")
    arguments = parser.parse_args(own)
    with tempfile.TemporaryDirectory(prefix="document-") as name:
        root = _clone(arguments.repo, arguments.commit, Path(name) / "clone")
        module = root / arguments.module
        bare = stripped(module.read_text("utf-8"))
        module.write_text(bare, "utf-8")
        _git(root, "-c", "user.name=b", "-c", "user.email=b@b", "commit", "-qam", "no docstrings")
        before = _tests(root, arguments.tests)
        start = time.monotonic()
        results = [r for target in arguments.only or [""] for r in _document(root, arguments.module, target, extra)]
        seconds = time.monotonic() - start
        return _report(root, module, bare, results, before, arguments.tests, seconds, types="--types" in extra)


def _clone(repo: str, commit: str, folder: Path) -> Path:
    mirrors = os.environ.get("BENCH_MIRRORS")
    local = Path(mirrors or "", repo.replace("/", "+"))
    place = next((p for p in (local / "repo", local) if mirrors and (p / "HEAD").exists()), None)
    _git(Path(), "clone", "-q", str(place or f"https://github.com/{repo}"), str(folder))
    _git(folder, "checkout", "-q", commit)
    return folder


def _git(folder: Path, *words: str) -> None:
    subprocess.run(("git", *words), cwd=folder, check=True, stdout=subprocess.DEVNULL)


def stripped(text: str) -> str:
    """The module without its docstrings; a body that was nothing else becomes `pass`."""
    lines = text.split("\n")
    if not any(isinstance(n, Documentable) and ast.get_docstring(n) is not None for n in ast.walk(ast.parse(text))):
        return text
    for node in sorted((n for n in ast.walk(ast.parse(text)) if isinstance(n, Documentable)), key=_place, reverse=True):
        if ast.get_docstring(node, clean=False) is None:
            continue
        first = node.body[0]
        instead = [" " * first.col_offset + "pass"] if len(node.body) == 1 and not isinstance(node, ast.Module) else []
        lines[first.lineno - 1 : first.end_lineno] = instead
    # A second text after a docstring is one now.
    return stripped("\n".join(lines))


def _place(node: Documentable) -> int:
    return node.body[0].lineno if node.body else 0


def _document(root: Path, module: str, name: str, extra: list[str]) -> list[dict[str, Any]]:
    program = Path(sys.executable).with_name("llm-review")
    target = f"{module}::{name}" if name else module
    words = [str(program), "document", target, "--format", "json", "--write", *extra]
    done = subprocess.run(words, cwd=root, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode not in {0, 1}:
        raise SystemExit(f"llm-review document ended with {done.returncode}")
    found: list[dict[str, Any]] = json.loads(done.stdout)["results"]
    return found


def _tests(root: Path, path: str) -> str:
    """The last line that pytest says."""
    words = (sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", path)
    done = subprocess.run(words, cwd=root, capture_output=True, text=True, check=False)
    return (done.stdout.strip().splitlines() or ["nothing"])[-1].partition(" in ")[0]


def _report(
    root: Path, module: Path, bare: str, results: list[dict[str, Any]], before: str, tests: str, seconds: float,
    *, types: bool,
) -> int:  # fmt: skip
    text = module.read_text("utf-8")
    pairs = list(zip(_definitions(bare, types), _definitions(text, types), strict=True))
    same = sum(a == b for a, b in pairs)
    written = [r for r in results if r["docstring"]]
    refused = Counter(r["reason"] for r in results if not r["docstring"])
    dotted = ".".join(module.relative_to(root).with_suffix("").parts)
    words = (sys.executable, "-c", DOCTESTS, dotted)
    ran = subprocess.run(words, cwd=root, capture_output=True, text=True, check=False)
    failed, tried = ran.stdout.split()[-2:] if ran.returncode == 0 else ("?", "?")
    after = _tests(root, tests)
    print(f"{module.name}: {bare.count(chr(10))} lines without docstrings, {text.count(chr(10))} with; {seconds:.0f} s")
    print(f"syntax trees the same: {same} of {len(pairs)} definitions and the module ({100 * same / len(pairs):.0f} %)")
    print(f"docstrings written: {len(written)} of {len(results)}")
    for reason, number in refused.most_common():
        print(f"  not written, {number}: {reason}")
    print(f"parts left out for naming what is not there: {sum(len(r['unfounded']) for r in results)}")
    print(f"doctests in them: {sum(r['examples'] for r in results)}; run by Python itself: {tried}, failed: {failed}")
    if types:
        print(f"annotations added: {sum(len(r['types']) for r in results)}")
    print(f"the project's tests: {before} before, {after} after")
    return int(same != len(pairs) or failed != "0" or before != after)


def _definitions(text: str, types: bool) -> list[str]:
    """The syntax tree of the module and of each definition in it, without docstrings."""
    tree = ast.parse(text)
    nodes = [n for n in ast.walk(tree) if isinstance(n, Documentable)]
    for node in nodes:
        if ast.get_docstring(node, clean=False) is not None:
            node.body = node.body[1:]
    for inner in ast.walk(tree) if types else ():
        if isinstance(inner, ast.arg):
            inner.annotation = None
        elif isinstance(inner, ast.FunctionDef | ast.AsyncFunctionDef):
            inner.returns = None
    return [ast.dump(n) for n in nodes]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
