"""GitLab's merge requests: a discussion for each new comment, one summary note that is kept up to date."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from ..change.change import Change
from ..errors import ForgeError
from .base import BROKEN, FAILED, LIMITED, TIMEOUT, UnavailableError
from .event import Event
from .plan import Comment
from .state import SUMMARY, State, Thread, fingerprint_in

if TYPE_CHECKING:
    from gitlab import Gitlab

ADDRESS = "https://gitlab.com"
PAGE = 100
ONCE = {"obey_rate_limit": False}  # what is tried again is decided in one place
Answer = TypeVar("Answer")


class GitLab:
    """The event's merge request over GitLab's API; `change` tells the base's numbers of unchanged lines."""

    name = "GitLab"
    suggestion = "suggestion:-{before}+0"

    def __init__(self, event: Event, change: Change, token: str, address: str = ADDRESS) -> None:
        """Speak as the token's owner. Raises ForgeError without python-gitlab."""
        self._client = _client(token, address)
        self._event = event
        self._files = {file.path: file for file in change.files}
        self._refs: Mapping[str, str] = {}

    def state(self) -> State:
        """What we said before: discussions and notes that begin with words of the token's own user."""
        return _answered(self._state)

    def _state(self) -> State:
        self._client.auth()
        me = self._client.user.id if self._client.user else 0
        project = self._client.projects.get(self._event.repository, lazy=True)
        self._request = project.mergerequests.get(self._event.number or 0, **ONCE)
        self._refs = self._request.attributes.get("diff_refs") or {}
        if not self._refs:
            raise UnavailableError("the merge request's diff is not ready")
        threads: list[Thread] = []
        summary = ("", "")
        for found in self._request.discussions.list(iterator=True, per_page=PAGE, **ONCE):
            first = next(iter(found.attributes["notes"]), None)
            if first is None or first["system"] or first["author"]["id"] != me:
                continue
            fingerprint = fingerprint_in(first["body"])
            if fingerprint == SUMMARY:
                summary = (str(first["id"]), first["body"])
            elif fingerprint:
                threads.append(_thread(found.id, fingerprint, first, me, self._refs["head_sha"]))
        return State(self._refs["head_sha"], tuple(threads), *summary)

    def comment(self, comments: Sequence[Comment]) -> Collection[str]:
        """One discussion each; those are left out whose line GitLab does not accept."""
        return [one.fingerprint for one in comments if self._discuss(one)]

    def _discuss(self, made: Comment) -> bool:
        words = {"body": made.body, "position": self._position(made)}
        try:
            _answered(lambda: self._request.discussions.create(words, **ONCE))
        except _UnacceptableError:
            return False
        return True

    def _position(self, made: Comment) -> dict[str, Any]:
        """Where a comment stands; GitLab wants an unchanged line's number on both sides."""
        file = self._files[made.path]
        refs = {name: self._refs[name] for name in ("base_sha", "start_sha", "head_sha")}
        place = {"old_path": file.base_path, "new_path": file.path, "new_line": made.end}
        before = made.end
        for hunk in file.hunks:
            if hunk.head_start <= made.end < hunk.head_start + hunk.head_count:
                return {"position_type": "text"} | refs | place
            if hunk.head_start < made.end:
                before += hunk.base_count - hunk.head_count
        return {"position_type": "text", "old_line": before} | refs | place

    def resolve(self, thread: str) -> None:
        """Close a discussion."""
        _answered(lambda: self._request.discussions.update(thread, {"resolved": True}, **ONCE))

    def summarise(self, body: str, comment: str) -> None:
        """Write the summary note, or write it anew."""
        notes = self._request.notes
        words = {"body": body}
        _answered(lambda: notes.update(comment, words, **ONCE) if comment else notes.create(words, **ONCE))


class _UnacceptableError(ForgeError):
    """GitLab understood the request and does not take it."""


def _answered(request: Callable[[], Answer]) -> Answer:
    """The answer to a request, or what its failure means for us."""
    from gitlab.exceptions import GitlabError  # noqa: PLC0415
    from requests import RequestException  # noqa: PLC0415

    try:
        return request()
    except RequestException as error:
        raise UnavailableError(type(error).__name__) from error
    except GitlabError as error:
        code = error.response_code or 0
        words = f"{code or ''} {error.error_message}".strip()
        if code >= BROKEN or code == LIMITED:
            raise UnavailableError(words) from error
        refused = _UnacceptableError if code == FAILED else ForgeError
        hint = "the token needs the scope `api` and the role Developer; a fork's pipeline has no such token"
        raise refused(f"GitLab refused: {words}", hint) from error


def _thread(name: str, fingerprint: str, first: Mapping[str, Any], me: int, head: str) -> Thread:
    """A discussion of ours. GitLab moves a position along with its line until the line changes."""
    resolved = bool(first.get("resolved"))
    dismissed = resolved and (first.get("resolved_by") or {}).get("id") != me
    outdated = (first.get("position") or {}).get("head_sha", head) != head
    return Thread(name, fingerprint, resolved, outdated, dismissed)


def _client(token: str, address: str) -> Gitlab:
    try:
        from gitlab import Gitlab  # noqa: PLC0415 - an extra, and slow to import
    except ImportError as error:
        raise ForgeError("python-gitlab is not installed", 'pip install "llm-review[gitlab]"') from error
    # As `Authorization`, which is not sent on to another host that an answer may lead to.
    return Gitlab(address, oauth_token=token, timeout=TIMEOUT, user_agent="llm-review", keep_base_url=True)
