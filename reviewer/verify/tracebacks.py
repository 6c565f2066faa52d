"""What a traceback that somebody has tells: the tests that failed, and the lines of which files it went through."""

from __future__ import annotations

import re
from dataclasses import dataclass

from .outcome import Frame

COLOURS = re.compile(r"\x1b\[[0-9;]*m")
SUMMARY = re.compile(r"^(?:FAILED|ERROR) (.+?\.py(?:::.+?)?)(?: - .*)?$", re.MULTILINE)
VERBOSE = re.compile(r"^(\S+\.py::.+?) (?:FAILED|ERROR)\b", re.MULTILINE)
PLACE = re.compile(
    r'^(?:\s*File "(?P<file>[^"\n]+)", line (?P<line>\d+)|(?P<path>[^\s:][^:\n]*\.py):(?P<at>\d+): )', re.MULTILINE
)
SAID = re.compile(r"^(?:E\s+)?((?:\w+\.)*\w*(?:Error|Exception|Warning|Exit|Interrupt)\b.*)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Told:
    """`tests` are node ids as pytest's summary has them; `places` the lines of the last traceback, from the outermost
    call to where it was raised, with paths as they were printed; `said` the exception in one line, or "".
    """

    tests: tuple[str, ...]
    places: tuple[Frame, ...]
    said: str


def told(text: str) -> Told:
    """Read what pytest or Python printed; nothing in it is believed before it was executed again."""
    plain = COLOURS.sub("", text.replace("\r\n", "\n"))
    tests = [_whole(n) for n in (*SUMMARY.findall(plain), *VERBOSE.findall(plain))]
    places = tuple(Frame(m["file"] or m["path"], int(m["line"] or m["at"])) for m in PLACE.finditer(_last(plain)))
    said = SAID.findall(plain)
    return Told(tuple(dict.fromkeys(tests)), places, said[-1].strip() if said else "")


def _last(text: str) -> str:
    """From the last traceback on; all of it where Python printed none."""
    start = text.rfind("Traceback (most recent call last)")
    return text[start:] if start >= 0 else text


def _whole(node_id: str) -> str:
    """Without parameters that were cut, as those with " - " in them are."""
    return node_id if node_id.count("[") <= node_id.count("]") else node_id.partition("[")[0]
