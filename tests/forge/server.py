"""A GitHub of one pull request: what it keeps, what it refuses; and a forge's failures over HTTP."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Protocol, TypeVar

LARGEST = 65_536
PAGE = 100


class Page(list[Any]):
    """A part of a list, which goes on at `following`."""

    following = ""


class Served(Protocol):
    """`faults` are what the next requests get: a status code before anything is done, or, negative, after it was done;
    0 drops the connection after it was done.
    """

    faults: list[int | None]
    requests: list[str]
    tokens: set[str]
    address: str

    def answer(self, verb: str, path: str, words: dict[str, Any]) -> tuple[int, Any]: ...


Fake = TypeVar("Fake", bound=Served)


@dataclass
class GitHub:
    """`lines` are those that the diff shows, by path."""

    head: str
    lines: dict[str, set[int]]
    writable: bool = True
    login: str = "github-actions[bot]"
    threads: list[dict[str, Any]] = field(default_factory=list)
    comments: list[dict[str, Any]] = field(default_factory=list)
    reviews: list[dict[str, Any]] = field(default_factory=list)
    faults: list[int | None] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    tokens: set[str] = field(default_factory=set)
    address: str = ""

    def bodies(self) -> list[str]:
        """What begins the threads."""
        return [thread["comments"]["nodes"][0]["body"] for thread in self.threads]

    def resolved(self) -> list[bool]:
        """Of each thread, whether it is."""
        return [thread["isResolved"] for thread in self.threads]

    def places(self) -> list[int]:
        """The lines of the comments that were made."""
        return [comment["line"] for review in self.reviews for comment in review["comments"]]

    def summaries(self) -> list[str]:
        return [comment["body"] for comment in self.comments]

    def dismiss(self) -> None:
        """A person resolves the first thread."""
        self.threads[0] |= {"isResolved": True, "resolvedBy": {"login": "somebody"}}

    def outdate(self) -> None:
        """A push changes the lines of the first thread."""
        self.threads[0]["isOutdated"] = True

    def say(self, body: str, *, ours: bool = True, thread: bool = True) -> None:
        """A comment that is there already."""
        if thread:
            self.threads.append(_thread(len(self.threads), body, ours))
        else:
            self.comments.append({"databaseId": len(self.comments) + 1, "body": body, "viewerDidAuthor": ours})

    def answer(self, verb: str, path: str, words: dict[str, Any]) -> tuple[int, Any]:
        if path == "/graphql":
            return self._graphql(words["query"], words["variables"])
        if not self.writable:
            return 403, {"message": "Resource not accessible by integration"}
        if (verb, path) == ("POST", "/repos/o/r/pulls/7/reviews"):
            return self._review(words)
        if (verb, path) == ("POST", "/repos/o/r/issues/7/comments"):
            assert len(words["body"]) <= LARGEST
            self.say(words["body"], thread=False)
            return 201, {}
        if verb == "PATCH" and path.startswith("/repos/o/r/issues/comments/"):
            assert len(words["body"]) <= LARGEST
            (one,) = [c for c in self.comments if c["databaseId"] == int(path.rpartition("/")[2])]
            assert one["viewerDidAuthor"]
            one["body"] = words["body"]
            return 200, {}
        return 404, {"message": "Not Found"}

    def _review(self, words: dict[str, Any]) -> tuple[int, Any]:
        assert words["event"] == "COMMENT"
        assert words["commit_id"] == self.head
        for comment in words["comments"]:
            assert comment.keys() <= {"path", "body", "line", "side", "start_line", "start_side"}
            assert comment["side"] == "RIGHT"
            assert len(comment["body"]) <= LARGEST
            shown = self.lines.get(comment["path"], set())
            if not {comment["line"], comment.get("start_line", comment["line"])} <= shown:
                return 422, {
                    "message": "Unprocessable Entity: pull_request_review_thread.line must be part of the diff"
                }
        for comment in words["comments"]:
            self.say(comment["body"])
        self.reviews.append(words)
        return 200, {"id": len(self.reviews)}

    def _graphql(self, query: str, variables: dict[str, Any]) -> tuple[int, Any]:
        if "resolveReviewThread" in query:
            if not self.writable:
                return 200, {"errors": [{"type": "FORBIDDEN", "message": "Resource not accessible by integration"}]}
            (one,) = [thread for thread in self.threads if thread["id"] == variables["id"]]
            one |= {"isResolved": True, "resolvedBy": {"login": self.login.removesuffix("[bot]")}}
            return 200, {"data": {"resolveReviewThread": {"thread": {"id": one["id"]}}}}
        assert (variables["owner"], variables["name"], variables["number"]) == ("o", "r", 7)
        pull = {
            "headRefOid": self.head,
            "reviewThreads": _page(self.threads, variables.get("threads")),
            "comments": _page(self.comments, variables.get("comments")),
        }
        return 200, {"data": {"viewer": {"login": self.login}, "repository": {"pullRequest": pull}}}


def _page(nodes: list[dict[str, Any]], after: str | None) -> dict[str, Any]:
    start = int(after or 0)
    end = min(len(nodes), start + PAGE)
    info = {"hasNextPage": end < len(nodes), "endCursor": str(end) if end > start else None}
    return {"nodes": nodes[start:end], "pageInfo": info}


def _thread(number: int, body: str, ours: bool) -> dict[str, Any]:
    return {
        "id": f"PRRT_{number}",
        "isResolved": False,
        "isOutdated": False,
        "resolvedBy": None,
        "comments": {"nodes": [{"body": body, "viewerDidAuthor": ours}]},
    }


@contextmanager
def served(github: Fake) -> Iterator[Fake]:
    """The same, at an address."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            words = json.loads(self.rfile.read(int(self.headers.get("Content-Length") or 0)) or b"{}")
            github.requests.append(f"{self.command} {self.path}")
            github.tokens.add(self.headers["Authorization"])
            fault = github.faults.pop(0) if github.faults else None
            if fault is not None and fault > 0:
                return self._send(fault, {"message": "try later"})
            status, answer = github.answer(self.command, self.path, words)
            if fault == 0:
                self.close_connection = True
                return None
            return self._send(status if fault is None else -fault, answer)

        do_PATCH = do_PUT = do_GET = do_POST  # noqa: N815

        def _send(self, status: int, answer: Any) -> None:
            text = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(text)))
            if isinstance(answer, Page):
                self.send_header("Link", f'<{github.address}{answer.following}>; rel="next"')
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    github.address = f"http://127.0.0.1:{server.server_port}"
    try:
        yield github
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
