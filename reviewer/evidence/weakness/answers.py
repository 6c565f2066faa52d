"""What a web application sends to its clients: HTML that is not escaped, exceptions, cookies, lax settings."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...nodes import walk
from . import rules
from .flow import Context
from .rules import Rule
from .sinks import LOG_METHODS, is_logger
from .values import Origin, Value

HTML = frozenset(
    {
        *("flask.make_response", "flask.Response", "django.http.HttpResponse", "starlette.responses.HTMLResponse"),
        *("fastapi.responses.HTMLResponse", "quart.Response", "werkzeug.Response", "sanic.response.html"),
        *("django.http.HttpResponseBadRequest", "django.http.HttpResponseNotFound", "werkzeug.wrappers.Response"),
    }
)
JSON = frozenset(
    {"flask.jsonify", "django.http.JsonResponse", "fastapi.responses.JSONResponse", "rest_framework.response.Response"}
)
TYPES = frozenset({"mimetype", "content_type", "media_type", "headers"})
SECRET_WORDS = ("password", "passwd", "passphrase", "secret", "api_key", "apikey", "private_key", "access_token")
COOKIE_WORDS = ("session", "sess", "token", "auth", "jwt", "sid")
SETTINGS_OFF = {
    **dict.fromkeys(("SESSION_COOKIE_SECURE", "SESSION_COOKIE_HTTPONLY", "CSRF_COOKIE_SECURE"), rules.COOKIE_OFF),
    **dict.fromkeys(("WTF_CSRF_ENABLED", "WTF_CSRF_CHECK_DEFAULT"), rules.CSRF),
}


def answers(node: ast.AST, context: Context) -> Iterator[Rule]:
    """The rules that a call, a return or an assignment breaks."""
    if isinstance(node, ast.Call):
        yield from _response(node, context)
        yield from _cookie(node)
        yield from _origins(node, context)
        yield from _logged(node, context)
    elif isinstance(node, ast.Return) and context.view:
        yield from _returned(node, context)
    elif isinstance(node, ast.Assign):
        yield from _switched_off(node)


def _response(node: ast.Call, context: Context) -> Iterator[Rule]:
    name = context.name(node.func)
    if name in HTML and node.args:
        plain = any(k.arg in TYPES and not _is_html(k.value) for k in node.keywords) or _sets_type(context)
        value = context.value(node.args[0])
        if value.sent and not plain and not _is_structure(node.args[0], context):
            yield rules.XSS
        yield from _exposed(value)
    elif name in JSON:
        for argument in (*node.args, *(k.value for k in node.keywords)):
            yield from _exposed(_deep(argument, context))


def _sets_type(context: Context) -> bool:
    """Whether the function says of what type its answer is, in a statement of its own."""
    targets = (t for n in walk(context.function or context.module) if isinstance(n, ast.Assign) for t in n.targets)
    for target in targets:
        if isinstance(target, ast.Attribute) and target.attr in TYPES:
            return True
        key = target.slice if isinstance(target, ast.Subscript) else None
        if isinstance(key, ast.Constant) and str(key.value).lower() == "content-type":
            return True
    return False


def _is_html(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and "html" in str(node.value)


def _is_structure(node: ast.expr, context: Context) -> bool:
    """A dict or list is sent as JSON; so is what `json` made."""
    return isinstance(node, ast.Dict | ast.List) or (
        isinstance(node, ast.Call) and context.name(node.func).startswith("json.")
    )


def _exposed(value: Value) -> Iterator[Rule]:
    if value.origin is Origin.TRACEBACK:
        yield rules.TRACEBACK
    elif value.origin is Origin.EXCEPTION:
        yield rules.EXCEPTION


def _deep(node: ast.expr, context: Context) -> Value:
    """The value of an expression, or of a dictionary's entry that shows an exception."""
    if isinstance(node, ast.Dict):
        shown = (context.value(v) for v in node.values)
        return next((v for v in shown if v.origin in {Origin.TRACEBACK, Origin.EXCEPTION}), Value())
    return context.value(node)


def _returned(node: ast.Return, context: Context) -> Iterator[Rule]:
    value = node.value.elts[0] if isinstance(node.value, ast.Tuple) and node.value.elts else node.value
    if value is None:
        return
    known = _deep(value, context)
    yield from _exposed(known)
    text = isinstance(value, ast.Name | ast.JoinedStr | ast.BinOp) or (
        isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute)
    )
    if known.sent and text and known.built and not context.names.packages.isdisjoint({"flask", "bottle", "quart"}):
        yield rules.XSS


def _cookie(node: ast.Call) -> Iterator[Rule]:
    if not (isinstance(node.func, ast.Attribute) and node.func.attr in {"set_cookie", "set_signed_cookie"}):
        return
    flags = {k.arg: k.value for k in node.keywords}
    if None in flags:  # **options
        return
    if any(isinstance(v := flags.get(n), ast.Constant) and v.value is False for n in ("secure", "httponly")):
        yield rules.COOKIE_OFF
    name = node.args[0] if node.args else flags.get("key")
    text = str(name.value).lower() if isinstance(name, ast.Constant) else ""
    if any(word in text for word in COOKIE_WORDS) and not {"secure", "httponly"} <= set(flags) and "csrf" not in text:
        yield rules.COOKIE


def _origins(node: ast.Call, context: Context) -> Iterator[Rule]:
    flags = {k.arg: k.value for k in node.keywords}
    credentials = flags.get("allow_credentials") or flags.get("supports_credentials")
    origins = flags.get("allow_origins") or flags.get("origins")
    if isinstance(credentials, ast.Constant) and credentials.value is True and origins is not None:
        any_origin = {n.value for n in walk(origins) if isinstance(n, ast.Constant)} == {"*"}
        if any_origin and context.names.is_web | ("flask_cors" in context.names.packages):
            yield rules.CORS


def _logged(node: ast.Call, context: Context) -> Iterator[Rule]:
    name = context.name(node.func)
    logs = name.rpartition(".")[2] in LOG_METHODS and is_logger(name)
    if logs and any(_is_secret(inner) for argument in node.args for inner in _shown(argument)):
        yield rules.SECRET_LOGGED


def _shown(node: ast.expr) -> Iterator[ast.expr]:
    """The names whose values become part of a message; what a call makes of them does not count."""
    if isinstance(node, ast.Name | ast.Attribute):
        yield node
    elif not isinstance(node, ast.Call | ast.Subscript | ast.IfExp | ast.Compare):
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.expr):
                yield from _shown(child)


def _is_secret(node: ast.expr) -> bool:
    name = (node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else "").lower()
    return name.endswith(SECRET_WORDS)


def _switched_off(node: ast.Assign) -> Iterator[Rule]:
    if not (isinstance(node.value, ast.Constant) and node.value.value is False):
        return
    for target in node.targets:
        name = target.id if isinstance(target, ast.Name) else ""
        if isinstance(target, ast.Subscript) and isinstance(target.slice, ast.Constant):
            name = str(target.slice.value)
        if name in SETTINGS_OFF:
            yield SETTINGS_OFF[name]
