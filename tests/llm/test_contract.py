"""The contract with real engines and a real model: llama.cpp in process, and llama.cpp's own server over HTTP."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from reviewer.llm.base import Provider
from reviewer.llm.catalog import DEFAULT, find
from reviewer.llm.download import is_present, locate
from reviewer.llm.endpoint import endpoint
from reviewer.llm.llamacpp import LlamaCpp
from reviewer.llm.openai import OpenAi

from .contract import *  # noqa: F403

pytestmark = pytest.mark.model
CONTEXT = 4096
SERVER = f"""
import sys, xllamacpp
params = xllamacpp.CommonParams()
params.model.path = sys.argv[1]
params.n_ctx, params.n_parallel, params.kv_unified = {CONTEXT}, 4, True
params.cpuparams.n_threads = params.cpuparams_batch.n_threads = 2
params.warmup = params.ui = False
params.verbosity = 1
params.api_keys = ["test-key"]
server = xllamacpp.Server(params)
print(server.listening_address, flush=True)
sys.stdin.read()
"""


def _file() -> Path:
    if named := os.environ.get("LLM_REVIEW_TEST_MODEL"):
        return Path(named)
    found = next((locate(e) for e in (find("smollm2-135m"), find(DEFAULT)) if is_present(e)), None)
    return found or pytest.skip("no model is here: llm-review model pull smollm2-135m")


@pytest.fixture(scope="module", params=["llamacpp", "openai"])
def provider(request: pytest.FixtureRequest) -> Iterator[Provider]:
    pytest.importorskip("xllamacpp")
    make = {"llamacpp": _in_process, "openai": _over_http}[request.param]
    yield from make(_file())


def _in_process(path: Path) -> Iterator[Provider]:
    made = LlamaCpp(path, path.stem, context=CONTEXT)
    yield made
    made.close()


def _over_http(path: Path) -> Iterator[Provider]:
    with (
        pytest.MonkeyPatch.context() as patch,
        subprocess.Popen(
            [sys.executable, "-P", "-c", SERVER, str(path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        ) as server,
    ):
        assert server.stdout is not None
        address = server.stdout.readline().strip()
        patch.setenv("LLM_REVIEW_API_KEY", "test-key")
        made = OpenAi(endpoint(f"{address}/v1", False), path.stem)
        yield made
        made.close()
        server.kill()
