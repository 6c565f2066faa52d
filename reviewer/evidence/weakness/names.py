"""What a name in a module stands for, by its imports."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from dataclasses import dataclass

WEB = frozenset(
    {
        *("flask", "django", "rest_framework", "fastapi", "starlette", "aiohttp", "bottle", "tornado", "sanic"),
        *("falcon", "pyramid", "werkzeug", "webob", "quart", "cherrypy", "litestar", "ninja"),
    }
)

# What `import *` brings of packages whose names the rules know.
STARS = {
    f"{package}.Cipher": ("AES", "ARC2", "ARC4", "Blowfish", "CAST", "DES", "DES3", "XOR")
    for package in ("Crypto", "Cryptodome")
}


@dataclass(frozen=True, slots=True)
class Names:
    """Full dotted names by the name that the module uses, and the packages that it imports."""

    full: dict[str, str]
    packages: frozenset[str]

    def of(self, node: ast.AST | None) -> str:
        """The dotted name of an expression: imports resolved, "" for what is not a name with attributes.

        A name that is no import stands as written: `app.logger.info`. What is called or indexed on the way becomes
        "()": `get()`.info gives "().info".
        """
        if isinstance(node, ast.Name):
            return self.full.get(node.id, node.id)
        if isinstance(node, ast.Attribute):
            return f"{self.of(node.value) or '()'}.{node.attr}"
        return ""

    @property
    def is_web(self) -> bool:
        """Whether the module imports a web framework."""
        return not WEB.isdisjoint(self.packages)


def names_of(nodes: Iterable[ast.AST]) -> Names:
    """Collect the imports among all nodes of a module; star imports give the package alone, but for STARS."""
    full: dict[str, str] = {}
    packages: set[str] = set()
    for node in nodes:
        if isinstance(node, ast.Import):
            for alias in node.names:
                full[alias.asname or alias.name.split(".")[0]] = (
                    alias.name if alias.asname else alias.name.split(".")[0]
                )
                packages.add(alias.name.split(".")[0])
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            full |= {alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names}
            if any(alias.name == "*" for alias in node.names):
                full |= {name: f"{node.module}.{name}" for name in STARS.get(node.module, ())}
            packages.add(node.module.split(".")[0])
    return Names(full, frozenset(packages))
