"""What might make the engine faster or the order of units better, measured before any of it is taken up.

python bench/trials.py speculation    # drafts copied from the prompt, where the answer repeats it
python bench/trials.py together       # units of one kind at once in the engine's slots, against one after another
BENCH_MIRRORS=FOLDER python bench/trials.py order   # does the probability of "yes, a bug" tell buggy code from right
"""

from __future__ import annotations

import argparse
import ast
import math
import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

from speedkit.clock import in_turns, median
from speedkit.engine import servers_of_its_own, unit
from speedkit.own import Own

from reviewer.llm.base import Request
from reviewer.llm.catalog import DEFAULT, find
from reviewer.llm.download import locate
from reviewer.llm.llamacpp import LlamaCpp, _body
from reviewer.tasks.assess import EXPLAIN_SCHEMA, EXPLAIN_SHARED, SCHEMA, SHARED
from reviewer.tasks.fix import CODE, REWRITE
from reviewer.tasks.prompt import block
from reviewer.tasks.session import SYSTEM

HERE = Path(__file__).resolve().parent
LINES = (10, 25)
PROBLEM = "Its result is wrong for some arguments.\n"
QUESTION = "Below is a Python function. Does it have a bug? Answer with yes or no.\n\n"


def speculation(runs: int) -> Iterator[str]:
    """Functions rewritten, explained, and rewritten eight times over: seconds with drafts against those without.

    A draft is looked up by so many tokens before it, and has at most so many; those of eight samples must fit a batch.
    """
    kinds = ((), (6, 14), (12, 14))
    engines = [Own(_settings() | {"drafts": kind}) for kind in kinds]
    every = _functions()
    texts = every[:: max(1, len(every) // runs)][:runs]
    yield f"| what | {' | '.join(map(str, kinds[1:]))} | same answers |"
    yield "| --- |" + " --- |" * len(kinds)
    for what, ask, count in (("rewrite", _rewrite, runs), ("explain", _assess, runs), ("eight", _eight, runs // 2)):
        answers = [[engine.ask(_body(ask(text), True)) for engine in engines] for text in texts[:count]]
        ratios = (f"{median([row[n]['all'] / row[0]['all'] for row in answers]):.2f}" for n in range(1, len(kinds)))
        same = sum(len({one["text"] for one in row}) == 1 for row in answers)
        yield f"| {what} | {' | '.join(ratios)} | {same} of {len(answers)} |"
    for engine in engines:
        engine.close()


def together(runs: int) -> Iterator[str]:
    """Four small units explained at once, against one after another in one slot that has their common beginning."""
    with closing(Own(_settings())) as engine:
        one, four = in_turns(
            runs,
            lambda: sum(engine.ask(body | {"id_slot": 7})["all"] for body in _explanations()),
            lambda: engine.ask_at_once(_explanations()),
        )
    yield f"at once / one after another: {median(four) / median(one):.2f} ({runs} runs of 4 units)"


def order(runs: int) -> Iterator[str]:
    """QuixBugs' programs, wrong and right: how often the wrong one has the higher probability of a yes."""
    with servers_of_its_own(), closing(_tool()) as tool:
        pairs = [tuple(_yes(tool, text) for text in pair) for pair in _pairs()[:runs]]
    higher = sum((wrong > right) + 0.5 * (wrong == right) for wrong, right in pairs) / len(pairs)
    all_wrong, all_right = zip(*pairs, strict=True)
    area = sum((w > r) + 0.5 * (w == r) for w in all_wrong for r in all_right) / len(pairs) ** 2
    yield f"of {len(pairs)} pairs the wrong one is higher in {higher:.0%}; over all of both (AUC): {area:.2f}"


def _settings() -> dict[str, Any]:
    return _tool()._settings() | {"prefixes": ""}


def _tool() -> LlamaCpp:
    entry = find(os.environ.get("LLM_REVIEW_MODEL", DEFAULT))
    return LlamaCpp(locate(entry), entry.name, entry.sha256)


def _functions() -> list[str]:
    """This project's own of a middling length."""
    trees = (ast.parse(path.read_text("utf-8")) for path in sorted(HERE.parent.glob("reviewer/*/*.py")))
    texts = (ast.unparse(node) for tree in trees for node in tree.body if isinstance(node, ast.FunctionDef))
    return [text for text in texts if LINES[0] <= text.count("\n") < LINES[1]]


def _rewrite(text: str) -> Request:
    limit = 80 + len(text) // 2
    return Request(SYSTEM, REWRITE, block(text) + PROBLEM, prefill=CODE, max_tokens=limit, stop=("\n```",))


def _eight(text: str) -> Request:
    return replace(_rewrite(text), temperature=0.8, samples=8)


def _assess(text: str) -> Request:
    prompt = f"Before: nothing, the code is new.\nAfter:\n{block(text)}"
    return Request(SYSTEM, SHARED, prompt, schema=SCHEMA, max_tokens=300)


def _explanations() -> list[dict[str, Any]]:
    requests = (Request(SYSTEM, EXPLAIN_SHARED, unit(6), schema=EXPLAIN_SCHEMA, max_tokens=80) for _ in range(4))
    return [_body(request, True) for request in requests]


def _yes(tool: LlamaCpp, text: str) -> float:
    request = Request(SYSTEM, QUESTION, block(text), max_tokens=1, logprobs=20, timeout=600)
    others = tool.complete(request).samples[0].tokens[0].others
    sums = [
        sum(math.exp(chance) for word, chance in others if word.strip().lower() == answer) for answer in ("yes", "no")
    ]
    return sums[0] / sum(sums) if sum(sums) else 0.5


def _pairs() -> list[tuple[str, str]]:
    place = next(Path(os.environ["BENCH_MIRRORS"], "jkoppel+QuixBugs").rglob("HEAD")).parent
    names = _git(place, "ls-tree", "--name-only", "HEAD", "python_programs/").split()
    own = [Path(name).name for name in names if name.endswith(".py") and not name.endswith(("_test.py", "node.py"))]
    folders = ("python_programs", "correct_python_programs")
    pairs = (tuple(_bare(_git(place, "show", f"HEAD:{folder}/{name}")) for folder in folders) for name in own)
    return [(wrong, right) for wrong, right in pairs if wrong and right]


def _bare(text: str) -> str:
    """Without docstrings and remarks, of which only the wrong ones have any."""
    tree = ast.parse(text)
    tree.body = [node for node in tree.body if not isinstance(node, ast.Expr)]
    return ast.unparse(tree)


def _git(place: Path, *words: str) -> str:
    done = subprocess.run(("git", "-C", str(place), *words), capture_output=True, text=True, check=False)
    return done.stdout if not done.returncode else ""


TRIALS: dict[str, Callable[[int], Iterator[str]]] = {
    "speculation": speculation, "together": together, "order": order,
}  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("trial", choices=TRIALS)
    parser.add_argument("--runs", type=int, default=10, help="functions, rounds or pairs (default 10)")
    arguments = parser.parse_args()
    for line in TRIALS[arguments.trial](arguments.runs):
        print(line, flush=True)


if __name__ == "__main__":
    main()
