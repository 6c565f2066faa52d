"""Other versions of a function: those that need no model, then the model's, each as a whole text of the file."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ..evidence.patterns import MESSAGES, searches
from ..tasks.optimise import Aim, rewritten
from ..tasks.session import Session
from ..verify.patch import lines_of
from ..verify.rewrite import put_unit
from .polish import tidy
from .subject import Subject, again, head_end
from .swift import rewrites

LOOPS = ast.For | ast.While | ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp


def of_rules(subject: Subject) -> Iterator[str]:
    """Versions made by rules; none where the function has comments, which they would lose."""
    if isinstance(subject.node, ast.FunctionDef) and "#" not in subject.span.text:
        yield from _texts(subject, map(tidy, rewrites(subject.node)))


def of_model(session: Session, subject: Subject, samples: int, aim: Aim, retort: str = "") -> Iterator[str]:
    """The model's versions; `retort` says what was wrong with one of before. Raises ModelError."""
    told = "".join(f"{hint}\n" for hint in hints(subject)) if aim is Aim.FASTER else ""
    yield from _texts(subject, rewritten(session, subject.span.text, samples, aim, told, retort))


def _texts(subject: Subject, codes: Iterator[str]) -> Iterator[str]:
    """Whole texts of the file, none twice and none that is the same program."""
    seen = {ast.dump(ast.parse(subject.text))}
    for code in codes:
        text = placed(subject, code)
        if text is not None and (shape := ast.dump(ast.parse(text))) not in seen:
            seen.add(shape)
            yield text


def placed(subject: Subject, code: str) -> str | None:
    """The file with another code of the function; its head and docstring stay as they are where they say the same."""
    text = put_unit(subject.text, subject.span, subject.name, code)
    if text is None:
        return None
    new = again(subject, text)
    if _head(new.node) != _head(subject.node) or new.node.body[0].lineno == new.node.lineno:
        return text
    old_lines, new_lines = lines_of(subject.text), lines_of(text)
    head = old_lines[subject.span.start - 1 : head_end(subject)]
    body = new_lines[head_end(new) : new.span.end]
    whole = "".join([*new_lines[: new.span.start - 1], *head, *body, *new_lines[new.span.end :]])
    return whole if body and _parses(whole) else text


def _head(node: ast.AST) -> tuple[object, ...]:
    """What must be alike for one head to stand for the other: decorators, and parameters but for their annotations."""
    if not isinstance(node, ast.FunctionDef):
        return ()
    given = node.args
    names = [[a.arg for a in some] for some in (given.posonlyargs, given.args, given.kwonlyargs)]
    more = [a.arg if a else "" for a in (given.vararg, given.kwarg)]
    values = [ast.dump(d) if d else "" for d in (*given.defaults, *given.kw_defaults, *node.decorator_list)]
    return (*map(tuple, names), *more, *values)


def _parses(text: str) -> bool:
    try:
        ast.parse(text)
    except (SyntaxError, ValueError):
        return False
    return True


def hints(subject: Subject) -> Iterator[str]:
    """What is slow in the function, as far as its syntax tells, in words for the model."""
    yield from dict.fromkeys(MESSAGES[s.slug].format(s.name) + "." for s in searches(subject.span.text))
    loops = [n for n in ast.walk(subject.node) if isinstance(n, LOOPS)]
    inner = [n for loop in loops for n in ast.walk(loop) if n is not loop]
    if any(isinstance(n, LOOPS) for n in inner):
        yield "A loop is inside another: a dict or a set that is made in one pass before it can take its place."
    if any(isinstance(n, ast.Compare) and isinstance(n.ops[0], ast.In | ast.NotIn) for n in inner):
        yield "A membership test is in a loop: make a set once before it, and keep order and repeated items."
    if any(isinstance(n, ast.Call) and ast.unparse(n.func).startswith("re.") for n in inner):
        yield "A pattern is compiled in every round: compile it once before the loop."
    if any(isinstance(n, ast.Call) and ast.unparse(n.func) in {"sum", "max", "min", "sorted", "len"} for n in inner):
        yield "The same is computed again in every round: carry it on from one round to the next, or sort once."
    calls = (n for n in ast.walk(subject.node) if isinstance(n, ast.Call))
    if sum(ast.unparse(n.func) == subject.node.name for n in calls) > 1:
        yield "It calls itself more than once: begin with the smallest case and go upwards in a loop."
