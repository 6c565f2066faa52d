"""What the checks say of a piece of code."""

from __future__ import annotations

import ast
import textwrap

from reviewer.evidence.weakness.flow import Walker
from reviewer.evidence.weakness.names import names_of
from reviewer.evidence.weaknesses import CHECKS
from reviewer.nodes import walk

FLASK = (
    "from flask import Flask, request, redirect, make_response, Response, jsonify, send_file\napp = Flask(__name__)\n"
)


def look(code: str) -> list[str]:
    """The slugs of the rules that the code breaks, in order of lines."""
    tree = ast.parse(textwrap.dedent(code))
    return [hit.rule.slug for hit in Walker(tree, walk(tree), names_of(walk(tree)), CHECKS).hits()]


def view(body: str, imports: str = "import os") -> list[str]:
    """The same of the body of a view, in which `x` is text of the request."""
    lines = ["@app.route('/a')", "def a():", "    x = request.args.get('x', '')"]
    lines += [f"    {line}" for line in textwrap.dedent(body).strip().split("\n")]
    return look(f"{imports}\n{FLASK}" + "\n".join(lines) + "\n")
