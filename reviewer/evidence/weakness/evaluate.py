"""The value of an expression. Only calls that are known to keep a text hand it on: any other may have cleaned it."""

from __future__ import annotations

import ast
from collections.abc import Mapping

from .names import Names
from .values import UNKNOWN, Origin, Value, either, joined

REQUESTS = frozenset({"flask.request", "bottle.request", "quart.request", "cherrypy.request", "sanic.request"})
# What of a request a client decides.
SENT = frozenset(
    {
        *("args", "form", "values", "files", "json", "data", "cookies", "headers", "get_data", "get_json", "query"),
        *(
            "GET",
            "POST",
            "FILES",
            "COOKIES",
            "META",
            "body",
            "query_params",
            "path_params",
            "params",
            "forms",
            "match_info",
        ),
        *("get_argument", "get_body_argument", "get_query_argument", "get_cookie", "query_string", "stream", "text"),
        *("read", "post", "full_path", "referrer", "content", "arguments", "rel_url"),
    }
)
KEEPS = frozenset(
    {
        *("strip", "lstrip", "rstrip", "lower", "upper", "title", "replace", "format", "join", "encode", "decode"),
        *(
            "split",
            "rsplit",
            "splitlines",
            "partition",
            "removeprefix",
            "removesuffix",
            "get",
            "getlist",
            "pop",
            "read",
        ),
        *("getvalue", "items", "values", "to_dict", "dict", "casefold", "expanduser", "first", "getfirst", "copy"),
    }
)
KEEPING = frozenset(
    {
        *("str", "bytes", "list", "tuple", "dict", "sorted", "next", "iter", "os.path.join", "os.path.abspath"),
        *("os.path.normpath", "os.path.expanduser", "pathlib.Path", "pathlib.PurePath", "io.StringIO", "io.BytesIO"),
        *(
            "urllib.parse.unquote",
            "urllib.parse.unquote_plus",
            "urllib.parse.urljoin",
            "json.loads",
            "base64.b64decode",
        ),
        *("os.fspath", "typing.cast", "sqlalchemy.text", "bytearray"),
    }
)
RANDOM = frozenset(
    f"random.{name}"
    for name in ("random", "randint", "randrange", "choice", "choices", "sample", "getrandbits", "randbytes", "uniform")
)
HASHES = frozenset({"md5", "sha1", "sha224", "sha256", "sha384", "sha512", "blake2b", "blake2s", "sha3_256", "new"})
TRACES = frozenset({"traceback.format_exc", "traceback.format_exception", "traceback.format_tb"})
DIGESTED = frozenset({"digest", "hexdigest"})


class Evaluator:
    """Evaluates expressions where the variables have certain values."""

    def __init__(self, names: Names, variables: Mapping[str, Value]) -> None:
        """`variables` may be changed by their owner between calls."""
        self._names, self._variables = names, variables

    def value(self, node: ast.AST | None) -> Value:  # noqa: PLR0911 - a table
        """What is known of the value of an expression."""
        match node:
            case ast.Constant(value=constant):
                return Value(Origin.CONSTANT, constant if isinstance(constant, str) else "")
            case ast.Name(id=name):
                return self._variables.get(name) or self._named(node)
            case ast.Attribute():
                return self._attribute(node)
            case ast.Call():
                return self._call(node)
            case ast.Subscript(value=inner) | ast.Await(value=inner) | ast.Starred(value=inner):
                return self._part(self.value(inner))
            case ast.NamedExpr(value=inner) | ast.FormattedValue(value=inner, conversion=-1 | 115):
                return self.value(inner)
            case _:
                return self._composed(node)

    def _composed(self, node: ast.AST | None) -> Value:  # noqa: PLR0911 - a table
        match node:
            case ast.JoinedStr(values=parts):
                return joined(self.value(part) for part in parts)
            case ast.BinOp(left=left, op=ast.Mod(), right=right) if _is_text(left):
                return self._formatted(left, [right])
            case ast.BinOp(left=left, op=ast.Add() | ast.Mult() | ast.Div(), right=right):  # / joins paths
                return joined((self.value(left), self.value(right)))
            case ast.BoolOp(values=parts):
                return either(self.value(part) for part in parts)
            case ast.IfExp(body=body, orelse=orelse):
                return either((self.value(body), self.value(orelse)))
            case ast.List(elts=parts) | ast.Tuple(elts=parts) | ast.Set(elts=parts):
                return joined(self.value(part) for part in parts)
            case _:
                return UNKNOWN

    def _named(self, node: ast.AST) -> Value:
        return Value(Origin.REQUEST) if self._names.of(node) in REQUESTS else UNKNOWN

    def _attribute(self, node: ast.Attribute) -> Value:
        named = self._named(node)
        if named is not UNKNOWN:
            return named
        inner = self.value(node.value)
        if inner.origin is Origin.REQUEST:
            return Value(Origin.REMOTE) if node.attr in SENT else UNKNOWN
        if node.attr == "request" and isinstance(node.value, ast.Name) and node.value.id == "self":
            return Value(Origin.REQUEST) if self._names.is_web else UNKNOWN
        if inner.sent and node.attr in {"filename", "args", "form"}:
            return Value(Origin.REMOTE)
        return UNKNOWN

    @staticmethod
    def _part(whole: Value) -> Value:
        """A part of a value has its origin, not its beginning."""
        return whole if whole.origin is Origin.CONSTANT else Value(whole.origin)

    def _call(self, node: ast.Call) -> Value:
        name = self._names.of(node.func)
        arguments = [self.value(argument) for argument in node.args]
        if name in KEEPING:
            return self._path(arguments) if name.startswith("os.path") else joined(arguments)
        if name in RANDOM:
            return Value(Origin.RANDOM)
        if name in TRACES:
            return Value(Origin.TRACEBACK)
        if name in {"hmac.new", "hmac.digest"}:
            return Value(Origin.HMAC)
        if name.startswith("hashlib.") and name.rpartition(".")[2] in HASHES:
            return Value(Origin.DIGEST)
        return self._method(node, node.func.value) if isinstance(node.func, ast.Attribute) else UNKNOWN

    @staticmethod
    def _path(arguments: list[Value]) -> Value:
        """A later absolute part takes the place of those before it, so a path begins with nothing for certain."""
        whole = joined(arguments)
        return Value(whole.origin, whole.text if whole.origin is Origin.CONSTANT else "", whole.built)

    def _method(self, node: ast.Call, receiver: ast.expr) -> Value:
        name = node.func.attr if isinstance(node.func, ast.Attribute) else ""
        inner = self.value(receiver)
        if inner.origin in {Origin.DIGEST, Origin.HMAC} and name in DIGESTED:
            return inner
        if inner.origin is Origin.REQUEST:
            return Value(Origin.REMOTE) if name in SENT else UNKNOWN
        if name in {"get_argument", "get_query_argument", "get_body_argument"} and self._names.is_web:
            return Value(Origin.REMOTE)
        if name not in KEEPS or _drops_lines(node):
            return UNKNOWN
        if name in {"format", "join", "replace"}:
            return self._formatted(receiver, [*node.args, *(k.value for k in node.keywords)])
        return inner

    def _formatted(self, template: ast.expr, arguments: list[ast.expr]) -> Value:
        whole = self.value(template)
        inserted = joined([v for argument in arguments for v in self._each(argument)])
        if whole.origin is Origin.CONSTANT and inserted.origin is Origin.CONSTANT:
            return Value(Origin.CONSTANT)
        start = min((at for mark in ("%", "{") if (at := whole.text.find(mark)) >= 0), default=len(whole.text))
        return Value(joined((whole, inserted)).origin, whole.text[:start], built=True, behind=inserted.behind)

    def _each(self, node: ast.expr) -> list[Value]:
        """The values that fill a template: of a tuple or a dict each one."""
        if isinstance(node, ast.Tuple):
            return [self.value(part) for part in node.elts]
        if isinstance(node, ast.Dict):
            return [self.value(part) for part in node.values]
        return [self.value(node)]


def _is_text(node: ast.expr) -> bool:
    return not (isinstance(node, ast.Constant) and isinstance(node.value, int | float))


def _drops_lines(node: ast.Call) -> bool:
    """Whether a call takes line breaks out of a text."""
    first = node.args[0] if node.args else None
    named = isinstance(node.func, ast.Attribute) and node.func.attr == "replace"
    return named and isinstance(first, ast.Constant) and first.value in {"\n", "\r", "\r\n", "..", "../", "<"}
