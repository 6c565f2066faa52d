"""Mistakes that the syntax alone gives away: loops that run past the end or for ever, functions that are gone."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...nodes import walk
from .flow import Context
from .rules import WARNING, Rule

PAST_END = Rule("index-past-end", 193, WARNING, "the last round reads one past the end", 0.9)
ENDLESS = Rule("endless-loop", 835, WARNING, "nothing in the loop changes what its condition looks at", 0.9)
PIECEWISE = Rule("secret-compared-in-pieces", 385, WARNING, "leaving at the first difference tells by its time how much"
                 " of a secret agrees; take hmac.compare_digest", 0.7)  # fmt: skip
# Calls that neither end a loop, in the way of the world, nor change a number that they are given.
HARMLESS = frozenset({"print", "len", "abs", "min", "max", "sum", "int", "str", "float", "range", "round", "divmod"})
ADDING = frozenset({"append", "extend", "add", "update", "insert"})
LEAVES = (ast.Break, ast.Return, ast.Raise, ast.Assert, ast.Yield, ast.YieldFrom, ast.Await, ast.Global, ast.Nonlocal)
SECRETS = ("password", "passwd", "passphrase", "pwd", "pw", "secret", "token", "digest", "signature", "hmac", "api_key")
TOLERANT = frozenset({"AttributeError", "ImportError", "ModuleNotFoundError", "NameError", "Exception"})
GONE = {
    name: Rule(
        "removed-function", 477, WARNING, f"{name} is gone since Python {version}; take {instead}", 0.9
    )
    for version, names in {
        "3.0": {"os.getcwdu": "os.getcwd", "os.tempnam": "tempfile.mkstemp", "os.tmpnam": "tempfile.mkstemp",
                "os.popen2": "subprocess.Popen", "os.popen3": "subprocess.Popen"},
        "3.8": {"time.clock": "time.perf_counter or time.process_time", "cgi.escape": "html.escape",
                "platform.linux_distribution": "the package distro", "platform.dist": "the package distro"},
        "3.9": {"fractions.gcd": "math.gcd", "base64.encodestring": "base64.encodebytes",
                "base64.decodestring": "base64.decodebytes", "plistlib.readPlist": "plistlib.load",
                "plistlib.writePlist": "plistlib.dump", "sys.setcheckinterval": "sys.setswitchinterval"},
        "3.11": {"inspect.getargspec": "inspect.getfullargspec", "inspect.formatargspec": "inspect.signature",
                 "asyncio.coroutine": "async def"},
        "3.12": {"ssl.wrap_socket": "SSLContext.wrap_socket", "ssl.match_hostname": "SSLContext.check_hostname",
                 "importlib.find_loader": "importlib.util.find_spec", "locale.format": "locale.format_string"},
        "3.13": {"unittest.makeSuite": "TestLoader.loadTestsFromTestCase"},
    }.items()
    for name, instead in names.items()
}  # fmt: skip


def mistakes(node: ast.AST, context: Context) -> Iterator[Rule]:
    """The rules that a loop or a call breaks."""
    if isinstance(node, ast.Call):
        name = context.name(node.func)
        rule = GONE.get(name) if name.split(".")[0] in context.names.packages else None
        if rule and not _asks_first(context):
            yield rule
    elif isinstance(node, ast.While | ast.For):
        if _runs_past_end(node, context):
            yield PAST_END
        if isinstance(node, ast.While) and _never_ends(node, context):
            yield ENDLESS
        if _in_pieces(node):
            yield PIECEWISE


def _asks_first(context: Context) -> bool:
    """Whether the module looks at what this Python has, anywhere."""
    for node in walk(context.module):
        if isinstance(node, ast.Call) and context.name(node.func) in {"hasattr", "getattr"}:
            return True
        if isinstance(node, ast.Attribute) and node.attr == "version_info":
            return True
        if isinstance(node, ast.ExceptHandler) and (node.type is None or TOLERANT & _names(node.type)):
            return True
    return False


def _names(node: ast.AST) -> set[str]:
    return {inner.id for inner in walk(node) if isinstance(inner, ast.Name)}


def _runs_past_end(loop: ast.While | ast.For, context: Context) -> bool:
    """An index that reaches the length of what it is used on, where nothing else looks at it or catches the error."""
    counted = _counted(loop)
    if counted is None or any(isinstance(node, ast.ExceptHandler) for node in walk(context.function or loop)):
        return False
    index, whole = counted
    inside = [node for statement in loop.body for node in walk(statement)]
    if any(isinstance(node, ast.Compare) and index in _names(node) for node in inside):
        return False
    return any(
        isinstance(node, ast.Subscript)
        and isinstance(node.slice, ast.Name)
        and node.slice.id == index
        and ast.dump(node.value).replace("Store()", "Load()") == whole
        for node in inside
    )


def _counted(loop: ast.While | ast.For) -> tuple[str, str] | None:
    """The index and the dump of the sequence in `while i <= len(x)` and `for i in range(..., len(x) + 1)`."""
    match loop:
        case ast.While(
            test=ast.Compare(
                left=ast.Name(id=index), ops=[ast.LtE()], comparators=[ast.Call(func=ast.Name(id="len"), args=[whole])]
            )
        ):
            return index, ast.dump(whole)
        case ast.For(
            target=ast.Name(id=index),
            iter=ast.Call(
                func=ast.Name(id="range"),
                args=[*_, ast.BinOp(ast.Call(func=ast.Name(id="len"), args=[whole]), ast.Add(), ast.Constant(value=1))],
            ),
        ):
            return index, ast.dump(whole)
        case _:
            return None


def _never_ends(loop: ast.While, context: Context) -> bool:
    """A condition on this function's own numbers that the body leaves as they are, with no other way out."""
    if context.function is None or not _compares_names(loop.test):
        return False
    looked_at, function = _names(loop.test), context.function
    own = {a.arg for a in walk(function.args) if isinstance(a, ast.arg)} | _bound(function)
    inside = [node for statement in loop.body for node in walk(statement)]
    if not looked_at <= own or any(isinstance(node, LEAVES) for node in walk(function) if node in inside):
        return False
    changed = {name for statement in loop.body for name in _bound(statement)}
    calls = [node for node in inside if isinstance(node, ast.Call)]
    return not looked_at & changed and all(_changes_nothing(call, looked_at, context) for call in calls)


def _compares_names(test: ast.expr) -> bool:
    """Only names and numbers, compared with each other; one at least is a name."""
    parts = test.values if isinstance(test, ast.BoolOp) else [test]
    sides = [side for part in parts if isinstance(part, ast.Compare) for side in (part.left, *part.comparators)]
    plain = all(isinstance(s, ast.Name) or (isinstance(s, ast.Constant) and _is_number(s.value)) for s in sides)
    kinds = [op for part in parts if isinstance(part, ast.Compare) for op in part.ops]
    known = all(isinstance(op, ast.Lt | ast.LtE | ast.Gt | ast.GtE) for op in kinds)
    return all(isinstance(part, ast.Compare) for part in parts) and plain and known and bool(_names(test))


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _bound(node: ast.AST) -> set[str]:
    """The names that are given a value somewhere in a node."""
    return {n.id for n in walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store | ast.Del)}


def _changes_nothing(call: ast.Call, looked_at: set[str], context: Context) -> bool:
    if isinstance(call.func, ast.Attribute):
        return call.func.attr in ADDING and not looked_at & _names(call.func.value)
    return context.name(call.func) in HARMLESS


def _in_pieces(loop: ast.While | ast.For) -> bool:
    """`if a[i] != b[i]: return` in a loop over two texts, one of which is called a secret."""
    zipped = isinstance(loop, ast.For) and isinstance(loop.iter, ast.Call) and _is_zip(loop.iter)
    pairs = set() if not zipped or not isinstance(loop, ast.For) else _names(loop.target)
    for node in (inner for statement in loop.body for inner in walk(statement)):
        if not (isinstance(node, ast.If) and isinstance(node.test, ast.Compare)):
            continue
        if not (isinstance(node.test.ops[0], ast.NotEq) and any(isinstance(s, ast.Return) for s in node.body)):
            continue
        sides = (node.test.left, node.test.comparators[0])
        if all(isinstance(side, ast.Subscript) and _is_secret_index(side) for side in sides):
            return any(isinstance(side, ast.Subscript) and _is_secret(side.value) for side in sides)
        if len(pairs) > 1 and _names(node.test) == pairs and isinstance(loop, ast.For):
            return any(_is_secret(a) for a in loop.iter.args) if isinstance(loop.iter, ast.Call) else False
    return False


def _is_zip(call: ast.Call) -> bool:
    return isinstance(call.func, ast.Name) and call.func.id == "zip"


def _is_secret_index(node: ast.Subscript) -> bool:
    return isinstance(node.slice, ast.Name)


def _is_secret(node: ast.expr) -> bool:
    name = node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""
    return name.lower().endswith(SECRETS)
