"""A server on a loopback port that answers chat completions by script, for what real servers do when they fail."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True)
class Says:
    """One answer: a status with a body, or a stream of the chunks; `cut` leaves out how it ends, `slow` waits first."""

    texts: tuple[str, ...] = ("fine",)
    finish: str = "stop"
    status: int = 200
    error: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    cut: bool = False
    slow: float = 0.0
    refusal: str = ""
    logprobs: bool = False


class ChatServer(ThreadingHTTPServer):
    """`script` is what it says next; `bodies` and `keys` are what it was sent, `wire` is every byte of it."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.script: list[Says] = []
        self.bodies: list[dict[str, Any]] = []
        self.keys: list[str] = []
        self.wire: list[bytes] = []
        self.awake = threading.Event()
        threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/v1"

    def stop(self) -> None:
        self.awake.set()
        self.shutdown()
        self.server_close()


def chunks(says: Says) -> list[dict[str, Any]]:
    """What is streamed."""
    found: list[dict[str, Any]] = []
    for index, text in enumerate(says.texts):
        for piece in (text[: len(text) // 2], text[len(text) // 2 :]):
            choice: dict[str, Any] = {"index": index, "delta": {"content": piece}, "finish_reason": None}
            if says.logprobs:
                other = {"token": "x", "logprob": -2.0, "bytes": None}
                choice["logprobs"] = {"content": [{"token": piece, "logprob": -0.5, "top_logprobs": [other]}]}
            found.append({"choices": [choice]})
        if says.refusal:
            found.append({"choices": [{"index": index, "delta": {"refusal": says.refusal}, "finish_reason": None}]})
        if not says.cut:
            found.append({"choices": [{"index": index, "delta": {}, "finish_reason": says.finish}]})
    details = {"prompt_tokens": 30, "completion_tokens": 4, "prompt_tokens_details": {"cached_tokens": 20}}
    return found if says.cut else [*found, {"choices": [], "usage": {**details, "total_tokens": 34}}]


class _Handler(BaseHTTPRequestHandler):
    server: ChatServer

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.wire.append(self.requestline.encode() + b"\r\n" + self.headers.as_bytes() + body)
        self.server.bodies.append(json.loads(body))
        self.server.keys.append(self.headers.get("Authorization", ""))
        says = self.server.script.pop(0) if self.server.script else Says()
        if says.slow:
            self.server.awake.wait(says.slow)
        self.send_response(says.status)
        for name, value in says.headers.items():
            self.send_header(name, value)
        streamed = says.status == 200
        self.send_header("Content-Type", "text/event-stream" if streamed else "application/json")
        self.end_headers()
        if not streamed:
            self.wfile.write(json.dumps({"error": {"message": "no", **says.error}}).encode())
            return
        frame = {"id": "1", "object": "chat.completion.chunk", "created": 1, "model": "m"}
        for chunk in chunks(says):
            self.wfile.write(f"data: {json.dumps(frame | chunk)}\n\n".encode())
        if not says.cut:
            self.wfile.write(b"data: [DONE]\n\n")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Say nothing."""
