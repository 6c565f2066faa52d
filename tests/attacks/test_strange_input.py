"""Input of every odd kind: each has a clear answer, and a flaw beside it is found all the same."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from reviewer.change import diff

from .corpus import CLEAN, FLAW, Said, Target

HUGE = 100_000_000
Build = Callable[[Target], None]


@dataclass(frozen=True)
class Odd:
    """How it is built, what is said of it (path and reason, or nothing), and whether the review is then complete."""

    build: Build
    what: str = ""
    reason: str = ""
    complete: bool = True


def _file(path: str, content: bytes, base: bytes | None = None) -> Build:
    def build(target: Target) -> None:
        target.changed({"m.py": CLEAN} | ({path: base} if base else {}), {"m.py": FLAW, path: content})

    return build


def _huge(target: Target) -> None:
    """Sparse, and untracked, so that git need not hash it."""
    target.repo.commit({"m.py": CLEAN})
    target.repo.write("m.py", FLAW)
    with (target.repo.root / "data.py").open("wb") as file:
        file.truncate(HUGE + 1)


def _submodule(target: Target) -> None:
    target.changed({"m.py": CLEAN}, {"m.py": FLAW})
    target.repo.git("update-index", "--add", "--cacheinfo", f"160000,{'1' * 40},sub")


def _renamed(target: Target) -> None:
    target.repo.commit({"old.py": CLEAN + "\n\n" + CLEAN.replace("add", "more")})
    target.repo.git("mv", "old.py", "m.py")
    target.repo.write("m.py", FLAW + "\n\n" + CLEAN.replace("add", "more"))
    target.repo.stage()


def _mode(target: Target) -> None:
    target.changed({"m.py": CLEAN, "run.py": CLEAN}, {"m.py": FLAW})
    target.repo.git("update-index", "--chmod=+x", "run.py")


def _link(target: Target) -> None:
    target.repo.commit({"m.py": CLEAN})
    (target.repo.root / "link.py").symlink_to("/etc/passwd")
    target.repo.write("m.py", FLAW)
    target.repo.stage()


def _unborn(target: Target) -> None:
    target.repo.write("m.py", FLAW)
    target.repo.stage()


def _detached(target: Target) -> None:
    target.changed({"m.py": CLEAN}, {"m.py": FLAW})
    target.repo.git("checkout", "-q", "--detach")


ODD = {
    "100 MB": Odd(_huge, "data.py", "untracked and larger than 100 MB", False),
    "one line of 10 MB": Odd(_file("n.py", b"x = '" + b"a" * 10_000_000), "n.py", "it is too large", False),
    "NUL in code": Odd(_file("n.py", b"x = 1\0\n", CLEAN.encode()), "n.py", "binary", False),
    "invalid UTF-8": Odd(_file("n.py", b"x = '\xff\xfe'\n"), "n.py", "reviewed by hunks only", False),
    "CRLF": Odd(_file("n.py", CLEAN.replace("\n", "\r\n").encode())),
    "no newline at the end": Odd(_file("n.py", b"x = 1", b"x = 2")),
    "nested too deeply": Odd(_file("n.py", b"x = " + b"(" * 500 + b")" * 500), "n.py", "reviewed by hunks", False),
    "submodule": Odd(_submodule, "sub", "a submodule", False),
    "rename": Odd(_renamed),
    "mode": Odd(_mode),
    "link": Odd(_link),
    "first commit": Odd(_unborn),
    "detached": Odd(_detached),
}  # fmt: skip


def _found(said: Said) -> bool:
    return ("ruff/F821", "m.py", "tool") in said.blocking


@pytest.mark.parametrize("name", ODD)
def test_nothing_beside_it_is_lost_and_what_is_left_out_is_said(target: Target, name: str) -> None:
    odd = ODD[name]
    odd.build(target)
    said = target.diff(*(["--worktree"] if name == "100 MB" else []))
    assert said.code == 1
    assert _found(said)
    reasons = {s["what"]: s["reason"] for s in said.report["skipped"] if not s["harmless"]}
    if odd.what:
        assert reasons.pop(odd.what).startswith(odd.reason)
        assert said.report["complete"] is odd.complete
    else:
        assert reasons == {}


def test_code_with_a_nul_is_nothing_to_a_plain_diff(target: Target) -> None:
    ODD["NUL in code"].build(target)
    plain = target.plain("git", "diff", "--cached", "--", "n.py").stdout
    assert "Binary files" in plain
    assert "x = 1" not in plain


def test_without_the_limit_of_size_the_long_line_would_be_taken_in(
    target: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    target.changed({"m.py": CLEAN}, {"m.py": FLAW, "n.py": "x = '" + "a" * 1_100_000 + "'\n"})
    monkeypatch.setattr(diff, "SIZE_LIMIT", 10**9)
    assert "n.py" not in {s["what"] for s in target.diff().report["skipped"]}


NAMES = ("with space.py", "quote\".py", "it's.py", "new\nline.py", "größe-日本.py", "tab\t.py", "-option.py", "a\\b.py",
         "$(touch x).py", ":(top)x.py", "%0A.py", os.fsdecode(b"latin-\xe9.py"))  # fmt: skip
LATIN = "latin-\\udce9.py"  # ruff says its name in its own way


def test_every_name_comes_through(target: Target) -> None:
    target.changed(dict.fromkeys(NAMES, CLEAN), dict.fromkeys(NAMES, FLAW))
    listed = target.plain("git", "diff", "--cached", "--name-only").stdout.split("\n")
    assert not {'quote".py', "new\nline.py", "größe-日本.py"} & set(listed), "a careless list has them all"
    said = target.diff()
    expected = {name.encode("utf-8", "backslashreplace").decode() for name in NAMES}
    lost = expected - {path for rule, path, _ in said.blocking if rule == "ruff/F821"}
    assert lost <= {LATIN}
    assert not lost or not said.report["complete"]
    assert not (target.repo.root / "x").exists()


# Repositories


def test_an_empty_repository_has_nothing_to_review(target: Target) -> None:
    assert target.run("diff", "--no-llm").out == "Nothing to review.\n"


def test_a_merge_is_reviewed_as_a_range(target: Target) -> None:
    target.repo.commit({"m.py": CLEAN})
    target.repo.git("checkout", "-q", "-b", "topic")
    target.repo.commit({"m.py": FLAW})
    target.repo.git("checkout", "-q", "main")
    target.repo.commit({"other.py": CLEAN})
    target.repo.git("merge", "-q", "--no-ff", "-m", "merge", "topic")
    assert _found(target.diff("HEAD^..HEAD"))


def test_a_merge_that_is_not_finished_is_an_error_with_a_hint(target: Target) -> None:
    target.repo.commit({"m.py": CLEAN})
    target.repo.git("checkout", "-q", "-b", "topic")
    target.repo.commit({"m.py": FLAW})
    target.repo.git("checkout", "-q", "main")
    target.repo.commit({"m.py": FLAW.replace("undefined_name", "b - 1")})
    target.plain("git", "-c", "user.name=a", "-c", "user.email=a@b", "merge", "topic")
    said = target.diff()
    assert said.code == 2
    assert "conflicts" in said.err


def test_a_shallow_clone_says_what_is_missing(target: Target, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target.repo.commit({"m.py": CLEAN})
    first = target.repo.git("rev-parse", "HEAD")
    target.repo.commit({"m.py": FLAW})
    target.repo.git("clone", "-q", "--depth", "1", f"file://{target.repo.root}", str(tmp_path / "shallow"))
    monkeypatch.chdir(tmp_path / "shallow")
    said = target.diff(f"{first}..HEAD")
    assert said.code == 2
    assert "fetch-depth: 0" in said.err
