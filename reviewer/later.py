"""What the deadline cut off is finished in the background: the same review of the same trees, by a process of its own.

There is one for each repository; a newer review takes its place. It leaves nothing in the repository: the objects that
were made for the review (the tree of an index, say) go with the order for it.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import IO

from . import interrupt, process, store
from .change.diff import read_change
from .change.git import Repository
from .change.spec import Spec, SpecKind
from .conduct import Done, conduct
from .configs import base_configs
from .errors import ReviewError
from .report.progress import Silent
from .scratch import scratch
from .settings import Settings

NICENESS = 10
ORDER = "order.json"
LOG, LOCK = "background.log", "background.lock"
STARTING = 10.0
TURN = 120.0
LOOK = 0.5


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be reviewed, for whom, and where the objects for it are.

    `token` names the order, `key` is that by which the review will be looked for.
    """

    token: str
    key: str
    place: str
    root: str
    base: str
    head: str
    title: str
    paths: tuple[str, ...]
    settings: Settings
    objects: str
    environment: dict[str, str]


def keep(repo: Repository, spec: Spec, done: Done, key: str) -> bool:
    """Keep a review under the key by which it will be looked for, and have the rest done; True when that has begun.

    The rest is what time was too short for; it is done in the background.

    Where nothing can be kept (no home, a full disk) the review is none the worse for it.
    """
    if done.review.interrupted or not done.change.files:
        return False
    with contextlib.suppress(OSError, ReviewError):
        place = store.folder(repo.folder)
        store.save(place, kept(done, key))
        if done.out_of_time and done.settings.background and not os.environ.get("CI"):
            _begin(place, repo, spec, done, key)
            return True
    return False


def kept(done: Done, key: str, background: bool = False) -> store.Kept:
    """A review as it is kept; one that was made in the background was not seen yet."""
    sources = {path: tuple(lines) for path, lines in done.sources.items()}
    seen, changed = not background, done.changed()
    return store.Kept(done.review, sources, done.change.title, key, time.time(), background, seen, changed)


def _begin(place: Path, repo: Repository, spec: Spec, done: Done, key: str) -> None:
    token = os.urandom(8).hex()
    if not is_running(place):
        for left in place.glob("objects-*"):
            # Of a process that was killed.
            shutil.rmtree(left, ignore_errors=True)
    objects = place / f"objects-{token}"
    shutil.copytree(repo.objects, objects)
    order = Order(
        token, key, str(place), str(repo.root),
        done.change.base, done.change.head, done.change.title,
        tuple(str(repo.root / repo.relative(path)) for path in spec.paths),
        _anywhere(done.settings), str(objects), dict(repo.pinned),
    )  # fmt: skip
    (place / ORDER).write_text(json.dumps({"token": token}))
    if done.settings.llm:
        from .llm.choose import warm  # noqa: PLC0415 - a review without a model must not pay for it

        with contextlib.suppress(ReviewError):
            # Started from here it has the usual priority, which it could not get back.
            warm(done.settings)
    with (place / LOG).open("wb") as log:
        process.detach(
            (sys.executable, "-P", "-m", "reviewer.later"), stdin=json.dumps(asdict(order)).encode(), stderr=log
        )


def _anywhere(settings: Settings) -> Settings:
    """The settings with whole paths, for a process that is elsewhere."""
    python = str(Path(settings.python).absolute()) if os.sep in settings.python else settings.python
    model = str(Path(settings.model).expanduser().absolute()) if settings.model.endswith(".gguf") else settings.model
    baseline = str(Path(settings.baseline).absolute()) if settings.baseline else ""
    return replace(settings, deadline=0.0, background=False, python=python, model=model, baseline=baseline)


def is_running(place: Path) -> bool:
    """Whether a review of this repository is going on, or is about to."""
    from filelock import FileLock, Timeout  # noqa: PLC0415 - heavy for what only imports this module

    try:
        age = time.time() - (place / ORDER).stat().st_mtime
        with FileLock(place / LOCK, timeout=0):
            return age < STARTING
    except Timeout:
        return True
    except OSError:
        return False


def cancel_all() -> int:
    """Have the reviews of all repositories ended; how many went on."""
    running = [place for place in store.folders() if is_running(place)]
    for place in running:
        cancel(place)
    return len(running)


def cancel(place: Path) -> None:
    """Have the review in the background ended."""
    (place / ORDER).unlink(missing_ok=True)


def main() -> None:
    """Carry out the order on standard input."""
    os.nice(NICENESS)
    order: Order = store.rebuilt(Order, json.load(sys.stdin))
    os.environ.update(order.environment, GIT_ALTERNATE_OBJECT_DIRECTORIES=order.objects)
    try:
        with contextlib.suppress(KeyboardInterrupt), interrupt.handled(), _turn(order):
            _finish(order)
    finally:
        if _is_wanted(order):
            cancel(Path(order.place))
        shutil.rmtree(order.objects, ignore_errors=True)


@contextlib.contextmanager
def _turn(order: Order) -> Iterator[IO[str] | None]:
    """Wait until the one before has ended, and end as soon as another order comes."""
    from filelock import FileLock  # noqa: PLC0415 - heavy for what only imports this module

    def look() -> None:
        while _is_wanted(order):
            time.sleep(LOOK)
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=look, daemon=True).start()
    with FileLock(Path(order.place) / LOCK, timeout=TURN):
        yield None


def _is_wanted(order: Order) -> bool:
    try:
        token = json.loads((Path(order.place) / ORDER).read_text())["token"]
    except (OSError, ValueError, KeyError):
        return False
    return bool(token == order.token)


def _finish(order: Order) -> None:
    with scratch() as folder, contextlib.closing(Repository.open(Path(order.root), folder / "git")) as repo:
        change, skipped = read_change(repo, Spec(SpecKind.RANGE, f"{order.base}..{order.head}", None, order.paths))
        change = replace(change, title=order.title)
        configs = base_configs(repo, change)
        done = conduct(repo, change, configs, order.settings, folder, Silent(), skipped=skipped, background=True)
        if not done.review.interrupted:
            store.save(Path(order.place), kept(done, order.key, background=True))


if __name__ == "__main__":
    main()
