"""Real repositories: what is read of a change against what git says of it, and what is applied against `git apply`."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Mapping
from pathlib import Path

from hypothesis import strategies as st

from reviewer.change.change import FileChange
from reviewer.change.diff import read_change
from reviewer.change.git import Repository
from reviewer.change.mend import apply, combine
from reviewer.change.spec import Spec, SpecKind
from reviewer.errors import GitError
from reviewer.verify.applied import new_texts
from tests.conftest import IDENTITY, Repo

SUBMODULE = b"submodule"
# What a file is: its content, and "x" for an executable, "l" for a link, "s" for a submodule.
Entry = tuple[bytes, str]
Tree = Mapping[str, Entry]

PIECES = [
    "a",
    "b c",
    'q"uote',
    "new\nline",
    "tab\t",
    "ünï",
    "\udcff",
    "-x",
    "@@ -1 +1 @@",
    "back\\slash",
    "*",
    ":(top)",
    " ",
]
NAMES = st.lists(st.sampled_from(PIECES), min_size=1, max_size=3).map("/".join) | st.sampled_from(["m.py", "d/m.py"])
BODIES = st.lists(
    st.sampled_from([b"a\n", b"b\n", b"\n", b"c\r\n", b"\xff\xfe\n", b"-- x\n", b"@@ -1 +1 @@\n", b"no end", b"d\r"]),
    max_size=8,
).map(b"".join)
BINARY = st.just(b"\x89PNG\0\1\n") | BODIES.map(lambda body: body + b"\0")
ENTRIES = (
    st.tuples(BODIES, st.sampled_from(["", "", "", "x"]))
    | st.tuples(BINARY, st.just(""))
    | st.tuples(st.sampled_from([b"../out", b"/etc/passwd", b"m.py", b"."]), st.just("l"))
    | st.tuples(st.just(SUBMODULE), st.just("s"))
)
LONG = st.integers(0, 40).map(lambda n: b"".join(b"line %d\n" % (i if i != n else -i) for i in range(40)))


def _without_clashes(tree: Tree) -> Tree:
    """A name is a file or a folder, and not both."""
    folders = {name.rsplit("/", n)[0] for name in tree for n in range(1, name.count("/") + 1)}
    return {name: entry for name, entry in tree.items() if name not in folders}


TREES = st.dictionaries(NAMES, ENTRIES | st.tuples(LONG, st.just("")), max_size=6).map(_without_clashes)


def tree_of(repo: Repo, tree: Tree) -> str:
    """The id of a tree of git, without a work tree taking part."""
    lines = b""
    for name, (content, kind) in tree.items():
        mode = {"": b"100644", "x": b"100755", "l": b"120000", "s": b"160000"}[kind]
        blob = "1" * 40 if kind == "s" else repo.git("hash-object", "-w", "--stdin", "--no-filters", stdin=content)
        lines += mode + b" " + blob.encode() + b"\t" + os.fsencode(name) + b"\0"
    index = {"GIT_INDEX_FILE": str(repo.root / ".git" / "fuzz-index")}
    Path(index["GIT_INDEX_FILE"]).unlink(missing_ok=True)
    repo.git("update-index", "-z", "--index-info", stdin=lines, env=index)
    return repo.git("write-tree", "--missing-ok", env=index)


def check_trees(folder: Path, base: Tree, head: Tree) -> None:
    """Names, modes, blobs and renames are git's; the hunks, and nothing else, lead from one side to the other."""
    repo = Repo(folder / "repo", init=not (folder / "repo/.git").is_dir())
    ids = [_commit(repo, tree_of(repo, tree)) for tree in (base, head)]
    opened = Repository.open(repo.root, folder / "scratch")
    try:
        change, skipped = read_change(opened, Spec(SpecKind.RANGE, f"{ids[0]}..{ids[1]}", None, ()))
        assert {_record(file) for file in change.files} == _listed(repo, *ids)
        left_out = {one.what for one in skipped}
        for file in change.files:
            sides = [opened.read(blob) if blob and mode != "160000" else b"" for blob, mode in _sides(file)]
            if file.path in left_out or file.binary:
                assert file.hunks == ()
            else:
                assert _rebuilt(sides[0], sides[1], file) == sides[1]
    finally:
        opened.close()


def _sides(file: FileChange) -> tuple[tuple[str, str], tuple[str, str]]:
    return (file.base_blob, file.base_mode), (file.head_blob, file.head_mode)


def _commit(repo: Repo, tree: str) -> str:
    return repo.git("commit-tree", tree, "-m", "x")


def _record(file: FileChange) -> tuple[str, str, str, str, str]:
    return (file.status[0], file.base_path, file.path, file.base_mode, file.head_mode)


def _listed(repo: Repo, base: str, head: str) -> set[tuple[str, str, str, str, str]]:
    """The same by `git diff --name-status` and the modes that `ls-tree` has: another way than the one under test."""
    words = repo.git("diff", "--name-status", "-z", "-M", "-l2000", base, head).split("\0")
    found = set()
    before, after = _modes(repo, base), _modes(repo, head)
    while len(words) > 1:
        letter, old = words.pop(0), words.pop(0)
        new = words.pop(0) if letter.startswith("R") else old
        found.add((letter[0], old, new, before.get(old, "000000"), after.get(new, "000000")))
    return found


def _modes(repo: Repo, commit: str) -> dict[str, str]:
    entries = [e.partition("\t") for e in repo.git("ls-tree", "-r", "-z", "--full-tree", commit).split("\0") if e]
    return {name: words.split()[0] for words, _, name in entries}


def _rebuilt(base: bytes, head: bytes, file: FileChange) -> bytes:
    """The head made of the base and, within the hunks only, of the head."""
    old, new = (re.findall(rb"[^\n]*\n|[^\n]+", side) for side in (base, head))
    lines: list[bytes] = []
    at = 1
    for hunk in file.hunks:
        first = hunk.base_start if hunk.base_count else hunk.base_start + 1
        lines += [*old[at - 1 : first - 1], *(new[line - 1] for line in hunk.head_lines)]
        at = first + hunk.base_count
    return b"".join([*lines, *old[at - 1 :]])


FILES = {"a.py": "a\nb\n\n  c\nd\r\n", "b c.py": "a\n", "é.py": "b\nend", "sub/a.py": "a\nb\n"}


def check_apply(folder: Path, patch: str) -> None:
    """What is accepted is what `git apply` makes of it; nothing outside of the files' lines is ever touched."""
    repo = _patched_repository(folder / "mend")
    outside = folder / "out"
    outside.write_text("outside\n")
    # A new status entry is a changed file; .git itself is compared but for the index.
    before = _protected(repo, folder)
    opened = Repository.open(repo.root, folder / "scratch-mend")
    try:
        mend = combine(opened, opened.head_tree(), [patch])
        if mend.taken and mend.paths:
            apply(opened, mend)
        accepted = bool(mend.taken)
    except GitError:
        accepted = False
    finally:
        opened.close()
    got = _content(repo)
    assert _protected(repo, folder) == before
    repo.git("checkout", "-q", "-f", "HEAD", "--", ".")
    if accepted:
        code, wanted = _by_git(repo, patch)
        assert code == 0
        assert got == wanted, (patch, got, wanted)
    else:
        assert got == _content(repo), patch
    _by_our_own(repo, patch, folder)


def _by_our_own(repo: Repo, patch: str, folder: Path) -> None:
    """`new_texts` reads our own patches only; where it takes one, git makes the same of it."""
    mine = new_texts(patch, lambda path: FILES.get(path, ""))
    if mine is None or not set(mine) <= set(FILES):
        return
    code, wanted = _by_git(repo, patch)
    if code == 0:
        assert {
            **{n: t.encode() for n, t in FILES.items()},
            **{n: t.encode("utf-8", "surrogatepass") for n, t in mine.items()},
        } == {n: c for n, c in wanted.items() if n != "link"}


def _by_git(repo: Repo, patch: str) -> tuple[int, dict[str, bytes]]:
    """The exit code and the files after `git apply`; all is put back."""
    done = subprocess.run(
        ["git", "apply", "--whitespace=nowarn", "-"], cwd=repo.root, env=os.environ | IDENTITY,
        input=patch.encode("utf-8", "surrogateescape"), capture_output=True, check=False,
    )  # fmt: skip
    made = _content(repo)
    repo.git("checkout", "-q", "-f", "HEAD", "--", ".")
    repo.git("clean", "-q", "-f", "-d", "-x")
    return done.returncode, made


def _patched_repository(root: Path) -> Repo:
    repo = Repo(root, init=not (root / ".git").is_dir())
    if not (root / "a.py").exists():
        (root / "link").symlink_to("..")
        repo.commit(dict(FILES))
    return repo


def _content(repo: Repo) -> dict[str, bytes]:
    files = [p for p in repo.root.rglob("*") if ".git" not in p.relative_to(repo.root).parts and not p.is_dir()]
    found = {str(p.relative_to(repo.root)): p.read_bytes() for p in files}
    return found | {"link": os.fsencode((repo.root / "link").readlink())}


def _protected(repo: Repo, folder: Path) -> dict[str, str]:
    """What no patch may reach: what is beside the work tree, git's own files, the link, and every mode."""
    state = {
        name: digest for name, digest in repo.state().items() if name.startswith((".git/config", ".git/hooks", "link"))
    }
    state |= {f"mode of {name}": oct((repo.root / name).stat().st_mode) for name in FILES}
    return state | {str(p.relative_to(folder)): p.read_bytes().hex() for p in folder.iterdir() if p.is_file()}
