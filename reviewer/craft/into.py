"""A function from a description, written into a file that exists: as a method of a class, or at the module's end.

Every version is tried in the file that it would be in, in a copy of the repository; the project's own tests too.
"""

from __future__ import annotations

import ast
import textwrap
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

from ..behaviour.calls import module_name
from ..errors import ModelError, ToolError, UsageError
from ..tasks.session import Session
from ..tasks.write import Wish, assertions, main_of, samples, signature_of
from ..verify.inplace import replaced
from ..verify.judge import broken, parses
from ..verify.lawful import new_module
from ..verify.mutants import bare, definition_of
from ..verify.outcome import PASSED, TestRun
from ..verify.patch import Definition, lines_of, unified
from ..verify.rewrite import add_imports, imports_in
from ..verify.standing import Standing
from .agree import Agreement, agree
from .box import Checked
from .generate import Generated, as_assertion, is_checked
from .polish import scan, tidy

CHECKS = "test_llm_review_checks.py"
LOADED = """import importlib

_module_ = importlib.import_module({module!r})
globals().update({{n: v for n, v in vars(_module_).items() if not n.startswith("__")}})
"""
CONTEXT = 2_000
HINT = "say it in other words, give a --signature, or take a larger model"


@dataclass(frozen=True, slots=True)
class Inserted:
    """A file with the new function: its `text`, the `patch`, what was checked of the function, and of the project.

    `tests` of the project's were run with it in place; `broken` are those that it breaks.
    """

    path: str
    text: str
    patch: str
    generated: Generated
    tests: int
    broken: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """Where checks of a file's text are run: in the copy of the repository, by pytest. Stands in for a `Box`."""

    stand: Standing
    path: str

    def check(self, code: str, checks: Sequence[str], seconds: float) -> Checked:
        """Import the module with this text and run each check for itself."""
        module, _ = module_name(self.stand.head, self.path)
        tests = "".join(f"\n\ndef test_{n}():\n{textwrap.indent(check, '    ')}\n" for n, check in enumerate(checks))
        name = (PurePosixPath(self.path).parent / CHECKS).as_posix()
        files = {self.path: _bytes(code), name: (LOADED.format(module=module) + tests).encode()}
        with replaced(self.stand.head, files):
            run = self.stand.run([name], limit=5.0 + seconds * (len(checks) + 1))
        loaded = next((f"{e.exception}: {e.message}" for e in run.collection_errors), run.reason)
        found = {int(n.rpartition("_")[2]): o for n, o in run.outcomes.items()}
        answers = {n: "" if o.outcome in PASSED else f"{o.exception}: {o.message}" for n, o in found.items()}
        return Checked(loaded, answers, {n: o.values["_seen_"] for n, o in found.items() if "_seen_" in o.values})


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def insert(
    stand: Standing,
    path: str,
    owner: str,
    wish: Wish,
    ask: Callable[[], Session],
    number: int,
    stage: Callable[[str], None],
) -> Inserted:
    """Write what is wished for into a file: `owner` is the class, or "" for the module.

    Raises UsageError for a class that is not there, ToolError where nothing can be run, ModelError without a version.
    """
    if stand.bench is None:
        raise ToolError("nothing can be run here", "llm-review doctor says what is missing")
    text = stand.text(path)
    context = context_of(path, text, owner)
    examples = tuple(map(as_assertion, wish.examples))
    wish = replace(wish, examples=examples, context=context, owner=owner)
    stage(f"writing {number} versions")
    session = ask()
    versions = _versions(stand, text, owner, wish, session, number)
    named = replace(wish, signature=wish.signature or signature_of(versions[0][1], wish.text))
    stage("writing assertions from the description alone")
    asserted = [a for a in assertions(session, named) if a not in examples]
    stage("running each version against them")
    agreement = agree(Place(stand, path), [new for new, _ in versions], examples, asserted)
    if agreement is None or agreement.chosen.checked.loaded:
        said = f": {agreement.chosen.checked.loaded}" if agreement else ""
        raise ModelError(f"with no version the module can be imported{said}", HINT)
    stage("the project's own tests")
    return _finished(stand, path, text, dict(versions), (*examples, *asserted), named, agreement)


def context_of(path: str, text: str, owner: str) -> str:
    """The imports of a module and what it defines, or a class, as far as signatures go. Raises UsageError."""
    tree = ast.parse(text)
    node = definition_of(text, owner) if owner else tree
    if not isinstance(node, ast.ClassDef | ast.Module):
        known = [n.name for n in tree.body if isinstance(n, ast.ClassDef)]
        raise UsageError(f"{path} has no class {owner}", f"it has: {', '.join(known) or 'no class'}")
    imports = [n for n in tree.body if isinstance(n, ast.Import | ast.ImportFrom)]
    body = [_outline(n) for n in node.body if not isinstance(n, ast.Import | ast.ImportFrom | ast.If)]
    kept = [n for n in body if n is not None]
    if isinstance(node, ast.ClassDef):
        kept = [bare(node, kept or [ast.Pass()])]
    return ast.unparse(ast.fix_missing_locations(ast.Module([*imports, *kept], [])))[:CONTEXT]


def _outline(node: ast.stmt) -> ast.stmt | None:
    """A definition without its body, but for how an object is made; an assignment as it is; nothing else."""
    if isinstance(node, Definition):
        return node if node.name == "__init__" else bare(node, [ast.Expr(ast.Constant(...))])
    return node if isinstance(node, ast.Assign | ast.AnnAssign) else None


def _versions(
    stand: Standing, text: str, owner: str, wish: Wish, session: Session, number: int
) -> list[tuple[str, str]]:
    """Whole texts of the file, and the code in each. Raises ModelError where there is none."""
    found: list[tuple[str, str]] = []
    why = "the model wrote no code that can be used"
    for code in samples(session, wish, number):
        new, objection = put(text, owner, code, wish)
        if new and (module := new_module(text, new, stand.own)):
            new, objection = "", f"it needs the module {module}, which this file did not need"
        if new:
            found.append((new, code))
        why = objection or why
    if not found:
        raise ModelError(why, HINT)
    return found


def put(text: str, owner: str, code: str, wish: Wish) -> tuple[str, str]:
    """The file with the code's function at the end of the class or module, or "" and why not."""
    node = main_of(code, wish.name)
    if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return "", "the model wrote no function"
    if owner and isinstance(node, ast.ClassDef):
        return "", "the model wrote a class, and no method"
    if definition_of(text, f"{owner}.{node.name}" if owner else node.name):
        return "", f"there is a {node.name} already"
    first = min([node.lineno, *(d.lineno for d in node.decorator_list)])
    source = textwrap.dedent("".join(lines_of(code)[first - 1 : node.end_lineno])).rstrip() + "\n"
    lines = lines_of(text if text.endswith("\n") else text + "\n")
    at, indent, gap = _place(text, owner)
    ending = "\r\n" if lines and lines[0].endswith("\r\n") else "\n"
    block = (gap + textwrap.indent(source, indent)).replace("\n", ending)
    after = lines[at:]
    block += ending * 2 if after and after[0].strip() and not owner else ""
    new = add_imports("".join([*lines[:at], block, *after]), imports_in(ast.parse(code), code), ending)
    return (new, "") if parses(new) else ("", "what the model wrote does not fit into the file")


def _place(text: str, owner: str) -> tuple[int, str, str]:
    """After which line, how far in, and what blank lines come before."""
    tree = ast.parse(text)
    node = definition_of(text, owner) if owner else None
    if isinstance(node, ast.ClassDef):
        last = node.body[-1]
        return last.end_lineno or last.lineno, " " * node.body[0].col_offset, "\n"
    body = [n for n in tree.body if not _is_main(n)]
    return (body[-1].end_lineno or 0) if body else 0, "", "\n\n" if body else ""


def _is_main(node: ast.stmt) -> bool:
    return isinstance(node, ast.If) and "__name__" in ast.unparse(node.test)


def _finished(
    stand: Standing,
    path: str,
    text: str,
    versions: dict[str, str],
    checks: Sequence[str],
    wish: Wish,
    agreement: Agreement,
) -> Inserted:
    chosen = agreement.chosen
    new = _tidied(stand, path, text, versions[chosen.code], wish, [checks[n] for n in sorted(chosen.checked.passed)])
    new = new or chosen.code
    targets = stand.tests_of(path)
    before = stand.run(targets)
    with replaced(stand.head, {path: _bytes(new)}):
        after = stand.run(targets)
    said = _fresh(stand, text, new)
    held, examples = len(chosen.held), len(wish.examples)
    generated = Generated(
        name=wish.name,
        code=versions[chosen.code],
        tests=tuple(checks[n] for n in sorted(chosen.checked.passed)),
        samples=agreement.samples,
        agreed=agreement.agreed,
        examples=examples,
        examples_held=len(chosen.checked.passed) - held,
        asserted=len(checks) - examples,
        held=held,
        checked=is_checked(agreement),
        remarks=said,
        unchecked=("types were not checked by a type checker",),
    )
    lost = tuple(broken(before, after, ())) if before.usable else ()
    return Inserted(path, new, unified(path, text, new), generated, _passed(after), lost)


def _tidied(stand: Standing, path: str, text: str, code: str, wish: Wish, tests: list[str]) -> str:
    """The file with the function in ruff's format; "" should a check no longer hold."""
    neat, _ = put(text, wish.owner, tidy(code), wish)
    if not neat:
        return ""
    again = Place(stand, path).check(neat, tests, 2.0)
    return neat if not again.loaded and len(again.passed) == len(tests) else ""


def _fresh(stand: Standing, old: str, new: str) -> tuple[str, ...]:
    """What ruff and bandit say of the new text and did not say of the old."""
    before = Counter(r.partition(": ")[2] for r in scan(old, stand.scratch).remarks)
    found = []
    for remark in scan(new, stand.scratch).remarks:
        words = remark.partition(": ")[2]
        before[words] -= 1
        found += [remark] if before[words] < 0 else []
    return tuple(found)


def _passed(run: TestRun) -> int:
    return run.counts.passed
