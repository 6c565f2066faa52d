"""What the forge shows of a file, against what git's own diff shows: a comment elsewhere is refused with all others."""

from __future__ import annotations

import random
import re
from contextlib import closing
from pathlib import Path

from reviewer.change.diff import read_change
from reviewer.change.git import Repository
from reviewer.change.spec import Spec, SpecKind
from reviewer.forge.plan import shown
from tests.conftest import Repo

HEADER = re.compile(r"^@@ -\S+ \+(\d+)(?:,(\d+))? @@", re.MULTILINE)


def edited(lines: list[str], chance: random.Random) -> list[str]:
    made = list(lines)
    for _ in range(chance.randint(1, 6)):
        at = chance.randint(0, len(made))
        what = chance.choice(["add", "remove", "change"])
        if what == "add":
            made[at:at] = [f"new {chance.random()}"] * chance.randint(1, 3)
        elif what == "remove":
            del made[at : at + chance.randint(1, 3)]
        else:
            made[at : at + 1] = [f"other {chance.random()}"]
    return made


def test_the_lines_that_may_be_commented_on_are_those_of_gits_diff(repo: Repo, tmp_path: Path) -> None:
    chance = random.Random(7)
    old, new = {}, {}
    for number in range(60):
        lines = [f"line {n}" for n in range(chance.randint(1, 60))]
        end = chance.choice(["\n", "\n", ""])
        old[f"m{number}.py"] = "\n".join(lines) + "\n"
        new[f"m{number}.py"] = "\n".join(edited(lines, chance)) + end
    base, head = repo.commit(dict(old)), repo.commit(dict(new))
    with closing(Repository.open(repo.root, tmp_path / "scratch")) as opened:
        change, _ = read_change(opened, Spec(SpecKind.RANGE, f"{base}..{head}"))
    ranges = shown(change, {name: text.split("\n") for name, text in new.items()})
    assert len(change.files) == 60
    for file in change.files:
        text = repo.git("diff", "--no-color", "-U3", base, head, "--", file.path)
        parts = [(int(m[1]), int(m[1]) + int(m[2] or 1) - 1) for m in HEADER.finditer(text)]
        ours = [(part.start, part.stop - 1) for part in ranges[file.path]]
        assert [p for p in ours if p[0] <= p[1]] == [p for p in parts if p[0] <= p[1]], text
