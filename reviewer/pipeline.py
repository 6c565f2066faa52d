"""The table of contents: the stages of a review, in order.

git -> Change -> Units -> Evidence -> Tests -> Model -> Fixes -> Review. Tests and model never run at once: on a laptop
each wants every core. What a stage needs is imported when it begins: a review by tools alone must not pay for the rest.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from .change.change import Change, Unit
from .change.git import Repository
from .change.units import cut
from .draft import Draft
from .errors import ModelError, ToolError
from .evidence.api import api_breaks
from .evidence.base import Evidence
from .evidence.gather import gather_from
from .evidence.materialise import materialise
from .once import once
from .report.progress import Progress
from .review import Skipped
from .settings import TASKS, Settings

if TYPE_CHECKING:
    from .behaviour.stage import Compared
    from .llm.base import Provider
    from .tasks.session import Session
    from .verify.touched import Workshop

STAGES = ("units", "tools", "tests", "behaviour", "model", "fixes")
READING = frozenset({"explain", "find"})
LEAST_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Job:
    """What a review needs: the repository, the change, the base's configuration files, settings, scratch space.

    `provider` makes the model's provider when it is first needed; it may raise ModelError.
    """

    repo: Repository
    change: Change
    configs: Mapping[str, str]
    settings: Settings
    scratch: Path
    provider: Callable[[], Provider]


def review(job: Job, draft: Draft, progress: Progress) -> None:
    """Add everything that can be said of the change to the draft. An interrupt leaves what was found until then."""
    if not job.change.files:
        return
    if left_out := [task for task in TASKS if task not in job.settings.tasks]:
        draft.skip([Skipped(", ".join(left_out), "left out in the settings", harmless=True)])
    with draft.stage("tools"):
        progress.stage("ruff and bandit")
        units = _tools(job, draft)
    workshop, compared = None, None
    if job.settings.tests:
        with draft.stage("tests"):
            try:
                workshop = _tests(job, units, draft, progress)
            except ToolError as error:
                # What the tools found must not be lost.
                draft.skip([Skipped("tests", error.message)])
        if "behaviour" in job.settings.tasks:
            with draft.stage("behaviour"):
                compared = _behaviour(job, units, workshop, draft, progress)
    _a_way_through(units, draft)
    if job.settings.llm:
        _with_model(job, units, workshop, compared, draft, progress)
    if draft.model:
        _where_to_begin(units, draft)
    elif "explain" in job.settings.tasks:
        _told_by_syntax(units, draft)
    if workshop is not None and workshop.failures:
        with draft.stage("fixes"):
            _join(job, workshop, draft)


def _a_way_through(units: tuple[Unit, ...], draft: Draft) -> None:
    """Add the walkthrough of a large change."""
    from .tasks.walkthrough import walkthrough

    draft.explanations += walkthrough(units)


def _told_by_syntax(units: tuple[Unit, ...], draft: Draft) -> None:
    """Add what can be told of the change without a model."""
    from .tasks.facts import tell

    draft.explanations += tell(units, draft.secrets)


def _where_to_begin(units: tuple[Unit, ...], draft: Draft) -> None:
    """Add to the summary what to look at first."""
    from .tasks.walkthrough import first_look

    draft.summary = " ".join(filter(None, (draft.summary, first_look(units, draft.findings))))


def left_undone(job: Job, draft: Draft) -> Iterator[Skipped]:
    """The stages that the deadline cut off or kept from beginning."""
    settings = job.settings
    wanted = {"tests": settings.tests, "behaviour": settings.tests and "behaviour" in settings.tasks}
    wanted["model"] = settings.llm and not READING.isdisjoint(settings.tasks)
    wanted["fixes"] = settings.llm and "fix" in settings.tasks
    return (Skipped(name, "deadline") for name in STAGES if name not in draft.finished and wanted.get(name, True))


def _tools(job: Job, draft: Draft) -> tuple[Unit, ...]:
    """What the tools say, and the units: these are cut, and names compared, while bandit works."""
    change, read, place = job.change, job.repo.read, job.scratch / "evidence"
    cutting = once(lambda: cut(change, read))
    files = materialise(change, read, place / "sides")
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(gather_from, files, change, read, lambda: cutting()[0], job.configs, place)
        try:
            with draft.stage("units"):
                units, skipped = cutting()
                draft.skip(skipped)
                draft.files = tuple(f.path for f in change.files if f.hunks)
            broken = api_breaks(job.repo, change, units)
        except KeyboardInterrupt:
            if running.done() and not running.exception():
                _add(draft, running.result())
            raise
        _add(draft, running.result())
    _add(draft, broken)
    return units


def _add(draft: Draft, evidence: Evidence) -> None:
    draft.findings += evidence.findings
    draft.secrets += evidence.secrets
    draft.skip(evidence.skipped)
    draft.ran(evidence.commands)


def _tests(job: Job, units: tuple[Unit, ...], draft: Draft, progress: Progress) -> Workshop | None:
    from .verify.culprit import find_culprits
    from .verify.touched import run_touched

    progress.stage("the touched tests, on head and base")
    workshop = run_touched(job.repo, job.change, units, job.configs, job.settings, job.scratch, draft)
    if workshop is not None and workshop.failures:
        progress.stage("which lines break them")
        workshop = find_culprits(job.repo, job.change, units, workshop, draft)
    return workshop


def _join(job: Job, workshop: Workshop, draft: Draft) -> None:
    from .verify.joint import join_fixes

    try:
        join_fixes(job.repo, job.change, workshop, draft)
    except ToolError as error:
        draft.skip([Skipped("one fix for all", error.message, harmless=True)])


def _behaviour(
    job: Job, units: tuple[Unit, ...], workshop: Workshop | None, draft: Draft, progress: Progress
) -> Compared | None:
    from .behaviour.stage import compare_behaviour

    if draft.left < LEAST_SECONDS:
        draft.skip([Skipped("behaviour", "deadline", harmless=True)])
        return None
    progress.stage("what behaves differently")
    try:
        given = (job.repo, job.change, units, workshop, job.configs, job.settings, job.scratch, draft)
        return compare_behaviour(*given)
    except ToolError as error:
        draft.skip([Skipped("behaviour", error.message)])
        return None


def _with_model(
    job: Job,
    units: tuple[Unit, ...],
    workshop: Workshop | None,
    compared: Compared | None,
    draft: Draft,
    progress: Progress,
) -> None:
    from .llm.budget import Budget
    from .tasks.session import Session
    from .tasks.understand import Wanted, understand, worth_asking

    settings = job.settings
    voting = compared and compared.proved
    if not (voting or READING.union({"fix"}).intersection(settings.tasks)) or not worth_asking(units, draft.findings):
        return
    try:
        provider = job.provider()
    except ModelError as error:
        draft.skip([Skipped("model", f"{error.message} ({error.hint})" if error.hint else error.message)])
        return
    session = Session(provider, draft.deadline, progress.text, settings.language, Budget.of(settings))
    draft.model = provider.info
    try:
        if compared and voting:
            from .behaviour.vote import Poll

            with draft.stage("votes"):
                progress.stage("versions from the docstring alone")
                Poll(compared, session, units, settings.tested_changes).hold(draft)
        if not READING.isdisjoint(settings.tasks):
            with draft.stage("model"):
                progress.stage("the model reads the change")
                understand(session, units, draft, progress.unit, Wanted.of(settings))
        if "fix" in settings.tasks:
            with draft.stage("fixes"):
                _fixes(job, units, workshop, session, draft, progress)
    except ModelError as error:
        draft.skip([Skipped("model", f"{error.message} ({error.hint})" if error.hint else error.message)])
    finally:
        draft.usage = session.usage
        draft.skip(session.notes)
        provider.close()


def _fixes(
    job: Job, units: tuple[Unit, ...], workshop: Workshop | None, session: Session, draft: Draft, progress: Progress
) -> None:
    from .verify.gaps import module_names
    from .verify.repair import Repairer
    from .verify.trial import Means

    progress.stage("fixes, each one executed")
    place = job.scratch / "fixes"
    own = module_names(path for _, _, path in job.repo.list_tree(job.change.head))
    means = Means(job.repo, job.change, job.configs, workshop, session, job.settings.samples, place, own)
    Repairer(means, units).repair(draft)
