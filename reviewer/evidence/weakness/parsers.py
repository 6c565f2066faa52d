"""XML parsers that read what entities name, hosts that are checked as text, and payloads for unpickling."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from . import rules
from .flow import Context
from .guards import is_host
from .rules import Rule

LOOSE_DOT = re.compile(
    r"[a-z0-9)](?<!\\)\.[a-z0-9-]{2,}(?:\\)?\.(?:com|org|net|io|dev|edu|gov)\b|^\^?(?:https?://)?[a-z0-9-]+\.(?:com|org|net|io)\b",
    re.I,
)
URL_NAMES = ("url", "uri", "host", "hostname", "origin", "referer", "referrer", "domain", "target", "redirect", "link")
COMMANDS = frozenset(
    {
        "exec",
        "eval",
        "os.system",
        "os.popen",
        "subprocess.run",
        "subprocess.call",
        "subprocess.Popen",
        "subprocess.check_output",
    }
)


def parsers(node: ast.AST, context: Context) -> Iterator[Rule]:
    """The rules that a call, a comparison or a return breaks."""
    if isinstance(node, ast.Call):
        yield from _xml(node, context)
        yield from _pattern(node, context)
    elif isinstance(node, ast.Compare):
        yield from _substring(node, context)
    elif isinstance(node, ast.Return) and isinstance(node.value, ast.Tuple) and node.value.elts:
        reduces = context.function is not None and context.function.name in {"__reduce__", "__reduce_ex__"}
        if reduces and context.name(node.value.elts[0]) in COMMANDS:
            yield rules.REDUCE


def _xml(node: ast.Call, context: Context) -> Iterator[Rule]:
    name = context.name(node.func)
    if name in {"lxml.etree.XMLParser", "lxml.etree.XMLTreeBuilder", "lxml.etree.iterparse"}:
        flags = {k.arg for k in node.keywords if isinstance(k.value, ast.Constant) and k.value.value is True}
        opened = any(k.arg == "no_network" and _is(k.value, False) for k in node.keywords)
        if flags & {"resolve_entities", "load_dtd", "dtd_validation"} or opened:
            yield rules.XXE
    elif name == "lxml.etree.XSLTAccessControl":
        if any(k.arg == "read_network" and _is(k.value, True) for k in node.keywords):
            yield rules.XXE
    elif name.endswith(".setFeature") and len(node.args) > 1:
        feature = context.name(node.args[0])
        if feature.endswith(("feature_external_ges", "feature_external_pes")) and _is(node.args[1], True):
            yield rules.XXE


def _is(node: ast.expr, wanted: bool) -> bool:
    return isinstance(node, ast.Constant) and node.value == wanted and node.value is not None


def _substring(node: ast.Compare, context: Context) -> Iterator[Rule]:
    left, right = node.left, node.comparators[0]
    if not (isinstance(node.ops[0], ast.In | ast.NotIn) and is_host(left)):
        return
    name = right.id if isinstance(right, ast.Name) else right.attr if isinstance(right, ast.Attribute) else ""
    if context.value(right).sent or name.lower().endswith(URL_NAMES):
        yield rules.HOST_SUBSTRING


def _pattern(node: ast.Call, context: Context) -> Iterator[Rule]:
    name = context.name(node.func)
    if name.startswith("re.") and name[3:] in {"compile", "match", "search", "fullmatch"} and node.args:
        first = node.args[0]
        if isinstance(first, ast.Constant) and isinstance(first.value, str) and LOOSE_DOT.search(first.value):
            yield rules.HOST_REGEX
