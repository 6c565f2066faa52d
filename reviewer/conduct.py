"""One review from its two trees to its value: settings and configuration of the base, the deadline, the stages."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING

from .change.change import Change
from .change.git import Repository
from .change.shown import changed_files
from .draft import Draft
from .evidence.dismissed import baseline_for, dismissed_for
from .interrupt import TimeUpError, time_limit
from .mask import masked
from .pipeline import Job, left_undone, review
from .report.progress import Progress
from .review import ChangedFile, Review, Skipped
from .settings import Settings

if TYPE_CHECKING:
    from .llm.base import Provider

DEADLINE = "deadline"
# The stages end by themselves a little before the deadline, which leaves time for them to say what is missing.
MARGIN = 0.4


@dataclass(frozen=True, slots=True)
class Done:
    """A review, the change that it is of, the head's lines of the files that findings are in, and its settings.

    `out_of_time`: the deadline left something undone. `changed` reads the change itself, for who shows it, while the
    repository is open.
    """

    review: Review
    change: Change
    sources: Mapping[str, Sequence[str]]
    settings: Settings
    out_of_time: bool = False
    changed: Callable[[], tuple[ChangedFile, ...]] = tuple


def conduct(
    repo: Repository,
    change: Change,
    configs: Mapping[str, str],
    settings: Settings,
    scratch: Path,
    progress: Progress,
    *,
    skipped: Sequence[Skipped] = (),
    start: float | None = None,
    background: bool = False,
    shown: list[str] | None = None,
    local: bool = True,
) -> Done:
    """Review a change. `start` is the monotonic time that the deadline counts from; `skipped` is known to be missing.

    An interrupt ends it with what was found until then. `background`: others come first at the model. With `shown`, no
    model is asked: what it would be asked is added to that list. `local`: a person's own run.
    """
    begin = time.monotonic() if start is None else start
    end = begin + settings.deadline if settings.deadline else None
    draft = Draft(change.base, change.head, change.title, end - min(MARGIN, settings.deadline / 4) if end else None)
    draft.skip(skipped)
    draft.dismissed = dismissed_for(repo, change, local) | baseline_for(repo, change, settings.baseline)
    draft.levels = settings.severity
    job = Job(repo, change, configs, settings, scratch, partial(_provider, settings, shown, background))
    interrupted = _within(end, job, draft, progress)
    result = draft.review(settings.fail_on, settings.on_incomplete, interrupted)
    out_of_time = draft.late or any(one.reason == DEADLINE for one in result.skipped)
    changed = cache(partial(changed_files, change, repo.read, draft.secrets))
    return Done(result, change, _sources(repo, change, draft), settings, out_of_time, changed)


def _provider(settings: Settings, shown: list[str] | None, background: bool) -> Provider:
    from .llm.choose import choose  # noqa: PLC0415 - a twentieth of a second that a review without a model must not pay

    return choose(settings, shown, background)


def _within(end: float | None, job: Job, draft: Draft, progress: Progress) -> bool:
    """Whether the user interrupted it; at its end the time limit ends whatever still runs."""
    try:
        if end is None:
            review(job, draft, progress)
        else:
            with time_limit(end - time.monotonic()):
                review(job, draft, progress)
    except TimeUpError:
        draft.skip(left_undone(job, draft))
    except KeyboardInterrupt:
        return True
    finally:
        progress.close()
    return False


def _sources(repo: Repository, change: Change, draft: Draft) -> dict[str, list[str]]:
    """The head's lines of every file that a finding is in, for code frames."""
    wanted = {f.location.path for f in draft.findings}
    blobs = {f.path: f.head_blob for f in change.files if f.path in wanted and f.head_blob}
    texts = {path: repo.read(blob).decode("utf-8", "replace") for path, blob in blobs.items()}
    return {path: masked(text, draft.secrets).split("\n") for path, text in texts.items()}
