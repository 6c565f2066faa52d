"""All collectors at once, and one finding for one place."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from ..change.change import Change, Unit
from ..configs import RUFF_CONFIGS
from ..mask import masked_findings
from .bandit import Bandit
from .base import Collector, Evidence, Units
from .fold import fold
from .materialise import Materialised, materialise
from .patterns import Patterns
from .ruff import Ruff
from .secrets import Secrets
from .supply import Supply
from .suppressions import Suppressions
from .testfiles import patterns_from
from .weaknesses import Weaknesses


def gather(
    change: Change, read: Callable[[str], bytes], units: tuple[Unit, ...], configs: Mapping[str, str], scratch: Path
) -> Evidence:
    """Run every collector on a change.

    `configs` are the texts of the base's configuration files by name (those of the head are never used); `scratch` is
    an empty or absent folder.
    """
    return gather_from(materialise(change, read, scratch / "sides"), change, read, lambda: units, configs, scratch)


def gather_from(
    materialised: Materialised,
    change: Change,
    read: Callable[[str], bytes],
    units: Units,
    configs: Mapping[str, str],
    scratch: Path,
) -> Evidence:
    """The same where the files are there, and the units perhaps not yet: all collectors at once, bandit before all."""
    collectors = _collectors(configs, read, scratch)
    with ThreadPoolExecutor(len(collectors)) as pool:
        parts = list(pool.map(lambda c: c.collect(change, materialised.sides, units), collectors))
    secrets = tuple(secret for part in parts for secret in part.secrets)
    return Evidence(
        tuple(masked_findings(fold(f for part in parts for f in part.findings), secrets)),
        (*materialised.skipped, *(s for part in parts for s in part.skipped)),
        tuple(c for part in parts for c in part.commands),
        secrets,
    )


def _collectors(configs: Mapping[str, str], read: Callable[[str], bytes], scratch: Path) -> tuple[Collector, ...]:
    patterns = patterns_from(configs)
    ruff = Ruff(_ruff_config(configs, scratch), patterns)
    return (
        Bandit(patterns),
        ruff,
        Weaknesses(patterns),
        Secrets(read, patterns),
        Supply(read),
        Suppressions(),
        Patterns(),
    )


def _ruff_config(configs: Mapping[str, str], scratch: Path) -> Path | None:
    """The base's ruff configuration as a file of its own, by ruff's order of names; None when it has none.

    A pyproject.toml without ruff's table counts: ruff takes the Python version from it.
    """
    for name in RUFF_CONFIGS:
        text = configs.get(name)
        if text is not None:
            path = scratch / "config" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")
            return path
    return None
