"""The other reviewers, each in a virtual environment of its own under the bench's home, made at first use."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

from casekit import BenchError

from reviewer.process import run

PACKAGES = {"gito": ("gito.bot", (3, 11)), "pr-agent": ("pr-agent", (3, 12))}
INTERPRETER = "BENCH_RIVAL_PYTHON"
SECONDS = 1800


def environment(tool: str, home: Path) -> Path:
    """The `bin` folder of a tool's environment. Raises BenchError when it cannot be made."""
    package, least = PACKAGES[tool]
    folder = home / "rivals" / tool
    if not (folder / "ready").is_file():
        print(f"installing {package} in {folder} ...", file=sys.stderr, flush=True)
        shutil.rmtree(folder, ignore_errors=True)
        _do((_python(least), "-m", "venv", str(folder)))
        _do((str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet", package))
        (folder / "ready").touch()
    return folder / "bin"


def _python(least: tuple[int, int]) -> str:
    """An interpreter that is new enough: the named one, this one, or one on the path."""
    if chosen := os.environ.get(INTERPRETER):
        return chosen
    if sys.version_info[:2] >= least:
        return sys.executable
    names = (f"python3.{minor}" for minor in range(least[1], least[1] + 4))
    for found in filter(None, map(shutil.which, names)):
        if run((found, "-c", "pass"), timeout=20).exit_code == 0:
            return found
    raise BenchError(f"no Python {least[0]}.{least[1]} or later is on the path: name one in {INTERPRETER}")


def _do(argv: tuple[str, ...]) -> None:
    done = run(argv, timeout=SECONDS)
    if done.exit_code != 0:
        raise BenchError(f"{' '.join(argv[:4])} failed: {done.stderr.decode(errors='replace')[-400:]}")


def encodings(home: Path) -> dict[str, str]:
    """Where tiktoken finds its encodings without a network: litellm, which PR-Agent brings, has them in its package."""
    inside = "lib/python*/site-packages/litellm/litellm_core_utils/tokenizers"
    found = sorted((home / "rivals" / "pr-agent").glob(inside))
    return {"TIKTOKEN_CACHE_DIR": str(found[0])} if found else {}
