"""What differs between two trees: the list from git's raw records, the hunks from a diff in which no name occurs.

Attributes cannot hide code: whether a file is text is decided by looking at its bytes, and the hunks come from two
synthetic trees whose files are called 0, 1, 2 ..., so that neither a name nor a rule about a name takes part.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

from ..review import Skipped
from .change import Change, FileChange, Hunk, Status
from .generated import generated, marked_paths
from .git import Repository
from .gitcommand import not_understood
from .spec import Spec
from .trees import Trees, read_trees

SIZE_LIMIT = 1_000_000
LINE_LIMIT = 5_000
SUBMODULE = "160000"
_SNIFFED = 8_000
_RECORD = re.compile(r":(\d{6}) (\d{6}) ([0-9a-f]{40,64}) ([0-9a-f]{40,64}) ([ADMRT])\d*")
_HUNK = re.compile(rb"^@@ -(\d{1,18})(?:,(\d{1,18}))? \+(\d{1,18})(?:,(\d{1,18}))? @@")
_SECTION = re.compile(rb"^diff --git a/(\d{1,18}) b/")


def read_change(repo: Repository, spec: Spec) -> tuple[Change, tuple[Skipped, ...]]:
    """The change that a request names, and every file of it (and of the work tree) that will not be reviewed.

    The files that are left out stay in `Change.files`, without hunks; `what` of their Skipped is their path, so the
    set of those is what `units.cut` wants as `left_out`. Raises GitError and UsageError as `read_trees` does.
    """
    trees = read_trees(repo, spec)
    files, missed = _within(tuple(_listed(repo, trees)), tuple(repo.relative(path) for path in spec.paths), repo.root)
    looked = tuple(_look(repo, trees, files))
    left_out = tuple(skipped for _, skipped in looked if skipped)
    hunks = _hunks(repo, [file for file, skipped in looked if not skipped])
    files = tuple(replace(file, hunks=hunks.get(file.path, ())) for file, _ in looked)
    change = Change(str(repo.root), trees.base, trees.head, files, trees.title)
    return change, (*trees.skipped, *missed, *left_out)


def _listed(repo: Repository, trees: Trees) -> Iterator[FileChange]:
    """The raw records. ":mode mode id id letter NUL path NUL", with a second path for a rename."""
    flags = ("-r", "-z", "--raw", "--no-abbrev", "-M", "-l2000", "--no-ext-diff", "--no-textconv", "--no-color")
    answer = repo.run("diff-tree", *flags, trees.base, trees.head)
    fields = iter(answer.out.decode("utf-8", "surrogateescape").split("\0")[:-1])
    if not answer.out and trees.base != trees.head:
        raise not_understood("what differs between two trees")
    for record in fields:
        found = _RECORD.fullmatch(record)
        base_path = next(fields, "")
        path = next(fields, "") if found and found[5] == "R" else base_path
        if not found or not path:
            raise not_understood("what differs between two trees")
        blobs = (_present(found[3]), _present(found[4]))
        yield FileChange(path, base_path, Status(found[5]), *blobs, found[1], found[2])


def _present(blob: str) -> str:
    return "" if set(blob) == {"0"} else blob


def _within(
    files: tuple[FileChange, ...], paths: tuple[str, ...], root: Path
) -> tuple[tuple[FileChange, ...], list[Skipped]]:
    """The files at or below one of the paths (all, if there are none), and the paths where nothing changed."""
    if not paths:
        return files, []
    inside = {path: [f for f in files if _below(f.path, path) or _below(f.base_path, path)] for path in paths}
    missed = [_missed(path, root) for path in paths if not inside[path]]
    kept = {file.path for some in inside.values() for file in some}
    return tuple(file for file in files if file.path in kept), missed


def _missed(path: str, root: Path) -> Skipped:
    if os.path.lexists(root / path):
        return Skipped(path, "nothing changed there", harmless=True)
    return Skipped(path, "nothing changed there, and there is no such file or folder")


def _below(path: str, folder: str) -> bool:
    return not folder or path == folder or path.startswith(f"{folder}/")


def _look(repo: Repository, trees: Trees, files: tuple[FileChange, ...]) -> Iterator[tuple[FileChange, Skipped | None]]:
    """Each file, marked as binary where it is, with the reason why it is left out, if it is."""
    sizes = repo.sizes(blob for file in files for blob in _blobs(file))
    marked = marked_paths(repo, trees.base, (path for file in files for path in (file.path, file.base_path)))
    for file in files:
        if SUBMODULE in {file.base_mode, file.head_mode}:
            yield file, Skipped(file.path, "a submodule: what it brings in was not read")
            continue
        large = any(sizes.get(blob, SIZE_LIMIT + 1) > SIZE_LIMIT for blob in _blobs(file))
        yield _judged(repo, file, marked, large)


def _judged(
    repo: Repository, file: FileChange, marked: frozenset[str], large: bool
) -> tuple[FileChange, Skipped | None]:
    read = partial(repo.beginning, size=_SNIFFED) if large else repo.read
    base, head = (b"\0" in read(blob) if blob else False for blob in (file.base_blob, file.head_blob))
    file = replace(file, binary=base or head)
    if why := generated(file, marked, read):
        return file, Skipped(file.path, why, harmless=True)
    if file.binary:
        # Code that turns into "data" is how a change would hide.
        hides = head and ((file.base_blob and not base) or file.path.endswith((".py", ".pyi", ".pyw")))
        return file, Skipped(file.path, "binary (it has NUL bytes)", harmless=not hides)
    if large:
        return file, Skipped(file.path, f"larger than {SIZE_LIMIT // 1_000_000} MB")
    if not file.is_python and any(_longest_line(read(blob)) > LINE_LIMIT for blob in _blobs(file)):
        return file, Skipped(file.path, f"a line is longer than {LINE_LIMIT} bytes (minified?)")
    return file, None


def _blobs(file: FileChange) -> tuple[str, ...]:
    """The ids of a file's sides that are files or links here."""
    sides = ((file.base_blob, file.base_mode), (file.head_blob, file.head_mode))
    return tuple(blob for blob, mode in sides if blob and mode != SUBMODULE)


def _longest_line(data: bytes) -> int:
    return max(map(len, data.split(b"\n")))


def _hunks(repo: Repository, files: list[FileChange]) -> dict[str, tuple[Hunk, ...]]:
    """Hunks by head path: one diff of two trees in which file 0, 1, 2 ... is the pair of that file's blobs."""
    if not files:
        return {}
    base, head = repo.make_trees(
        ((str(n), file.base_blob) for n, file in enumerate(files) if file.base_blob),
        ((str(n), file.head_blob) for n, file in enumerate(files) if file.head_blob),
    )
    output = repo.scratch / f"{base}-{head}.diff"
    flags = ("--patch", "--unified=0", "--text", "--no-renames", "--full-index", "--no-ext-diff", "--no-textconv")
    repo.run("diff-tree", *flags, "--no-color", "--src-prefix=a/", "--dst-prefix=b/", f"--output={output}", base, head)
    with output.open("rb") as lines:
        hunks = parsed(lines)
    output.unlink()
    return {files[n].path: tuple(found) for n, found in hunks.items()}


def parsed(lines: Iterable[bytes]) -> dict[int, list[Hunk]]:
    """Hunks by the number that is each section's name. Every line of content begins with +, - or a backslash."""
    found: dict[int, list[Hunk]] = {}
    current: list[Hunk] = []
    for line in lines:
        if section := _SECTION.match(line):
            current = found.setdefault(int(section[1]), [])
        elif hunk := _HUNK.match(line):
            current.append(_hunk(hunk.groups()))
    return found


def _hunk(numbers: Iterable[bytes | None]) -> Hunk:
    base_start, base_count, head_start, head_count = (1 if number is None else int(number) for number in numbers)
    return Hunk(base_start, base_count, head_start, head_count)
