"""Which functions answer requests, and what their parameters hold."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...nodes import walk
from .names import Names
from .values import Origin, Value

Functions = ast.FunctionDef | ast.AsyncFunctionDef
VERBS = frozenset({"route", "get", "post", "put", "patch", "delete", "head", "websocket", "api_route", "api_view"})
REQUEST_NAMES = frozenset({"request", "req"})
TEXT_TYPES = frozenset({"str", "bytes", "UploadFile", "dict", "Any", "list"})
LAMBDA = ("event", "context")


def is_view(node: Functions, names: Names) -> bool:
    """Whether a function answers requests of a web framework: by its decorator, or by its first parameter."""
    return names.is_web and (bool(_route(node)) or _takes_request(node))


def _takes_request(node: Functions) -> bool:
    return bool(node.args.args) and node.args.args[0].arg in REQUEST_NAMES


def _route(node: Functions) -> ast.Call | None:
    calls = (d for d in node.decorator_list if isinstance(d, ast.Call))
    for call in calls:
        if isinstance(call.func, ast.Attribute) and call.func.attr in VERBS and call.args:
            return call
    return None


def parameters(node: Functions, names: Names) -> dict[str, Value]:
    """What a function's parameters hold, where that is known."""
    arguments = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
    if tuple(a.arg for a in arguments) == LAMBDA:
        return {"event": Value(Origin.REMOTE)}
    given = {a.arg: Value(Origin.PARAMETER) for a in arguments if a.arg not in {"self", "cls"}}
    return given | dict(_of_framework(node, arguments, names))


def _of_framework(node: Functions, arguments: list[ast.arg], names: Names) -> dict[str, Value]:
    found = {a.arg: Value(Origin.REQUEST) for a in arguments if _is_request(a, names)}
    route = _route(node)
    if route and names.is_web:
        rest = [a for a in arguments if a.arg not in {*found, "self", "cls"}]
        found |= dict(_routed(route, rest, names))
    return found


def _is_request(argument: ast.arg, names: Names) -> bool:
    return names.is_web and argument.arg in REQUEST_NAMES


def _routed(route: ast.Call, arguments: list[ast.arg], names: Names) -> Iterator[tuple[str, Value]]:
    """Flask gives parts of the path; FastAPI gives what the annotations name."""
    rule = route.args[0].value if isinstance(route.args[0], ast.Constant) else ""
    path = rule if isinstance(rule, str) else ""
    for argument in arguments:
        if f"<path:{argument.arg}>" in path or f"{{{argument.arg}:path}}" in path:
            yield argument.arg, Value(Origin.REMOTE)
        elif f"<{argument.arg}>" in path or f"<string:{argument.arg}>" in path or f"{{{argument.arg}}}" in path:
            if _is_text(argument):
                yield argument.arg, Value(Origin.SEGMENT)
        elif "fastapi" in names.packages and argument.annotation is not None and _is_text(argument):
            yield argument.arg, Value(Origin.REMOTE)


def _is_text(argument: ast.arg) -> bool:
    """Whether a parameter may hold any text: by its annotation, or because it has none."""
    if argument.annotation is None:
        return True
    return any(isinstance(n, ast.Name) and n.id in TEXT_TYPES for n in walk(argument.annotation))
