"""The bars that need a model: the tool beside llama.cpp itself, on the same file and threads."""

from __future__ import annotations

import itertools
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from reviewer.cli import main as llm_review
from reviewer.llm.base import Request
from reviewer.llm.catalog import DEFAULT, find
from reviewer.llm.download import locate
from reviewer.llm.llamacpp import Keep, LlamaCpp, _body
from reviewer.tasks.assess import EXPLAIN_SHARED, SHARED
from reviewer.tasks.fix import ANEW, REWRITE
from reviewer.tasks.session import SYSTEM

from .clock import Row, in_turns, median
from .own import Own

_numbers = itertools.count(int(time.time()))


def unit(lines: int = 12) -> str:
    """Code that was never shown before."""
    n = next(_numbers)
    body = "".join(f"    total_{n} = total_{n} * {n + i} + items[{i}]\n" for i in range(lines))
    return f"```python\ndef work_{n}(items):\n    total_{n} = 0\n{body}    return total_{n}\n```\n"


@contextmanager
def both() -> Iterator[tuple[LlamaCpp, Own]]:
    """The tool with a server of its own, and llama.cpp by itself."""
    entry = find(os.environ.get("LLM_REVIEW_MODEL", DEFAULT))
    with servers_of_its_own():
        tool = LlamaCpp(locate(entry), entry.name, entry.sha256, keep=Keep(600))
        own = Own(tool._settings())
        try:
            yield tool, own
        finally:
            own.close()
            tool.close()


@contextmanager
def servers_of_its_own() -> Iterator[None]:
    with tempfile.TemporaryDirectory() as folder:
        names = {"LLM_REVIEW_RUNTIME_DIR": f"{folder}/run", "LLM_REVIEW_CACHE_DIR": f"{folder}/cache"}
        before = {name: os.environ.get(name) for name in names}
        os.environ.update(names)
        try:
            yield
        finally:
            llm_review(["stop"])
            for name, value in before.items():
                os.environ.pop(name) if value is None else os.environ.update({name: value})


def own_speed(runs: int) -> list[Row]:
    """Reading, writing and the first token: the tool's wall time against the engine's own."""
    rows = []
    with both() as (tool, own):
        for name, request, what in _speeds():
            ours, theirs = in_turns(runs, _tool(tool, request, what), _own(own, request, what))
            share = median(theirs) / median(ours)
            rows.append(
                Row(f"{name}: the engine's own time / the tool's", ">= 0.95", f"{share:.3f}", share >= 0.95, runs)
            )
        warm = replace(_fresh(), max_tokens=1)
        tool.complete(warm)
        own.ask(_body(warm, True))
        # Asked again, the whole prompt is there, on either side.
        ours, theirs = in_turns(runs, _tool(tool, lambda: warm, "first"), _own(own, lambda: warm, "first"))
        more = median(ours) - median(theirs)
        rows.append(Row("warm: first token, seconds over the engine's own", "<= 0.1", f"{more:.3f}", more <= 0.1, runs))
        one, eight = in_turns(
            runs,
            _tool(tool, lambda: replace(_fresh(), max_tokens=64, temperature=0.8), "all"),
            _tool(tool, lambda: replace(_fresh(), max_tokens=64, temperature=0.8, samples=8), "all"),
        )
        ratio = median(eight) / median(one)
        rows.append(Row("eight samples of a unit / one", "<= 3", f"{ratio:.2f}", ratio <= 3, runs))
    return rows


def _fresh() -> Request:
    return Request(SYSTEM, SHARED, unit())


def _speeds() -> list[tuple[str, Callable[[], Request], str]]:
    return [
        # The new text comes first, so that neither side has any of it; it is no fixed turn, which the tool would save.
        ("reading a prompt", lambda: Request("", "", f"{unit(40)}Say yes.", max_tokens=1), "all"),
        # From the first token on: a question as short as this is read anew by the tool, and kept by the engine.
        ("writing 128 tokens", lambda: Request("", "", "Count from 1 to 200 in words.", max_tokens=128), "rest"),
    ]


def _tool(tool: LlamaCpp, request: Callable[[], Request], what: str) -> Callable[[], float]:
    def run() -> float:
        start = time.monotonic()
        first: list[float] = []
        tool.complete(replace(request(), timeout=600), lambda _: first.append(time.monotonic() - start))
        seconds = {"all": time.monotonic() - start, "first": first[0] if first else 0.0}
        return seconds.get(what, seconds["all"] - seconds["first"])

    return run


def _own(own: Own, request: Callable[[], Request], what: str) -> Callable[[], float]:
    def run() -> float:
        seconds = own.ask(_body(request(), True))
        return seconds.get(what, seconds["all"] - seconds["first"])

    return run


def prefixes(runs: int) -> list[Row]:
    """Questions of all kinds in turn: tokens computed against those of the units, before and after a restart."""
    rows = []
    with both() as (tool, own):
        kinds = (SHARED, EXPLAIN_SHARED, REWRITE, ANEW)
        fixed = [own.count(SYSTEM) + own.count(kind) for kind in kinds]
        for when in ("warm", "after a restart of the server"):
            if when == "warm":
                for kind in kinds:
                    tool.complete(Request(SYSTEM, kind, unit(), max_tokens=2, timeout=600))
            else:
                tool.close()
                llm_review(["stop"])
            computed = own_tokens = missed = 0
            for _ in range(runs):
                for kind, static in zip(kinds, fixed, strict=True):
                    request = Request(SYSTEM, kind, unit(), max_tokens=2, timeout=600)
                    usage = tool.complete(request).usage
                    computed += usage.prompt - usage.cached
                    own_tokens += own.count(request.prompt)
                    missed += max(0, static - usage.cached)
            ratio = computed / own_tokens
            rows.append(
                Row(f"{when}: prompt tokens computed / the units' own", "<= 1.1", f"{ratio:.3f}", ratio <= 1.1, runs)
            )
            rows.append(Row(f"{when}: tokens of the static prefix computed again", "0", str(missed), not missed, runs))
    return rows


def model_file() -> Path:
    return locate(find(os.environ.get("LLM_REVIEW_MODEL", DEFAULT)))


Bars = Callable[[int], list[Row]]
ENGINE: dict[str, Any] = {"engine": own_speed, "prefix": prefixes}
