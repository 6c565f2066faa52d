"""Ask what a function does, in a form whose fields are the function's own: its parameters and its exceptions."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ..foreign import from_json
from ..llm.base import Request
from .prompt import block, one_line
from .session import SYSTEM, Session
from .translate import translated

SHARED = (
    "Describe the Python code below for its documentation. Be brief and exact, say what it does and not how, and name "
    "only what is in the code.\n\n"
)
TEXT, LONG = {"type": "string", "minLength": 1, "maxLength": 110}, {"type": "string", "minLength": 1, "maxLength": 240}
TICKED = re.compile(r"`([A-Za-z_][\w.]*)(?:\(\))?`")
Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
CODE_LIMIT = 6_000
DEEP = {"effects": LONG, "complexity": TEXT}


@dataclass(frozen=True, slots=True)
class Description:
    """What the model says: one line of purpose, a line for each parameter and exception, what is returned.

    `effects` and `complexity` are "" where they were not asked for. `unfounded` are names that it mentioned and that
    the code does not have: the line that had one was dropped.
    """

    purpose: str
    parameters: Mapping[str, str] = field(default_factory=dict)
    returns: str = ""
    raises: Mapping[str, str] = field(default_factory=dict)
    effects: str = ""
    complexity: str = ""
    unfounded: tuple[str, ...] = ()


def describe(session: Session, text: str, node: Definition, deep: bool = False) -> Description | None:
    """Describe a definition; `deep`: side effects and complexity too. None where it is too long or the reply was cut.

    Raises ModelError when the engine fails.
    """
    if len(text) > CODE_LIMIT:
        return None
    schema = _schema(node, deep)
    limit = 100 + 45 * (len(parameters_of(node)) + len(raised_by(node))) + (140 if deep else 0)
    prompt = block(text)
    reply = session.ask(Request(SYSTEM, SHARED, prompt, schema=schema, max_tokens=limit)).samples[0]
    try:
        data = from_json(reply.text)
    except ValueError:
        return None
    return _in_language(session, _description(data, text)) if isinstance(data, dict) else None


def _schema(node: Definition, deep: bool) -> dict[str, Any]:
    fields: dict[str, Any] = {"purpose": TEXT}
    for name, keys in (("parameters", parameters_of(node)), ("raises", raised_by(node))):
        if keys:
            inner = {"type": "object", "properties": dict.fromkeys(keys, TEXT), "additionalProperties": False}
            fields[name] = inner | {"required": list(keys)}
    if gives_back(node):
        fields["returns"] = TEXT
    fields |= DEEP if deep else {}
    return {"type": "object", "properties": fields, "required": list(fields), "additionalProperties": False}


def _description(data: Mapping[str, Any], text: str) -> Description:
    known, unfounded = set(re.findall(r"[A-Za-z_]\w*", text)), dict[str, None]()

    def line(value: object) -> str:
        said = one_line(str(value or ""))
        strange = [n for n in TICKED.findall(said) if not set(n.split(".")) <= known]
        unfounded.update(dict.fromkeys(strange))
        return "" if strange else said

    def lines(value: object) -> dict[str, str]:
        return {k: line(v) for k, v in value.items()} if isinstance(value, dict) else {}

    return Description(
        line(data.get("purpose")),
        lines(data.get("parameters")),
        line(data.get("returns")),
        lines(data.get("raises")),
        line(data.get("effects")),
        line(data.get("complexity")),
        tuple(unfounded),
    )


def _in_language(session: Session, said: Description) -> Description:
    """The description with each of its lines translated."""
    lines = [
        said.purpose,
        said.returns,
        said.effects,
        said.complexity,
        *said.parameters.values(),
        *said.raises.values(),
    ]
    purpose, returns, effects, complexity, *rest = translated(session, lines)
    parameters = dict(zip(said.parameters, rest, strict=False))
    raises = dict(zip(said.raises, rest[len(parameters) :], strict=True))
    return replace(
        said,
        purpose=purpose,
        returns=returns,
        effects=effects,
        complexity=complexity,
        parameters=parameters,
        raises=raises,
    )


def parameters_of(node: Definition) -> tuple[str, ...]:
    """The names of the parameters as documentation writes them, without `self` and `cls`; of a class, none."""
    if isinstance(node, ast.ClassDef):
        return ()
    given = node.args
    names = [a.arg for a in (*given.posonlyargs, *given.args)]
    names += [f"*{given.vararg.arg}"] if given.vararg else []
    names += [a.arg for a in given.kwonlyargs]
    names += [f"**{given.kwarg.arg}"] if given.kwarg else []
    return tuple(n for i, n in enumerate(names) if not (i == 0 and n in {"self", "cls"}))


def raised_by(node: Definition) -> tuple[str, ...]:
    """The exceptions that the code itself raises by name and does not catch again, in order; of a class, none."""
    found: dict[str, None] = {}
    for inner in () if isinstance(node, ast.ClassDef) else _leaving(node):
        raised = inner.exc.func if isinstance(inner.exc, ast.Call) else inner.exc
        # By convention a class has a capital; a name in small letters is an exception that was caught or made before.
        if isinstance(raised, ast.Name | ast.Attribute) and ast.unparse(raised).rpartition(".")[2][:1].isupper():
            found[ast.unparse(raised)] = None
    return tuple(found)


def _leaving(node: ast.AST, caught: frozenset[str] = frozenset()) -> Iterator[ast.Raise]:
    """The raises in a function whose exception no handler round them catches for good."""
    for name, value in ast.iter_fields(node):
        inside = caught | _caught(node) if isinstance(node, ast.Try) and name == "body" else caught
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.Raise) and not _names(child) & inside:
                yield child
            elif isinstance(child, ast.AST) and not isinstance(child, Definition | ast.Lambda):
                yield from _leaving(child, inside)


def _names(node: ast.Raise) -> set[str]:
    """The exception by its own name, and by those that stand for every one."""
    raised = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
    return {ast.unparse(raised), "Exception", "BaseException"} if raised is not None else set()


def _caught(node: ast.Try) -> frozenset[str]:
    """What the handlers catch that raise nothing themselves."""
    quiet = [h for h in node.handlers if not any(isinstance(n, ast.Raise) for n in ast.walk(h))]
    kinds = [h.type.elts if isinstance(h.type, ast.Tuple) else [h.type] for h in quiet if h.type is not None]
    everything = {"BaseException"} if any(h.type is None for h in quiet) else set()
    return frozenset({ast.unparse(k) for some in kinds for k in some} | everything)


def gives_back(node: Definition) -> bool:
    """Whether it returns or yields a value."""
    if isinstance(node, ast.ClassDef):
        return False
    return any(isinstance(n, ast.Return | ast.Yield | ast.YieldFrom) and n.value is not None for n in _own(node))


def _own(node: ast.AST) -> Iterator[ast.AST]:
    """Everything in a function but what is in functions and classes inside it."""
    for child in ast.iter_child_nodes(node):
        if not isinstance(child, Definition | ast.Lambda):
            yield child
            yield from _own(child)
