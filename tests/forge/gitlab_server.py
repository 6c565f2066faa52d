"""A GitLab of one merge request: what it keeps, what it refuses."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.forge.server import LARGEST, Page

TOP = "/api/v4/projects/12/merge_requests/7"
ME, SOMEBODY = 5, 6
# Lines like these are carried out, some of them in code blocks too.
COMMAND = re.compile(r"^\s*/[a-z]", re.MULTILINE)
NO_LINE = {"message": '400 Bad request - Note {:line_code=>["can\'t be blank", "must be a valid line code"]}'}


@dataclass
class GitLab:
    """`base` and `text` are the lines of m.py before and after the change."""

    head: str
    base: list[str]
    text: list[str]
    writable: bool = True
    ready: bool = True
    discussions: list[dict[str, Any]] = field(default_factory=list)
    faults: list[int | None] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    tokens: set[str] = field(default_factory=set)
    address: str = ""
    made: int = 0

    def bodies(self) -> list[str]:
        return [one["notes"][0]["body"] for one in self._threads()]

    def resolved(self) -> list[bool]:
        return [one["notes"][0]["resolved"] for one in self._threads()]

    def places(self) -> list[int]:
        return [one["notes"][0]["position"]["new_line"] for one in self._threads()]

    def summaries(self) -> list[str]:
        return [one["notes"][0]["body"] for one in self.discussions if one["individual_note"]]

    def dismiss(self) -> None:
        self._threads()[0]["notes"][0] |= {"resolved": True, "resolved_by": {"id": SOMEBODY}}

    def outdate(self) -> None:
        self._threads()[0]["notes"][0]["position"]["head_sha"] = "0" * 40

    def say(self, body: str, *, ours: bool = True, thread: bool = True, position: Any = None) -> None:
        self.made += 1
        note = {
            "id": self.made,
            "body": body,
            "system": False,
            "author": {"id": ME if ours else SOMEBODY},
            "resolvable": thread,
        }
        if thread:
            note |= {"resolved": False, "resolved_by": None, "position": position or {"head_sha": self.head}}
        self.discussions.append({"id": f"{self.made:040x}", "individual_note": not thread, "notes": [note]})

    def _threads(self) -> list[dict[str, Any]]:
        return [one for one in self.discussions if not one["individual_note"]]

    def answer(self, verb: str, path: str, words: dict[str, Any]) -> tuple[int, Any]:
        place = urlsplit(path)
        if verb == "GET":
            return self._read(place.path, parse_qs(place.query))
        if not self.writable:
            return 403, {"message": "403 Forbidden"}
        assert len(words.get("body", "")) <= LARGEST
        assert not COMMAND.search(words.get("body", ""))
        return self._write(verb, place.path.removeprefix(TOP), words)

    def _read(self, path: str, query: dict[str, list[str]]) -> tuple[int, Any]:
        if path == "/api/v4/user":
            return 200, {"id": ME, "username": "project_12_bot"}
        if path == TOP:
            return 200, {"id": 70, "iid": 7, "diff_refs": self._refs() if self.ready else None}
        if path == f"{TOP}/discussions":
            size, number = int(query["per_page"][0]), int(query.get("page", ["1"])[0])
            shown = Page(self.discussions[(number - 1) * size : number * size])
            shown.following = f"{path}?per_page={size}&page={number + 1}"
            return 200, shown if number * size < len(self.discussions) else list(shown)
        return 404, {"message": "404 Not found"}

    def _write(self, verb: str, path: str, words: dict[str, Any]) -> tuple[int, Any]:
        if (verb, path) == ("POST", "/discussions"):
            if not self._placed(words["position"]):
                return 400, NO_LINE
            self.say(words["body"], position=dict(words["position"]))
            return 201, self.discussions[-1]
        if (verb, path) == ("POST", "/notes"):
            self.say(words["body"], thread=False)
            return 201, self.discussions[-1]["notes"][0]
        kind, _, name = path.removeprefix("/").partition("/")
        if (verb, kind) == ("PUT", "notes"):
            (note,) = [n for one in self.discussions for n in one["notes"] if n["id"] == int(name)]
            assert note["author"]["id"] == ME
            note["body"] = words["body"]
            return 200, note
        if (verb, kind, words) == ("PUT", "discussions", {"resolved": True}):
            (one,) = [one for one in self.discussions if one["id"] == name]
            one["notes"][0] |= {"resolved": True, "resolved_by": {"id": ME}}
            return 200, one
        return 404, {"message": "404 Not found"}

    def _refs(self) -> dict[str, str]:
        return {"base_sha": "b" * 40, "start_sha": "d" * 40, "head_sha": self.head}

    def _placed(self, position: dict[str, Any]) -> bool:
        """Whether it names an added line by its number, or an unchanged one by both of its numbers."""
        assert position.keys() <= {"position_type", "old_path", "new_path", "new_line", "old_line", *self._refs()}
        assert position.items() >= self._refs().items()
        assert position["position_type"] == "text"
        blocks = SequenceMatcher(None, self.base, self.text, autojunk=False).get_matching_blocks()
        same = {b.b + n + 1: b.a + n + 1 for b in blocks for n in range(b.size)}
        line = position["new_line"]
        known = position["new_path"] == position["old_path"] == "m.py" and 0 < line <= len(self.text)
        return known and position.get("old_line") == same.get(line)
