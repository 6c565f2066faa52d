"""Settings: defaults < user file < pyproject.toml of the trusted tree < environment < flags; one frozen value.

Settings are data: nothing in them is executed, and a file of the change under review is never read for them.
"""

from __future__ import annotations

import difflib
import math
import os
import typing
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

from .errors import UsageError
from .foreign import from_toml
from .levels import LEVEL
from .review import FailOn

PREFIX = "LLM_REVIEW_"
# Parts of a review that can be left out, besides `tests` and `llm` as a whole.
TASKS = ("behaviour", "explain", "find", "fix")
CHOICES = {
    "fail_on": tuple(FailOn),
    "on_incomplete": ("report", "fail"),
    "sandbox": ("auto", "required", "none"),
    "provider": ("auto", "llamacpp", "transformers", "openai"),
    "device": ("auto", "cuda", "mps", "cpu"),
    "dtype": ("auto", "float32", "float16", "bfloat16"),
    "tasks": TASKS,
}
SHAPES = {"severity": (LEVEL, "like 'bandit/B404 = off' or 'ruff/S* = note': a rule, and error, warning, note or off")}
# A repository must decide neither where code is sent nor what may be spent.
USERS_OWN = frozenset({"base_url", "allow_remote", "max_cost", "prompt_price", "completion_price"})
LONGEST = 200
LIMITS = {"samples": (1, 8), "test_timeout": (0.1, math.inf)}
WORDS = {
    bool: "true or false",
    int: "a whole number, not below 0",
    float: "a number (of seconds, where it is a time), not below 0",
    str: "a text in quotes",
    tuple[str, ...]: 'a list of texts, ["like", "this"]; in the environment one a line',
    FailOn: f"one of: {', '.join(FailOn)}",
}


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that can be set; the name in a file is the field's, in the environment `LLM_REVIEW_<FIELD>`."""

    provider: str = "auto"
    model: str = "qwen2.5-coder-1.5b"
    llm: bool = True
    cache: bool = True
    tests: bool = True
    fail_on: FailOn = FailOn.TOOL
    on_incomplete: str = "report"
    python: str = ""
    sandbox: str = "auto"
    language: str = "en"
    deadline: float = 0.0
    test_timeout: float = 120.0
    hook_deadline: float = 20.0
    ci_deadline: float = 0.0
    background: bool = True
    serve_idle: float = 600.0
    serve_memory: int = 0
    behaviour_timeout: float = 20.0
    tested_changes: bool = False
    samples: int = 8
    max_units: int = 15
    max_findings: int = 5
    tasks: tuple[str, ...] = TASKS
    exclude: tuple[str, ...] = ()
    severity: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    baseline: str = ""
    base_url: str = ""
    allow_remote: bool = False
    device: str = "auto"
    dtype: str = "auto"
    max_tokens_per_review: int = 0
    max_cost: float = 0.0
    prompt_price: float = 0.0
    completion_price: float = 0.0


def load(pyproject: str | None, flags: Mapping[str, Any], user_file: Path | None = None) -> Settings:
    """Build the settings.

    `pyproject` is the text of the trusted tree's pyproject.toml or None; `flags` are those the user gave (None: not
    given). Raises UsageError for an unknown name (with the nearest), a wrong type or a value that is not a choice.
    """
    settings = Settings()
    for origin, table in _layers(pyproject, user_file):
        settings = _apply(settings, table, origin)
    return _apply(settings, {k: v for k, v in flags.items() if v is not None}, "the command line")


def _layers(pyproject: str | None, user_file: Path | None) -> list[tuple[str, Mapping[str, Any]]]:
    layers: list[tuple[str, Mapping[str, Any]]] = []
    if user_file is not None and user_file.is_file():
        layers.append((str(user_file), _underscored(_parse(_read(user_file), str(user_file)))))
    if pyproject is not None:
        origin = "pyproject.toml [tool.llm-review]"
        tool = _table(_parse(pyproject, "pyproject.toml"), "tool", "pyproject.toml [tool]")
        layers.append((origin, _without_users_own(_underscored(_table(tool, "llm-review", origin)), origin)))
    names = {f.name for f in fields(Settings)}
    found = {k.removeprefix(PREFIX).lower(): v for k, v in os.environ.items() if k.startswith(PREFIX)}
    layers.append(("the environment", {k: v for k, v in found.items() if k in names}))
    return layers


def _read(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror}", "make it readable, or remove it") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{path} is not UTF-8", "save it as UTF-8") from error


def _table(outer: Mapping[str, Any], key: str, origin: str) -> Mapping[str, Any]:
    inner = outer.get(key, {})
    if not isinstance(inner, dict):
        raise UsageError(f"{origin} is not a table", "write [tool.llm-review] and the settings below it")
    return inner


def _without_users_own(table: dict[str, Any], origin: str) -> dict[str, Any]:
    if own := sorted(USERS_OWN & table.keys()):
        hint = f"a repository does not decide that: set it in {user_file()}, as {PREFIX}{own[0].upper()}, or as a flag"
        raise UsageError(f"{origin} cannot set '{own[0]}'", hint)
    return table


def _underscored(table: Mapping[str, Any]) -> dict[str, Any]:
    """Names in a file may be written with dashes, and as tables: [hook] with deadline is hook_deadline.

    The table [severity] has rules for names, and is the list of its lines.
    """
    flat: dict[str, Any] = {}
    for name, value in table.items():
        if name == "severity" and isinstance(value, dict):
            flat[name] = [f"{rule} = {level}" for rule, level in value.items()]
            continue
        inner = value if isinstance(value, dict) else {"": value}
        flat |= {"_".join(filter(None, (name, key))).replace("-", "_"): one for key, one in inner.items()}
    return flat


def problem_of(pyproject: str) -> str:
    """Why a pyproject.toml cannot be read, or ""."""
    try:
        _parse(pyproject, "pyproject.toml")
    except UsageError as error:
        return error.message
    return ""


def _parse(text: str, origin: str) -> dict[str, Any]:
    try:
        return from_toml(text)
    except ValueError as error:
        raise UsageError(f"{origin} is not valid TOML: {error}", "correct the file") from error


def _apply(settings: Settings, table: Mapping[str, Any], origin: str) -> Settings:
    types = typing.get_type_hints(Settings)
    checked: dict[str, Any] = {name: _checked(name, value, types, origin) for name, value in table.items()}
    return replace(settings, **checked)


def _checked(name: str, value: object, types: Mapping[str, type], origin: str) -> object:
    if name not in types:
        near = difflib.get_close_matches(name, types, 1)
        hint = f"did you mean '{near[0]}'?" if near else f"known: {', '.join(types)}"
        raise UsageError(f"{origin}: unknown setting '{name}'", hint)
    converted = _converted(value, types[name])
    if converted is None:
        raise UsageError(
            f"{origin}: '{name}' must be {types[name].__name__}, not {_written(value)}", WORDS[types[name]]
        )
    least, most = LIMITS.get(name, (0, math.inf))
    if isinstance(converted, (int, float)) and not least <= converted <= most:
        raise UsageError(
            f"{origin}: '{name}' cannot be {_written(value)}",
            f"from {least} to {most}" if most < math.inf else f"at least {least}",
        )
    _fits(name, converted, origin)
    return FailOn(str(converted)) if name == "fail_on" else converted


def _fits(name: str, converted: object, origin: str) -> None:
    """Raise UsageError where the value, or one of a list, is none of the choices or has not the shape."""
    choices, (shape, hint) = CHOICES.get(name), SHAPES.get(name, (None, ""))
    for one in converted if isinstance(converted, tuple) else (converted,):
        if choices and one not in choices:
            raise UsageError(f"{origin}: '{name}' cannot be {_written(one)}", f"one of: {', '.join(choices)}")
        if shape and not shape.fullmatch(str(one)):
            raise UsageError(f"{origin}: '{name}' cannot have {_written(one)}", hint)


def _converted(value: object, wanted: type) -> object | None:
    """The value as the wanted type, or None; text is converted, as it comes from the environment."""
    if wanted is bool:
        return _boolean(value)
    if wanted in (int, float):
        return _number(value, wanted)
    if wanted == tuple[str, ...]:
        return _texts(value)
    return value if isinstance(value, str) else None


def _texts(value: object) -> tuple[str, ...] | None:
    """A list of texts as a tuple; one text has one a line."""
    found = value.splitlines() if isinstance(value, str) else value
    if not isinstance(found, (list, tuple)) or not all(isinstance(one, str) for one in found):
        return None
    return tuple(one.strip() for one in found if one.strip())


def _boolean(value: object) -> bool | None:
    if isinstance(value, bool):
        return value
    if isinstance(value, int):
        return {1: True, 0: False}.get(value)
    words = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}
    return words.get(value.lower()) if isinstance(value, str) else None


def _written(value: object) -> str:
    """A value as Python writes it, clipped; it refuses to write a number of thousands of digits."""
    try:
        written = repr(value)
    except ValueError:
        return "a number of that many digits"
    return written if len(written) <= LONGEST else f"{written[:LONGEST]}..."


def _number(value: object, wanted: type) -> float | None:
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    if not math.isfinite(number) or number < 0 or (wanted is int and not number.is_integer()):
        return None
    return int(number) if wanted is int else number


def user_file() -> Path:
    """Where the user's own settings are, whether or not the file exists."""
    import platformdirs  # noqa: PLC0415 - not needed for --help

    return Path(platformdirs.user_config_dir("llm-review", appauthor=False)) / "config.toml"
