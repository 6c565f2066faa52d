"""The model behind llama.cpp's own HTTP server, in a process of its own, for reviewers that speak OpenAI's protocol."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from reviewer.errors import ModelError

SLOTS = 8
ANSWER = 2048
"""The most tokens of an answer: small models do not always end, and not every reviewer sets a limit."""


@contextlib.contextmanager
def served(model: Path, context: int, threads: int, answer: int = ANSWER) -> Iterator[str]:
    """The base URL of a server that is up, on a loopback port of its choice; it ends with the block."""
    argv = (sys.executable, str(Path(__file__).resolve()), *map(str, (model, context, threads, answer)))
    process = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    try:
        address = process.stdout.readline().decode().strip() if process.stdout else ""
        if not address:
            raise ModelError(f"the model server did not start: {model}")
        yield f"{address}/v1"
    finally:
        if process.stdin:
            process.stdin.close()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()


def _serve(path: str, context: int, threads: int, answer: int) -> None:
    import xllamacpp  # noqa: PLC0415 - only in the process that serves

    params = xllamacpp.CommonParams()
    params.model.path = path
    params.n_ctx = context
    params.n_parallel = SLOTS
    params.kv_unified = True
    params.n_predict = answer
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = threads
    params.warmup = False
    params.verbosity = 1
    params.ui = False
    server = xllamacpp.Server(params)
    address = server.listening_address
    print(address if address.startswith("http") else f"http://{address}", flush=True)
    sys.stdin.read()  # the end of the caller's pipe is the end of the server
    os._exit(0)


if __name__ == "__main__":
    _serve(sys.argv[1], *map(int, sys.argv[2:]))
