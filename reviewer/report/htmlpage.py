"""The frame of every page: one HTML file that asks nothing of a network, where nothing foreign is more than text.

Its policy allows the style and the script that are in it, by their hashes, and nothing else.
"""

from __future__ import annotations

import base64
import hashlib
from importlib import resources

from .htmltag import Html, el


def document(title: str, *body: Html, script: bool = False) -> str:
    """An HTML document in the pages' style; `script` adds what the list of findings needs."""
    style, code = _asset("page.css"), _asset("page.js") if script else Html("")
    head = el(
        "head",
        el("meta", charset="utf-8"),
        el("meta", http_equiv="Content-Security-Policy", content=_policy(style, code)),
        el("meta", name="viewport", content="width=device-width, initial-scale=1"),
        el("meta", name="color-scheme", content="light dark"),
        el("meta", name="referrer", content="no-referrer"),
        el("title", title),
        el("style", style),
    )
    whole = el("body", *body, *([el("script", code)] if code else []))
    return f"<!doctype html>\n{el('html', head, whole, lang='en')}\n"


def _asset(name: str) -> Html:
    return Html(resources.files(__package__).joinpath(name).read_text("utf-8"))


def _policy(style: str, script: str) -> str:
    own = f"style-src '{_hash(style)}'" + (f"; script-src '{_hash(script)}'" if script else "")
    return f"default-src 'none'; {own}; base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'"


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
