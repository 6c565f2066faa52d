"""`llm-review ci`: what a workflow or a GitLab job runs; reviews the event's change and says so where people look."""

from __future__ import annotations

import argparse
import os
import sys
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from ..change.git import Repository
from ..change.locate import current_folder
from ..change.pushed import EMPTY_TREE
from ..change.spec import Spec, SpecKind
from ..conduct import Done
from ..errors import ForgeError, GitError, UsageError
from ..forge.event import Event, read_event
from ..prepare import prepare
from ..report import markdown
from ..report.progress import progress_for
from ..report.write import Wanted, parse_formats, write
from ..report.write import check as check_formats
from ..review import Review, Skipped
from ..scratch import check_outside, scratch
from .diff import make_review

if TYPE_CHECKING:
    from ..forge.base import Forge

TOKEN = "LLM_REVIEW_TOKEN"  # noqa: S105 - the variable's name
TRAP = (
    "pull_request_target with a checkout of the pull request: a stranger's code beside this repository's secrets",
    "use `on: pull_request`, or leave the checkout at the base and fetch the head without checking it out",
)
AS_DATA = Skipped("tests", "pull_request_target: the code of the pull request is only read, never run")


def run(arguments: argparse.Namespace) -> int:
    """Review the event's change, report, post, and return the exit code."""
    start: float = arguments.start
    # Nothing that is started from here on needs it.
    token = os.environ.pop(TOKEN, "")
    event = read_event(os.environ)
    formats = _formats(arguments, "terminal" if event.gitlab else "github")
    check_formats(formats)
    unwanted = [AS_DATA] if event.untrusted else []
    if event.untrusted:
        arguments.tests = False
    with scratch() as folder, closing(Repository.open(current_folder(), folder / "git")) as repo:
        check_outside(folder, repo.root)
        _refuse_trap(repo, event)
        spec = Spec(SpecKind.RANGE, compared(repo, event, arguments.base))
        progress = progress_for(sys.stderr, quiet=arguments.quiet, verbose=arguments.verbose)
        ready = prepare(repo, spec, arguments).within("ci_deadline")
        done = make_review(repo, ready, folder, start, progress, unwanted, local=False)
        write(done.review, formats, done.sources, verbose=arguments.verbose, changed=done.changed)
    _summarise(done.review)
    if arguments.post and event.number is not None:
        _post(done, event, token)
    return done.review.exit_code


def _formats(arguments: argparse.Namespace, usual: str) -> tuple[Wanted, ...]:
    """On GitHub annotations are printed, on GitLab the terminal's report, unless another report is."""
    formats = parse_formats(arguments.format or [])
    return formats if any(one.path is None for one in formats) else (Wanted(usual, None), *formats)


def _refuse_trap(repo: Repository, event: Event) -> None:
    """Raise UsageError where code of an untrusted head is checked out beside the repository's secrets."""
    if not event.untrusted:
        return
    merged = _is_ancestor(repo, event.head, "HEAD")
    part = _is_ancestor(repo, "HEAD", event.head) and not _is_ancestor(repo, "HEAD", event.base)
    if merged or part:
        raise UsageError(*TRAP)


def compared(repo: Repository, event: Event, base: str | None) -> str:
    """The range to review. Raises GitError or UsageError where nothing here can be compared with the head."""
    head = event.head
    if base or event.number is not None:
        return f"{base or event.base}...{head}"
    if event.base and _is_known(repo, event.base):
        return f"{event.base}..{head}"
    upstream = f"refs/remotes/origin/{event.default}"
    if event.default and _is_known(repo, upstream) and not _is_ancestor(repo, head, upstream):
        return f"{upstream}...{head}"
    if event.name != "push" and not event.gitlab:
        raise UsageError(f"the event {event.name} names nothing to compare with", "give --base")
    return f"{head}^..{head}" if _is_known(repo, f"{head}^") else f"{EMPTY_TREE}..{head}"


def _is_known(repo: Repository, revision: str) -> bool:
    try:
        repo.tree_of(revision)
    except GitError:
        return False
    return True


def _is_ancestor(repo: Repository, one: str, other: str) -> bool:
    return repo.run("merge-base", "--is-ancestor", one, other, accept=(0, 1, 128)).code == 0


def _summarise(review: Review) -> None:
    """Add to the step's summary and outputs, where the runner has files for them."""
    _append("GITHUB_STEP_SUMMARY", markdown.render(review))
    blocking = sum(f.blocking for f in review.findings)
    complete = str(review.complete).lower()
    _append("GITHUB_OUTPUT", f"findings={len(review.findings)}\nblocking={blocking}\ncomplete={complete}\n")


def _append(variable: str, text: str) -> None:
    name = os.environ.get(variable)
    if not name:
        return
    try:
        with Path(name).open("a", encoding="utf-8") as stream:
            stream.write(text)
    except OSError as error:
        raise UsageError(f"cannot write {variable} ({name}): {error.strerror}", "unset it") from error


def _post(done: Done, event: Event, token: str) -> None:
    """Comment on the request; where that cannot be, say why: the other reports are there already."""
    if not token:
        return _say(f"no comments on the {_request(event)}: {TOKEN} is not set")
    from ..forge.base import publish  # noqa: PLC0415 - only for pull and merge requests

    try:
        forge = _forge(done, event, token)
        return _say(publish(forge, done.review, done.change, done.sources, event.head))
    except ForgeError as error:
        hint = f" ({error.hint})" if error.hint else ""
        return _say(f"no comments on the {_request(event)}: {error.message}{hint}")


def _forge(done: Done, event: Event, token: str) -> Forge:
    """The forge that the event came from; its client is an extra."""
    if event.gitlab:
        from ..forge import gitlab  # noqa: PLC0415

        return gitlab.GitLab(event, done.change, token, os.environ.get("CI_SERVER_URL", gitlab.ADDRESS))
    from ..forge import github  # noqa: PLC0415

    return github.GitHub(event, token, os.environ.get("GITHUB_API_URL", github.ADDRESS))


def _request(event: Event) -> str:
    return "merge request" if event.gitlab else "pull request"


def _say(text: str) -> None:
    sys.stderr.write(f"llm-review: {text}\n")
