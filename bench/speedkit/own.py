"""llama.cpp by itself, with the settings that the tool gives it: lines of JSON in, timings out. Run as a program."""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
import time
import urllib.request
import zlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any


class Own:
    """The program, seen from outside."""

    def __init__(self, settings: dict[str, Any]) -> None:
        self._process = subprocess.Popen(
            (sys.executable, "-P", __file__),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        self._say(settings)

    def ask(self, body: dict[str, Any]) -> dict[str, float]:
        """{"first": seconds to the first text, "all": to the end, "prompt", "completion": tokens, "text": its sum}."""
        answer: dict[str, float] = self._say({"body": body})
        return answer

    def ask_at_once(self, bodies: list[dict[str, Any]]) -> float:
        """Seconds until all are answered."""
        return float(self._say({"bodies": bodies})["all"])

    def count(self, text: str) -> int:
        """Tokens of a text."""
        return int(self._say({"text": text})["tokens"])

    def close(self) -> None:
        if self._process.stdin is not None:
            self._process.stdin.close()
        self._process.wait()

    def _say(self, message: dict[str, Any]) -> Any:
        if self._process.stdin is None or self._process.stdout is None:
            raise RuntimeError("no pipes")
        self._process.stdin.write(json.dumps(message) + "\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())


def main() -> None:
    out = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    settings = json.loads(sys.stdin.readline())
    os.environ.setdefault("GOMP_SPINCOUNT", "1000")
    import xllamacpp  # noqa: PLC0415 - reads the environment

    params = xllamacpp.CommonParams()
    params.model.path, params.n_ctx, params.n_parallel = settings["path"], settings["context"], settings["samples"]
    params.kv_unified, params.warmup, params.verbosity, params.ui = True, False, 1, False
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = settings["threads"]
    params.n_batch = params.n_ubatch = settings["batch"]
    params.api_keys = [key := secrets.token_hex(16)]
    if drafts := settings["drafts"]:
        params.speculative.types = [xllamacpp.common_speculative_type.COMMON_SPECULATIVE_TYPE_NGRAM_SIMPLE]
        params.speculative.ngram_simple.size_n, params.speculative.ngram_simple.size_m = drafts
    server = xllamacpp.Server(params)
    print(json.dumps({"pid": os.getpid(), "path": str(Path(settings["path"]))}), file=out, flush=True)
    for line in sys.stdin:
        message = json.loads(line)
        print(json.dumps(_answer(server, key, message)), file=out, flush=True)


def _answer(server: Any, key: str, message: dict[str, Any]) -> dict[str, float]:
    if "body" in message:
        return _timed(server, message["body"])
    if "text" in message:
        return _counted(server, key, message["text"])
    start = time.monotonic()
    with ThreadPoolExecutor(len(message["bodies"])) as pool:
        list(pool.map(lambda body: _timed(server, body), message["bodies"]))
    return {"all": time.monotonic() - start}


def _timed(server: Any, body: dict[str, Any]) -> dict[str, float]:
    start = time.monotonic()
    seen: dict[str, float] = {"first": 0.0, "prompt": 0, "completion": 0}
    text = ""

    def piece(chunk: str) -> bool:
        nonlocal text
        event = json.loads(chunk)
        text += "".join(c["delta"].get("content") or "" for c in event.get("choices", ()))
        if not seen["first"] and any(c["delta"].get("content") for c in event.get("choices", ())):
            seen["first"] = time.monotonic() - start
        if usage := event.get("usage"):
            seen["prompt"] = usage["prompt_tokens"]
            seen["completion"] += usage["completion_tokens"]
        return False

    server.handle_chat_completions(json.dumps(body), piece)
    return seen | {"all": time.monotonic() - start, "text": zlib.crc32(text.encode())}


def _counted(server: Any, key: str, text: str) -> dict[str, float]:
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    data = json.dumps({"content": text}).encode()
    with urllib.request.urlopen(
        urllib.request.Request(f"{server.listening_address}/tokenize", data, headers)
    ) as answer:
        return {"tokens": len(json.load(answer)["tokens"])}


if __name__ == "__main__":
    main()
