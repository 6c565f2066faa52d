"""`llm-review fix`: show the fixes that execution verified, and apply them when told to."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

from .. import later, store
from ..change.git import Repository
from ..change.locate import current_folder
from ..change.mend import Mend, apply, combine
from ..change.spec import parse_spec
from ..conduct import conduct
from ..craft.asked import asked_for, from_traceback
from ..craft.repairs import repair
from ..desk import desk
from ..errors import ExitCode, UsageError
from ..finding import Finding, Proof, Verdict
from ..known import key_for
from ..prepare import prepare
from ..report.base import counted, verdict_words
from ..report.progress import progress_for
from ..report.sanitise import visible
from ..report.terminal import show_patch
from ..review import Review
from ..scratch import check_outside, scratch
from ..verify.lawful import may_be_fixed

OFFERED = {Verdict.VERIFIED, Verdict.PASSES}
LEAST_ID = 4


def run(arguments: argparse.Namespace) -> int:
    """Review, show what can be fixed, apply it with `--yes` or after a yes at the terminal."""
    if _stands(arguments) or _was_reported(arguments):
        return _mend(arguments)
    start: float = arguments.start
    with scratch() as folder, closing(Repository.open(current_folder(), folder / "git")) as repo:
        check_outside(folder, repo.root)
        review = _review(repo, arguments, folder, start)
        if review.interrupted:
            return ExitCode.INTERRUPTED
        return _offer(repo, review, arguments)


def _stands(arguments: argparse.Namespace) -> bool:
    """Whether code as it stands is meant, and no change. Raises UsageError for both."""
    word = arguments.finding or ""
    stands = bool(arguments.test or arguments.rule) or word == "-" or "::" in word or Path(word).is_file()
    if stands and (arguments.staged or arguments.worktree or arguments.of):
        raise UsageError(f"{word or '--test'} is mended as it stands in the work tree", "leave --of and the like out")
    if arguments.rule and not word:
        raise UsageError("--rule needs a file", "llm-review fix PATH --rule B602")
    return stands


def _was_reported(arguments: argparse.Namespace) -> bool:
    """Whether an id is meant that the last report has without a fix: it is then tried on the code as it stands."""
    word = arguments.finding or ""
    if len(word) < LEAST_ID or set(word) - set("0123456789abcdef") or arguments.of:
        return False
    with scratch() as folder, closing(Repository.open(current_folder(), folder / "git")) as repo:
        kept = store.newest(store.folder(repo.folder))
        found = next((f for f in kept.review.findings if f.fingerprint.startswith(word)), None) if kept else None
        if found is None or found.suggestion or found.proof is not Proof.TOOL:
            return False
        place = os.path.relpath(repo.root / found.location.path)
    arguments.finding, arguments.rule = f"{place}::{found.unit}" if found.unit else place, word
    return True


def _mend(arguments: argparse.Namespace) -> int:
    """Code as it stands: from a failing test, a traceback on standard input or a tool's finding."""
    text = sys.stdin.read() if arguments.finding == "-" else None
    with desk(arguments) as tools, tools.standing() as stand:
        if not tools.settings.llm:
            raise UsageError("a fix for code as it stands is the model's work", "leave --no-llm out")
        words = (arguments.finding or "", arguments.test or "", arguments.rule or "")
        asked = asked_for(stand, *words) if text is None else from_traceback(stand, text)
        repair(stand, asked, tools.session, tools.settings.samples, tools.progress.stage)
        tools.progress.close()
        review = stand.draft.review(tools.settings.fail_on, tools.settings.on_incomplete)
        return _offer(stand.repo, review, arguments, standing=True)


def _review(repo: Repository, arguments: argparse.Namespace, scratch: Path, start: float) -> Review:
    """The review that is kept of the same change under the same settings, or a new one."""
    spec = parse_spec(arguments.of, arguments.staged, arguments.worktree, None)
    ready = prepare(repo, spec, arguments)
    key = key_for(repo, spec, ready.settings)
    kept = _kept(repo, ready.change.base, ready.change.head, key)
    if kept and kept.review.complete:
        return kept.review
    ready.check()
    progress = progress_for(sys.stderr, quiet=arguments.quiet, verbose=False)
    done = conduct(
        repo, ready.change, ready.configs, ready.settings, scratch, progress, skipped=ready.missing, start=start
    )
    later.keep(repo, spec, done, key)
    return done.review


def _kept(repo: Repository, base: str, head: str, key: str) -> store.Kept | None:
    try:
        return store.load(store.folder(repo.folder), base, head, key)
    except UsageError:
        return None


def _offer(repo: Repository, review: Review, arguments: argparse.Namespace, standing: bool = False) -> int:
    chosen = offered(review.findings) if standing else choose(review.findings, arguments.finding)
    patches = list(dict.fromkeys(f.suggestion.patch for f in chosen if f.suggestion))
    mend = combine(repo, review.head, patches)
    _say((*_unmended(review, chosen), *_introduction(review, chosen, patches, mend)) if standing else ())
    _say(() if standing else _introduction(review, chosen, patches, mend))
    if not mend.paths:
        return ExitCode.BLOCKED if standing else ExitCode.OK
    if strange := [path for path in mend.paths if not may_be_fixed(path)]:
        raise UsageError(f"a fix may not change {strange[0]}", "apply it by hand if it is right")
    show_patch(mend.patch.decode("utf-8", "surrogateescape"), sys.stdout)
    if not (arguments.yes or _agreed()):
        _say(["not applied; llm-review fix --yes applies it"])
        return ExitCode.BLOCKED
    undo = apply(repo, mend)
    _say([f"applied to {', '.join(mend.paths)}", f"undo: {' && '.join(undo)}"])
    return ExitCode.OK


def offered(findings: Sequence[Finding]) -> list[Finding]:
    """The findings with a fix with which tests pass."""
    return [f for f in findings if f.suggestion and f.suggestion.verdict in OFFERED and f.suggestion.patch]


def choose(findings: Sequence[Finding], word: str | None) -> list[Finding]:
    """The findings whose fixes are offered: all that are verified, or the one that is named, which may only pass.

    `word` is PATH:LINE, a rule or the beginning of an id. Raises UsageError when it names none, or none with a fix.
    """
    if word is None:
        return [f for f in findings if f.suggestion and f.suggestion.verdict is Verdict.VERIFIED and f.suggestion.patch]
    named = [f for f in findings if _is_named(f, word)]
    if not named:
        places = ", ".join(f"{f.location.path}:{f.location.start_line}" for f in findings[:5])
        raise UsageError(f"no finding is called {word}", f"there are: {places}" if places else "there are no findings")
    fit = offered(named)
    if not fit:
        own = named[0].suggestion
        raise UsageError(f"{word} has no fix with which tests pass", verdict_words(own) if own else "none was found")
    return fit


def _is_named(finding: Finding, word: str) -> bool:
    place, _, line = word.rpartition(":")
    location = finding.location
    if line.isdigit() and location.path == place:
        return location.start_line <= int(line) <= location.end_line
    return finding.rule_id == word or (len(word) >= LEAST_ID and finding.fingerprint.startswith(word))


def _unmended(review: Review, chosen: Sequence[Finding]) -> Iterator[str]:
    """What fails or is reported, and why there is no fix for it, or none that may be applied; what was not done."""
    for finding in review.findings:
        yield finding.message
        own = finding.suggestion
        if finding not in chosen:
            yield f"{finding.location.path}:{finding.location.start_line}  {finding.rule_id}"
            yield f"  no fix: {verdict_words(own) if own else 'no proposal could be used'}"
            yield from own.patch.splitlines() if own else ()
    yield from (f"not done: {s.what}: {s.reason}" for s in review.skipped)


def _introduction(review: Review, chosen: Sequence[Finding], patches: Sequence[str], mend: Mend) -> list[str]:
    """What each fix is for, and what is not among them."""
    if not chosen:
        found = counted(len(review.findings), "finding")
        return [f"no verified fix ({found}); llm-review diff shows {'them' if review.findings else 'the review'}"]
    lines = []
    for number in mend.taken:
        own = [f for f in chosen if f.suggestion and f.suggestion.patch == patches[number]]
        lines += [f"{f.location.path}:{f.location.start_line}  {f.rule_id}  {f.fingerprint[:8]}" for f in own]
        lines += [f"  {s.description}: {verdict_words(s)}" for s in [own[0].suggestion] if s]
    for number in mend.left:
        which = next(f for f in chosen if f.suggestion and f.suggestion.patch == patches[number])
        lines.append(f"{which.location.path}:{which.location.start_line}  left out: it does not fit beside the others")
    if len(mend.taken) > 1:
        lines.append("each was executed alone, not all together")
    return lines


def _agreed() -> bool:
    """A yes at the terminal; where there is none, no."""
    if sys.stdin is None or not (sys.stdin.isatty() and sys.stdout.isatty()):
        return False
    sys.stdout.write("apply? [y/N] ")
    sys.stdout.flush()
    return sys.stdin.readline().strip().lower() in {"y", "yes"}


def _say(lines: Sequence[str]) -> None:
    for line in lines:
        sys.stdout.write(f"{visible(line, lines=False)}\n")
