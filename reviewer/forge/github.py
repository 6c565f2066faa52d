"""GitHub's pull requests: one review with all new comments, one summary that is kept up to date."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ..errors import ForgeError
from .base import BROKEN, FAILED, LIMITED, TIMEOUT, UnavailableError
from .event import Event
from .plan import Comment
from .state import SUMMARY, State, Thread, fingerprint_in

if TYPE_CHECKING:
    from github import Github

ADDRESS = "https://api.github.com"
FORBIDDEN, UNPROCESSABLE = 403, 422
BODY = "llm-review looked at this change; its answer is in the summary comment."
_PULL = """
query($owner: String!, $name: String!, $number: Int!, $threads: String, $comments: String) {
  viewer { login }
  repository(owner: $owner, name: $name) { pullRequest(number: $number) {
    headRefOid
    reviewThreads(first: 100, after: $threads) {
      pageInfo { hasNextPage endCursor }
      nodes { id isResolved isOutdated resolvedBy { login } comments(first: 1) { nodes { body viewerDidAuthor } } }
    }
    comments(first: 100, after: $comments) {
      pageInfo { hasNextPage endCursor }
      nodes { databaseId body viewerDidAuthor }
    }
  } }
}"""
_RESOLVE = "mutation($id: ID!) { resolveReviewThread(input: {threadId: $id}) { thread { id } } }"


class GitHub:
    """The event's pull request over GitHub's API."""

    name = "GitHub"
    suggestion = "suggestion"

    def __init__(self, event: Event, token: str, address: str = ADDRESS) -> None:
        """Speak as the token's owner. Raises ForgeError without PyGithub."""
        self._requester = _client(token, address).requester
        self._event = event

    def state(self) -> State:
        """What we said before, from comments that this very token wrote."""
        threads: list[Thread] = []
        summary, head = ("", ""), ""
        for login, pull in self._pages():
            head = pull["headRefOid"]
            threads += [t for node in pull["reviewThreads"]["nodes"] if (t := _thread(node, login))]
            for node in pull["comments"]["nodes"]:
                if node["viewerDidAuthor"] and fingerprint_in(node["body"]) == SUMMARY:
                    summary = (str(node["databaseId"]), node["body"])
        return State(head, tuple(threads), *summary)

    def _pages(self) -> Iterator[tuple[str, dict[str, Any]]]:
        owner, _, name = self._event.repository.partition("/")
        variables: dict[str, Any] = {"owner": owner, "name": name, "number": self._event.number}
        more = True
        while more:
            data = self._graphql(_PULL, variables)
            pull = data["repository"]["pullRequest"]
            yield data["viewer"]["login"], pull
            ends = {"threads": pull["reviewThreads"]["pageInfo"], "comments": pull["comments"]["pageInfo"]}
            variables |= {key: info["endCursor"] or variables.get(key) for key, info in ends.items()}
            more = any(info["hasNextPage"] for info in ends.values())

    def comment(self, comments: Sequence[Comment]) -> Collection[str]:
        """One review with all comments; none where GitHub does not accept their lines."""
        words = {
            "commit_id": self._event.head,
            "event": "COMMENT",
            "body": BODY,
            "comments": [_wire(one) for one in comments],
        }
        taken = self._request("POST", f"pulls/{self._event.number}/reviews", words, refusable=True)
        return [one.fingerprint for one in comments] if taken else []

    def resolve(self, thread: str) -> None:
        """Close a thread."""
        self._graphql(_RESOLVE, {"id": thread})

    def summarise(self, body: str, comment: str) -> None:
        """Write the summary, or write it anew where it is."""
        if comment:
            self._request("PATCH", f"issues/comments/{comment}", {"body": body})
        else:
            self._request("POST", f"issues/{self._event.number}/comments", {"body": body})

    def _request(self, verb: str, path: str, words: dict[str, Any], *, refusable: bool = False) -> bool:
        answer = self._send(lambda: self._requester.requestJson(verb, self._path(path), input=words))
        status = answer[0]
        if status == UNPROCESSABLE and refusable:
            return False
        if status >= FAILED:
            raise _error(status, _message(answer[2]))
        return True

    def _path(self, path: str) -> str:
        return f"/repos/{self._event.repository}/{path}"

    def _graphql(self, query: str, variables: dict[str, Any]) -> dict[str, Any]:
        words = {"query": query, "variables": variables}
        status, _, text = self._send(
            lambda: self._requester.requestJson("POST", self._requester.graphql_url, input=words)
        )
        if status >= FAILED:
            raise _error(status, _message(text))
        answer = json.loads(text)
        if errors := answer.get("errors"):
            kind = errors[0].get("type", "")
            raise _error(LIMITED if kind == "RATE_LIMITED" else FORBIDDEN, str(errors[0].get("message", kind)))
        data: dict[str, Any] = answer["data"]
        return data

    def _send(self, request: Callable[[], tuple[int, dict[str, Any], str]]) -> tuple[int, dict[str, Any], str]:
        from requests import RequestException  # noqa: PLC0415

        try:
            return request()
        except RequestException as error:
            raise UnavailableError(type(error).__name__) from error


def _error(status: int, message: str) -> Exception:
    """An answer that is none, as what it means for us."""
    if status >= BROKEN or status == LIMITED or "rate limit" in message.lower():
        return UnavailableError(f"{status} {message}")
    hint = "the token needs `pull-requests: write`; the token of a fork cannot have it"
    return ForgeError(f"GitHub refused: {status} {message}", hint)


def _message(text: str) -> str:
    """What GitHub says in an answer that is an error."""
    try:
        answer = json.loads(text)
    except ValueError:
        return ""
    return str(answer.get("message", "")) if isinstance(answer, dict) else ""


def _thread(node: Mapping[str, Any], login: str) -> Thread | None:
    """A thread that we began, or None."""
    first = next(iter(node["comments"]["nodes"]), None)
    if first is None or not first["viewerDidAuthor"]:
        return None
    fingerprint = fingerprint_in(first["body"])
    if fingerprint in {"", SUMMARY}:
        return None
    # A workflow's own account is "github-actions[bot]" in one place and "github-actions" in another.
    by = (node["resolvedBy"] or {}).get("login", "").removesuffix("[bot]")
    dismissed = node["isResolved"] and by != login.removesuffix("[bot]")
    return Thread(node["id"], fingerprint, node["isResolved"], node["isOutdated"], dismissed)


def _wire(made: Comment) -> dict[str, Any]:
    words: dict[str, Any] = {"path": made.path, "body": made.body, "line": made.end, "side": "RIGHT"}
    return words | ({"start_line": made.start, "start_side": "RIGHT"} if made.start < made.end else {})


def _client(token: str, address: str) -> Github:
    try:
        from github import Auth, Github  # noqa: PLC0415 - an extra, and slow to import
    except ImportError as error:
        raise ForgeError("PyGithub is not installed", 'pip install "llm-review[github]"') from error
    # What is tried again is decided here: a request that GitHub carried out without saying so must not be made twice.
    return Github(auth=Auth.Token(token), base_url=address, timeout=TIMEOUT, retry=None, user_agent="llm-review")
