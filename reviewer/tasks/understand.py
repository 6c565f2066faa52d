"""The model's part of a review: every unit explained and assessed, the change summed up, proved findings explained."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from ..change.change import Unit
from ..draft import Draft
from ..evidence.testfiles import is_test_module
from ..finding import Category, Finding, Proof, Severity
from ..interrupt import TimeUpError
from ..review import Explanation, Skipped
from ..settings import Settings
from .assess import UNFOUNDED, Assessment, assess
from .facts import ALIKE, told_of
from .names import unfounded
from .prompt import only_imports, shown
from .prose import explain_finding, summarise
from .risk import risk
from .rules import hold
from .session import DeadlineError, Session
from .translate import translate_review, translated

EXPLAINED = frozenset({Category.BUG, Category.SECURITY})
MAX_EXPLAINED = 5
TOO_LONG = "too long for the model's context"
PROSE = (".md", ".rst", ".txt", ".adoc", ".po", ".pot")
OnUnit = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Wanted:
    """How much the model is asked, as the settings of these names say; `rules` are those of the house."""

    max_units: int
    max_findings: int
    rules: tuple[str, ...] = ()
    explain: bool = True
    find: bool = True

    @classmethod
    def of(cls, settings: Settings) -> Wanted:
        """What these settings want."""
        explain, find = "explain" in settings.tasks, "find" in settings.tasks
        return cls(settings.max_units, settings.max_findings, settings.rules if find else (), explain, find)


def understand(session: Session, units: Sequence[Unit], draft: Draft, on_unit: OnUnit, wanted: Wanted) -> None:
    """Ask about each unit, the riskiest first, and add what is said to the draft.

    Tests are executed and not read; of imports there is nothing to say. Units over `max_units`, too large for a prompt,
    or left at the deadline are Skipped. Raises ModelError when the engine fails; what was said stays in the draft.
    """
    max_units = wanted.max_units
    chosen = _by_risk(_worth_reading(units), draft.findings)
    prose = dict.fromkeys(u.path for u in units if u.path.endswith(PROSE))
    draft.skip(Skipped(path, "prose is not shown to the model", harmless=True) for path in prose)
    draft.skip(Skipped(u.label, f"only {max_units} units are shown to the model") for u in chosen[max_units:])
    claims: list[Finding] = []
    left, before = chosen[:max_units], len(draft.explanations)
    try:
        for number in range(len(left)):
            on_unit(left[0].label, number, min(len(chosen), max_units))
            claims += _one(session, left[0], draft, wanted)
            left = left[1:]
        if wanted.explain:
            draft.summary = _summed_up(session, draft, draft.explanations[before:])
            _explain_findings(session, units, draft)
        translate_review(session, draft, before)
        messages = translated(session, [c.message for c in claims])
        claims = [replace(c, message=message) for c, message in zip(claims, messages, strict=True)]
    except (DeadlineError, TimeUpError) as error:
        reason = error.reason if isinstance(error, DeadlineError) else "deadline"
        draft.skip(Skipped(u.label, reason) for u in left)
        if isinstance(error, TimeUpError):
            raise
    finally:
        if wanted.explain:
            draft.explanations += (told for u in left if (told := told_of(u, draft.secrets)).facts)
        draft.findings += _shown(claims, draft, wanted.max_findings)


def worth_asking(units: Sequence[Unit], findings: Sequence[Finding]) -> bool:
    """Whether there is anything for a model to do."""
    return bool(_worth_reading(units)) or any(_worth_words(f) for f in findings)


def _worth_reading(units: Sequence[Unit]) -> list[Unit]:
    return [u for u in units if not is_test_module(u.path) and not only_imports(u) and not u.path.endswith(PROSE)]


def _summed_up(session: Session, draft: Draft, said: Sequence[Explanation]) -> str:
    """The summary, where it names nothing that none of the explanations has."""
    summary = summarise(session, said)
    if len(said) < 2 or not unfounded(summary, *(f"{e.path} {e.name} {e.told}" for e in said)):
        return summary
    draft.rejected.update({UNFOUNDED: 1})
    return ""


def _one(session: Session, unit: Unit, draft: Draft, wanted: Wanted) -> tuple[Finding, ...]:
    told = told_of(unit, draft.secrets)
    said = _said(session, unit, told.facts, wanted.find and not _proved(unit, draft.findings))
    draft.rejected.update(said.rejected)
    told = replace(told, text=said.explanation)
    if wanted.explain and (told.text or told.facts):
        draft.explanations.append(told)
    if said.unread:
        draft.skip([Skipped(unit.label, said.unread)])
        return ()
    draft.units.append(unit.label)
    held = hold(session, unit, wanted.rules if unit.path.endswith(".py") else ())
    draft.rejected.update(held.rejected)
    return (*held.findings, *said.findings)


def _said(session: Session, unit: Unit, known: tuple[str, ...], find: bool) -> Assessment:
    """What the model says; it is not asked about code that runs as it did."""
    if known in ALIKE:
        return Assessment("", (), {})
    return assess(session, unit, find, known) if shown(unit) else Assessment("", (), {}, TOO_LONG)


def _proved(unit: Unit, findings: Sequence[Finding]) -> bool:
    """Whether something grave is known of the unit."""
    known = (f for f in findings if (f.location.path, f.unit) == (unit.path, unit.name))
    return any(f.severity is Severity.ERROR and f.proof is not Proof.MODEL for f in known)


def _by_risk(units: Sequence[Unit], findings: Sequence[Finding]) -> list[Unit]:
    """Units with evidence first, then code before other files, then what is most likely to go wrong."""
    flagged = {(f.location.path, f.unit) for f in findings if f.proof is not Proof.MODEL}

    def key(unit: Unit) -> tuple[bool, bool, float]:
        return ((unit.path, unit.name) not in flagged, not unit.path.endswith(".py"), -risk(unit))

    return sorted(units, key=key)


def _shown(claims: Sequence[Finding], draft: Draft, limit: int) -> list[Finding]:
    """Claims that no evidence makes already, up to the limit; the rest is counted."""
    known = {(f.location.path, f.location.start_line, f.category) for f in draft.findings}
    new = [c for c in claims if (c.location.path, c.location.start_line, c.category) not in known]
    draft.rejected.update({"said by evidence already": len(claims) - len(new)} if len(new) < len(claims) else {})
    draft.rejected.update({"over the limit": len(new) - limit} if len(new) > limit else {})
    return new[:limit]


def _explain_findings(session: Session, units: Sequence[Unit], draft: Draft) -> None:
    """The proved ones, the worst first, up to a limit."""
    order = sorted(
        range(len(draft.findings)), key=lambda i: (draft.findings[i].severity.rank, draft.findings[i].proof.rank)
    )
    wanted = [i for i in order if _worth_words(draft.findings[i]) and draft.wants(draft.findings[i])]
    for number in wanted[:MAX_EXPLAINED]:
        finding = draft.findings[number]
        place = finding.location
        around = (u for u in units if u.name == finding.unit and u.holds(place.path, place.start_line) and shown(u))
        unit = next(around, None)
        if unit is not None:
            draft.findings[number] = replace(finding, explanation=explain_finding(session, finding, unit))


def _worth_words(finding: Finding) -> bool:
    return finding.proof is not Proof.MODEL and finding.category in EXPLAINED
