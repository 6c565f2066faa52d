"""A review of the same change that was made before, and can be shown in the place of a new one.

Tests depend on more than the change, so what they said is taken over for an hour at most, where neither settings nor
the installed packages changed, and never where it blocks: a block is always proved anew.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from . import store
from .change.change import Change
from .change.git import Repository
from .change.spec import Spec
from .errors import ExitCode, UsageError
from .prepare import Prepared
from .review import Usage
from .settings import Settings

LASTS = 3600.0  # seconds
PACKAGES = "lib/python*/site-packages"


def key_for(repo: Repository, spec: Spec, settings: Settings) -> str:
    """Equal for reviews that would say the same of the same change."""
    paths = sorted(repo.relative(path) for path in spec.paths)
    return store.key_of(settings, paths, sorted(_surroundings(repo.root, settings)))


def known(repo: Repository, prepared: Prepared, key: str) -> store.Kept | None:
    """The whole review of this very change: one that was made in the background, or lately and blocks nothing."""
    change, settings = prepared.change, prepared.settings
    kept = _kept(repo, change, key, settings) if change.files else None
    if kept is None or not (kept.background or _is_good(kept)):
        return None
    from .evidence.dismissed import baseline_for, dismissed_for  # noqa: PLC0415 - mostly there is none

    now = dismissed_for(repo, change, True) | baseline_for(repo, change, settings.baseline)
    then = any(skipped.what.startswith("dismissed finding") for skipped in kept.review.skipped)
    if then or any(f.fingerprint in now for f in kept.review.findings):
        return None
    return kept


def _kept(repo: Repository, change: Change, key: str, settings: Settings) -> store.Kept | None:
    """What is kept of the change; of the background alone where another would not do."""
    background = not settings.cache or bool(os.environ.get("CI"))
    try:
        return store.load(store.folder(repo.folder), change.base, change.head, key, background=background)
    except UsageError:
        return None  # there is no place to keep anything


def _is_good(kept: store.Kept) -> bool:
    review = kept.review
    lately = 0 <= time.time() - kept.time < LASTS
    return lately and review.complete and review.exit_code is ExitCode.OK


def again(kept: store.Kept) -> store.Kept:
    """The same, whose receipt says when it was made, and that the model was not asked for it now."""
    made = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(kept.time))
    receipt = kept.review.receipt
    asked = receipt.usage.requests
    receipt = replace(receipt, usage=Usage(requests=asked, hits=asked), made=made)
    return replace(kept, review=replace(kept.review, receipt=receipt))


def _surroundings(root: Path, settings: Settings) -> Iterator[tuple[str, int]]:
    """What else decides: the environments in which tools and tests may run, this program, and a model's file."""
    named = Path(settings.python).parent.parent if os.sep in settings.python else None
    told = [Path(value) for name in ("VIRTUAL_ENV", "CONDA_PREFIX") if (value := os.environ.get(name))]
    places = [Path(sys.prefix), root / ".venv", root / "venv", *told, *([named] if named else [])]
    files = [folder for place in places for folder in place.glob(PACKAGES)]
    here = Path(__file__).parent
    files += here.rglob("*.py") if here.parent not in files else ()  # else it is one of these packages
    files += [Path(settings.model)] if settings.model.endswith(".gguf") else []
    yield from ((str(file), file.stat().st_mtime_ns) for file in files if file.exists())
    yield os.environ.get("PATH", ""), 0
