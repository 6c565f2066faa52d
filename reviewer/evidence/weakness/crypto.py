"""Cryptography that is used so that it does not protect: constants where chance is needed, checks that are off."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...nodes import walk
from . import rules
from .flow import Context
from .rules import Rule
from .values import Origin

PYCRYPTO = ("Crypto.Cipher.", "Cryptodome.Cipher.")
NONCE_AT = 2
BROKEN = frozenset({"ARC2", "ARC4", "Blowfish", "CAST", "DES", "DES3", "XOR"})
MODES = "cryptography.hazmat.primitives.ciphers.modes."
CIPHERS = "cryptography.hazmat.primitives.ciphers."
SALTS = {"hashlib.pbkdf2_hmac": 2, "hashlib.scrypt": -1, "bcrypt.hashpw": 1, "bcrypt.kdf": 1}
SALTED = frozenset({"PBKDF2HMAC", "Scrypt", "PBKDF2", "scrypt", "bcrypt"})
FAST = frozenset(
    f"hashlib.{n}" for n in ("md5", "sha1", "sha224", "sha256", "sha384", "sha512", "sha3_256", "sha3_512")
)
KEYS = {"jwt.encode": 1, "jose.jwt.encode": 1, "hmac.new": 0}
SLOW = ("hashlib.scrypt", "hashlib.pbkdf2_hmac", "bcrypt.hashpw", "bcrypt.kdf", ".hash", ".derive")
PASSWORDS = ("password", "passwd", "passphrase", "pwd")
SECRET_NAMES = (
    "token",
    "password",
    "passwd",
    "secret",
    "otp",
    "nonce",
    "salt",
    "api_key",
    "apikey",
    "session_id",
    "_key",
)
VERIFIED = (".set_verify", ".use_privatekey", ".use_privatekey_file", ".use_certificate_file", ".use_certificate")
CHECKED_JWT = "verify_signature"


def crypto(node: ast.AST, context: Context) -> Iterator[Rule]:
    """The rules that a call, a comparison or an assignment breaks."""
    if isinstance(node, ast.Call):
        name = context.name(node.func)
        yield from _cipher(node, name, context)
        yield from _salt(node, name, context)
        yield from _password(node, name, context)
        yield from _token(node, name, context)
        yield from _certificate(node, name, context)
    elif isinstance(node, ast.Compare):
        yield from _comparison(node, context)
    elif isinstance(node, ast.Assign):
        yield from _assigned(node, context)


def _keywords(node: ast.Call) -> dict[str | None, ast.expr]:
    return {k.arg: k.value for k in node.keywords}


def _is_fixed(node: ast.expr | None, context: Context) -> bool:
    return node is not None and context.value(node).origin is Origin.CONSTANT and not _is_nothing(node)


def _is_nothing(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value in {None, True, False}


def _cipher(node: ast.Call, name: str, context: Context) -> Iterator[Rule]:
    flags = _keywords(node)
    if name.startswith(PYCRYPTO) and name.endswith(".new"):
        if name.split(".")[2] in BROKEN:
            yield rules.CIPHER
        if any(context.name(argument).endswith(".MODE_ECB") for argument in node.args):
            yield rules.ECB
        positional = node.args[NONCE_AT] if len(node.args) > NONCE_AT else None
        if any(_is_fixed(n, context) for n in (flags.get("iv") or flags.get("IV"), flags.get("nonce"), positional)):
            yield rules.IV
        if node.args and _is_fixed(node.args[0], context):
            yield rules.KEY
    elif name.startswith(MODES) and node.args and _is_fixed(node.args[0], context):
        yield rules.IV
    elif name.startswith(f"{CIPHERS}algorithms.") or name == "cryptography.fernet.Fernet":
        if node.args and _is_fixed(node.args[0], context):
            yield rules.KEY
    elif (at := KEYS.get(name)) is not None and len(node.args) > at and _is_fixed(node.args[at], context):
        yield rules.KEY


def _salt(node: ast.Call, name: str, context: Context) -> Iterator[Rule]:
    at = SALTS.get(name)
    if at is None and name.rpartition(".")[2] not in SALTED:
        return
    salt = _keywords(node).get("salt")
    if salt is None and at is not None and 0 <= at < len(node.args):
        salt = node.args[at]
    if salt is not None and context.value(salt).origin in {Origin.CONSTANT, Origin.DIGEST} and not _is_nothing(salt):
        yield rules.SALT


def _password(node: ast.Call, name: str, context: Context) -> Iterator[Rule]:
    """A fast hash in front of a slow one does no harm."""
    named = name in FAST and node.args and any(_name(n).endswith(PASSWORDS) for n in _plain(node.args[0]))
    if named and not _calls(context, *SLOW):
        yield rules.PASSWORD_HASH


def _plain(node: ast.expr) -> Iterator[ast.expr]:
    """A password as it is, encoded, or with something added."""
    if isinstance(node, ast.Name | ast.Attribute):
        yield node
    elif isinstance(node, ast.BinOp):
        yield from (*_plain(node.left), *_plain(node.right))
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "encode":
        yield from _plain(node.func.value)
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in {"bytes", "str"}:
        yield from (n for argument in node.args[:1] for n in _plain(argument))


def _name(node: ast.AST) -> str:
    return (node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else "").lower()


def _token(node: ast.Call, name: str, context: Context) -> Iterator[Rule]:
    if name in {"jwt.decode", "jose.jwt.decode", "jwt.JWT.decode"}:
        flags = _keywords(node)
        if (
            _is_false(flags.get("verify"))
            or _is_false(_entry(flags.get("options"), CHECKED_JWT))
            or _allows_none(flags)
        ):
            yield rules.JWT
    elif name == "python_jwt.process_jwt" and not _calls(context, "python_jwt.verify_jwt"):
        yield rules.JWT


def _allows_none(flags: dict[str | None, ast.expr]) -> bool:
    algorithms = flags.get("algorithms")
    return algorithms is not None and any(isinstance(n, ast.Constant) and n.value == "none" for n in walk(algorithms))


def _entry(node: ast.expr | None, key: str) -> ast.expr | None:
    if not isinstance(node, ast.Dict):
        return None
    found = (v for k, v in zip(node.keys, node.values, strict=True) if isinstance(k, ast.Constant) and k.value == key)
    return next(found, None)


def _is_false(node: ast.expr | None) -> bool:
    return isinstance(node, ast.Constant) and node.value is False


def _calls(context: Context, *names: str) -> bool:
    """Whether the module calls one of these anywhere; a name that begins with "." is any object's method."""
    called = {context.name(n.func) for n in walk(context.module) if isinstance(n, ast.Call)}
    return any(c == n or (n.startswith(".") and c.endswith(n)) for c in called for n in names)


def _certificate(node: ast.Call, name: str, context: Context) -> Iterator[Rule]:
    loose = name == "ssl._create_unverified_context"
    loose |= name == "aiohttp.TCPConnector" and _is_false(_keywords(node).get("ssl"))
    if loose or (name == "OpenSSL.SSL.Context" and not _calls(context, *VERIFIED)):
        yield rules.CERTIFICATE


def _comparison(node: ast.Compare, context: Context) -> Iterator[Rule]:
    if isinstance(node.ops[0], ast.Eq | ast.NotEq):
        sides = (node.left, node.comparators[0])
        if any(context.value(side).origin is Origin.HMAC for side in sides) and not any(map(_is_nothing, sides)):
            yield rules.TIMING


def _assigned(node: ast.Assign, context: Context) -> Iterator[Rule]:
    target = node.targets[0]
    if isinstance(target, ast.Attribute):
        off = target.attr == "check_hostname" and _is_false(node.value) and _name(target.value) != "self"
        if off or (target.attr == "verify_mode" and context.name(node.value) == "ssl.CERT_NONE"):
            yield rules.CERTIFICATE
    if _name(target).endswith(SECRET_NAMES) and not _is_index(target) and _random(node.value, context):
        yield rules.WEAK_RANDOM


def _is_index(target: ast.expr) -> bool:
    return _name(target).startswith(("sort_", "dict_", "primary_", "foreign_", "row_", "group_"))


def _random(node: ast.expr, context: Context) -> bool:
    return any(isinstance(n, ast.Call) and context.value(n).origin is Origin.RANDOM for n in walk(node))
