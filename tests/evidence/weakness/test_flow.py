from __future__ import annotations

import pytest

from .look import look, view


@pytest.mark.parametrize(
    "body",
    [
        "if x not in ALLOWED:\n    return 'no'\nopen(x)",
        "if '..' in x:\n    abort(400)\nopen(x)",
        "path = os.path.realpath(os.path.join(BASE, x))\nif not path.startswith(BASE):\n    abort(403)\nopen(x)",
        "ok = is_safe(x)\nif ok:\n    open(x)",
        "check_name(x)\nopen(x)",
        "return open(x) if x.isalnum() else None",
        "return x in ALLOWED and open(x)",
        "x = os.path.basename(x)\nopen(x)",
        "try:\n    number = int(x)\nexcept ValueError:\n    return 'no'\nopen(f'file-{number}')",
        "if is_safe(name=x):\n    open(x)",
    ],
)
def test_what_was_checked_or_made_safe_is_not_reported(body: str) -> None:
    assert view(body) == []


@pytest.mark.parametrize(
    "body",
    [
        "if x:\n    open(x)",
        "if not x:\n    return 'no'\nopen(x)",
        "if len(x) > 3:\n    open(x)",
        "if os.path.exists(x):\n    open(x)",
        "y = x.strip()\nwith open(f'a/{y}') as f:\n    f.read()",
        "for name in request.args.getlist('n'):\n    open(name)",
        "if mode:\n    y = x\nelse:\n    y = 'a'\nopen(y)",
        "y = 'a'\ny += x\nopen(y)",
        "a, b = x.split(',')\nopen(b)",
        "if (y := request.form['y']) is not None:\n    open(y)",
        "try:\n    open(x)\nexcept OSError:\n    pass",
        "return [open(n) for n in request.args.values()]",
    ],
)
def test_what_nobody_checked_is_reported_wherever_it_went(body: str) -> None:
    assert view(body) == ["path-traversal"]


def test_a_branch_that_ends_does_not_reach_what_follows() -> None:
    assert view("if mode:\n    y = x\n    return y\nelse:\n    y = 'a'\nopen(y)") == []


def test_what_a_variable_was_before_does_not_count() -> None:
    assert view("x = 'a'\nopen(x)") == []


def test_names_are_those_of_the_imports() -> None:
    assert view("system(x)", "from os import system") == ["command-injection"]
    assert look("from flask import request as r\nfrom os import remove\nremove(r.args['a'])") == ["path-traversal"]
    assert view("system(x)", "from mine import system") == []
