from __future__ import annotations

import re
from collections import Counter

from reviewer.report.annotations import render
from tests.report.hostile import NAME, TEXT, hostile, many
from tests.report.reviews import FULL

COMMAND = re.compile(r"::(error|warning|notice) ([^\n]*?)::([^\n]*)")


def commands(text: str) -> list[tuple[str, dict[str, str], str]]:
    """The commands as the runner reads them: line by line, properties split at commas, then decoded."""
    found = []
    for line in re.split(r"\r\n|\r|\n", text.rstrip("\n")):
        if match := COMMAND.fullmatch(line):
            pairs = [part.partition("=") for part in match[2].split(",")]
            found.append((match[1], {k: _decoded(v) for k, _, v in pairs}, _decoded(match[3])))
        else:
            assert "::" not in line
    return found


def _decoded(text: str) -> str:
    for code, char in (("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","), ("%25", "%")):
        text = text.replace(code, char)
    return text


def test_nothing_hostile_becomes_a_command_or_a_property() -> None:
    found = commands(render(hostile()))
    assert [kind for kind, _, _ in found] == ["error", "error", "notice"]
    assert found[0][1].keys() == {"file", "line", "endLine", "title"}
    assert found[0][1]["file"] == NAME.replace("\udcff", "\\udcff")
    assert "::error file=x::forged" in found[0][2]
    assert "\n" in TEXT


def test_at_most_ten_of_a_kind_and_the_rest_is_counted() -> None:
    found = commands(render(many(37)))
    assert Counter(kind for kind, _, _ in found) == {"error": 10, "notice": 1}
    assert found[-1][2].startswith("27 more findings in the report")


def test_a_line_of_the_base_is_not_pointed_at() -> None:
    places = [properties for _, properties, _ in commands(render(FULL))]
    assert [("line" in place) for place in places] == [True, True, False, False]
