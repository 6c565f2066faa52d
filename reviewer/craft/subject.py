"""What a command was pointed at: PATH or PATH::NAME, as a file's text and the definitions in it."""

from __future__ import annotations

import ast
import difflib
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ..change.change import Span
from ..errors import UsageError
from ..verify.patch import Definition, lines_of


@dataclass(frozen=True, slots=True)
class Subject:
    """A definition in a file: `name` is qualified ("Class.method"), `span` its lines with decorators."""

    path: Path
    text: str
    name: str
    node: Definition
    span: Span

    @property
    def label(self) -> str:
        """ "path::name"."""
        return f"{self.path}::{self.name}"


def read(target: str) -> tuple[Path, str, str]:
    """Path, text and name ("" for the whole file) of a target. Raises UsageError when it cannot be read or parsed."""
    name_of_file, _, name = target.partition("::")
    path = Path(name_of_file)
    try:
        text = path.read_bytes().decode("utf-8")
        ast.parse(text)
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror}", "give a Python file, or FILE::NAME") from error
    except (UnicodeDecodeError, SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise UsageError(f"{path} is not Python: {error}", f"llm-review run {path} shows where") from error
    return path, text, name


def subjects(target: str, classes: bool = False) -> list[Subject]:
    """The definition that a target names, or every function and method of the file, and with `classes` those too.

    Raises UsageError when the file cannot be read or has no such definition, with the nearest name.
    """
    path, text, name = read(target)
    found = {s.name: s for s in definitions(path, text)}
    if not name:
        return [s for s in found.values() if classes or not isinstance(s.node, ast.ClassDef)]
    if name not in found:
        near = difflib.get_close_matches(name, found, 1)
        known = f"did you mean '{near[0]}'?" if near else f"it has: {', '.join(found) or 'no definition'}"
        raise UsageError(f"{path} defines no {name}", known)
    return [found[name]]


def definitions(path: Path, text: str) -> Iterator[Subject]:
    """Every class, function and method of a module's text, outer ones first; not those inside functions."""
    lines = lines_of(text)
    for name, node in _definitions(ast.parse(text).body, ""):
        first = min([node.lineno, *(d.lineno for d in node.decorator_list)])
        last = node.end_lineno or node.lineno
        yield Subject(path, text, name, node, Span(first, last, "".join(lines[first - 1 : last])))


def _definitions(body: list[ast.stmt], outer: str) -> Iterator[tuple[str, Definition]]:
    for node in body:
        if isinstance(node, Definition):
            yield outer + node.name, node
            if isinstance(node, ast.ClassDef):
                yield from _definitions(node.body, f"{outer}{node.name}.")


def inner(target: str) -> list[Subject]:
    """What a target names and all that is in it, classes too. Raises UsageError as `subjects` does."""
    return subjects(target, classes=True) if "::" not in target else list(within(subjects(target)[0]))


def within(subject: Subject) -> Iterator[Subject]:
    """The definition, and where it is a class its methods and classes too."""
    yield subject
    if isinstance(subject.node, ast.ClassDef):
        inner = f"{subject.name}."
        yield from (s for s in definitions(subject.path, subject.text) if s.name.startswith(inner))


def head_end(subject: Subject) -> int:
    """How many lines of the file there are to the end of the docstring, or of the head where there is none.

    Comments at the beginning of the body come after it.
    """
    first = subject.node.body[0]
    if ast.get_docstring(subject.node, clean=False) is not None:
        return first.end_lineno or first.lineno
    lines, at = lines_of(subject.text), start_of(first) - 1
    while lines[at - 1].lstrip().startswith("#") or not lines[at - 1].strip():
        at -= 1
    return at


def start_of(node: ast.stmt) -> int:
    """The first line of a statement, its decorators included."""
    return min([node.lineno, *(d.lineno for d in node.decorator_list)]) if isinstance(node, Definition) else node.lineno


def again(subject: Subject, text: str) -> Subject:
    """The same definition in a newer text of its file, which must have it."""
    return next(s for s in definitions(subject.path, text) if s.name == subject.name)


def replace_file(path: Path, old: str, new: str) -> None:
    """Put a new text in a file's place at once. Raises UsageError when it was changed since, or cannot be written."""
    try:
        if path.read_bytes().decode("utf-8") != old:
            raise UsageError(f"{path} was changed in the meantime", "nothing was written: run it again")
        with tempfile.NamedTemporaryFile("w", encoding="utf-8", newline="", dir=path.parent, delete=False) as file:
            file.write(new)
        shutil.copymode(path, file.name)
        Path(file.name).replace(path)
    except OSError as error:
        raise UsageError(f"cannot write {path}: {error.strerror}", "make it writable") from error
