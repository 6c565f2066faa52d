"""Every setting with its default and its meaning: what docs/settings.md says, and what `llm-review init` writes."""

from __future__ import annotations

import math
import typing
from collections.abc import Iterator
from dataclasses import fields

from .settings import CHOICES, LIMITS, PREFIX, USERS_OWN, Settings

MEANINGS = {
    "provider": "llamacpp and transformers run on this machine; openai is a server that speaks its API",
    "model": "a name from `llm-review model list`, a .gguf file, or the server's name for it",
    "llm": "whether a language model is asked at all",
    "cache": "whether a kept answer is used, and a review of the same change within the hour that blocked nothing",
    "tests": "whether the touched tests are run",
    "fail_on": "the weakest proof that may block",
    "on_incomplete": "fail: exit code 3 when something could not be reviewed",
    "python": "the project's interpreter or environment; empty: VIRTUAL_ENV, .venv, uv, Poetry, conda, in that order",
    "sandbox": "required: no walls is an error; none: tests run with your rights",
    "language": "of the prose, as a code such as en or zh",
    "deadline": "seconds after which the rest is left out, and said; 0: none",
    "test_timeout": "seconds for the touched tests of one comparison",
    "hook_deadline": "seconds after which the hook shows what is known",
    "ci_deadline": "the deadline of `llm-review ci`; 0: none",
    "background": "whether a review that came to the hook's deadline goes on behind it",
    "serve_idle": "seconds that the model stays in memory after a review; 0: not at all",
    "serve_memory": "MB; a kept model that holds more is replaced; 0: its file and a quarter, and 1 GB",
    "behaviour_timeout": "seconds for comparing what base and head do",
    "tested_changes": "whether differences that the change's tests or docstrings ask for are shown, or only counted",
    "samples": "most proposals for a fix",
    "max_units": "most pieces of the change that the model is shown",
    "max_findings": "most remarks that are the model's alone",
    "tasks": "what is done beside tools and tests: behaviour looks where no test does; the others are the model's",
    "exclude": "files that are not reviewed, as patterns like those of .gitignore; the report names them",
    "severity": "lines like 'bandit/B404 = off' or 'ruff/S* = note', or a table of them; the last that fits counts",
    "rules": "rules of the house in plain words, which the model holds new code against; they never block",
    "baseline": "an earlier JSON report, whose findings are not shown again; as the base has it",
    "base_url": "the server that the openai provider asks",
    "allow_remote": "whether that server may be another machine",
    "device": "where transformers computes: auto, cpu, cuda or mps",
    "dtype": "the numbers that transformers computes with: auto, float32, bfloat16 or float16",
    "max_tokens_per_review": "no more tokens than that for one review; 0: no limit",
    "max_cost": "no more money than that for one review; 0: no limit",
    "prompt_price": "of a million tokens read, in the currency of max_cost",
    "completion_price": "of a million tokens written",
}
_HEAD = f"""\
# Settings

`[tool.llm-review]` in `pyproject.toml` (read from the **base** of a change, never from the change), `config.toml` in
the user's configuration folder, `{PREFIX}<NAME>` in the environment, or flags; later ones win. Names may be written
with dashes; an unknown name is an error. The user's own are never read from a repository: it must decide neither where
code is sent nor what is spent.

| name | default | values | meaning |
| --- | --- | --- | --- |
"""


def as_markdown() -> str:
    """The reference as docs/settings.md has it (`python -m tests.report.update_gold` writes it)."""
    return _HEAD + "".join(f"| {' | '.join(row)} |\n" for row in _rows())


def as_toml() -> str:
    """A table for pyproject.toml in which every setting that a repository may have is there, commented out."""
    lines = (
        f"# {field.name.replace('_', '-')} = {_value(field.default)}  # {MEANINGS[field.name]}"
        for field in fields(Settings)
        if field.name not in USERS_OWN
    )
    return "\n".join(["[tool.llm-review]", "# What is commented out is the default.", *lines]) + "\n"


def _rows() -> Iterator[tuple[str, ...]]:
    types = typing.get_type_hints(Settings)
    for field in fields(Settings):
        own = " (the user's own)" if field.name in USERS_OWN else ""
        kind = _values(field.name, types[field.name])
        yield f"`{field.name}`", f"`{_value(field.default)}`", kind, MEANINGS[field.name] + own


def _values(name: str, kind: type) -> str:
    if name in CHOICES:
        return ", ".join(f"`{choice}`" for choice in CHOICES[name])
    if kind is bool:
        return "`true`, `false`"
    if kind is str:
        return "text"
    if kind == tuple[str, ...]:
        return "a list of texts"
    least, most = LIMITS.get(name, (0, math.inf))
    return f"{'a number' if kind is float else 'a whole number'}, {_limits(least, most)}"


def _limits(least: float, most: float) -> str:
    return f"{least} to {most}" if most < math.inf else f"at least {least}"


def _value(value: object) -> str:
    """A default as TOML writes it."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (int, float)):
        return f"{value:g}"
    if isinstance(value, tuple):
        return f"[{', '.join(map(_value, value))}]"
    return f'"{value}"'
