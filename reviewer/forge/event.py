"""What happened, as GitHub or GitLab tells a job: which two commits to compare, and which request they belong to."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import UsageError

_COMMIT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_REPOSITORY = re.compile(r"[\w.-]+/[\w.-]+")
_BRANCH = re.compile(r"[^\s~^:?*\[\\-][^\s~^:?*\[\\]*")
_NUMBER = re.compile(r"[0-9]+")
HINT = "llm-review ci is for pull_request, push and merge_group; elsewhere use llm-review diff A...B"


@dataclass(frozen=True, slots=True)
class Event:
    """One event. `base` is "" where it names no earlier commit; `default` is the branch to compare a new one with.

    `number` is the pull request's, or None; `untrusted` says that the workflow has the repository's secrets although
    the head may be a stranger's (`pull_request_target`); `fork` that the head is in another repository. On `gitlab`,
    `repository` is the project's number.
    """

    name: str
    repository: str
    base: str
    head: str
    default: str = ""
    number: int | None = None
    fork: bool = False
    untrusted: bool = False
    gitlab: bool = False


def read_event(env: Mapping[str, str]) -> Event:
    """The event that GITHUB_EVENT_NAME and GITHUB_EVENT_PATH describe, or GitLab's CI_* variables.

    Raises UsageError outside a workflow, for an event without a change, and for one that cannot be read.
    """
    if env.get("GITLAB_CI") == "true":
        try:
            return _gitlab(env)
        except (ValueError, KeyError) as error:
            raise UsageError(f"GitLab's variables cannot be understood: {error!r}", HINT) from error
    name, path = env.get("GITHUB_EVENT_NAME", ""), env.get("GITHUB_EVENT_PATH", "")
    if not name or not path:
        raise UsageError("this is no GitHub workflow (GITHUB_EVENT_NAME, GITHUB_EVENT_PATH) and no GitLab job", HINT)
    try:
        event = json.loads(Path(path).read_text("utf-8"))
        return _event(name, event, env)
    except OSError as error:
        raise UsageError(f"cannot read the event {path}: {error.strerror}", HINT) from error
    except (ValueError, KeyError, TypeError) as error:
        raise UsageError(f"the event {name} in {path} cannot be understood: {error!r}", HINT) from error


def _event(name: str, event: Mapping[str, Any], env: Mapping[str, str]) -> Event:
    repository = _matching(_REPOSITORY, event["repository"]["full_name"])
    if name in {"pull_request", "pull_request_target"}:
        pull = event["pull_request"]
        source = pull["head"].get("repo") or {}  # a fork that was deleted
        return Event(
            name,
            repository,
            _commit(pull["base"]["sha"]),
            _commit(pull["head"]["sha"]),
            number=int(pull["number"]),
            fork=source.get("full_name") != repository,
            untrusted=name == "pull_request_target",
        )
    if name == "push":
        before = _commit(event["before"])
        branch = _matching(_BRANCH, event["repository"]["default_branch"])
        return Event(name, repository, before if before.strip("0") else "", _commit(event["after"]), default=branch)
    if name == "merge_group":
        group = event["merge_group"]
        return Event(name, repository, _commit(group["base_sha"]), _commit(group["head_sha"]))
    if name in {"workflow_dispatch", "schedule"}:
        return Event(name, repository, "", _commit(env.get("GITHUB_SHA", "")))
    raise UsageError(f"the event {name} has no change to review", HINT)


def _gitlab(env: Mapping[str, str]) -> Event:
    name, head = env["CI_PIPELINE_SOURCE"], _commit(env["CI_COMMIT_SHA"])
    if name == "merge_request_event":
        project = _matching(_NUMBER, env["CI_MERGE_REQUEST_PROJECT_ID"])
        return Event(
            name,
            project,
            _commit(env["CI_MERGE_REQUEST_DIFF_BASE_SHA"]),
            # Of a pipeline for merged results: CI_COMMIT_SHA is a commit that only the pipeline has.
            _commit(env.get("CI_MERGE_REQUEST_SOURCE_BRANCH_SHA") or head),
            number=int(_matching(_NUMBER, env["CI_MERGE_REQUEST_IID"])),
            fork=env["CI_MERGE_REQUEST_SOURCE_PROJECT_ID"] != project,
            gitlab=True,
        )
    before = _commit(env["CI_COMMIT_BEFORE_SHA"])
    branch = _matching(_BRANCH, env["CI_DEFAULT_BRANCH"])
    project = _matching(_NUMBER, env["CI_PROJECT_ID"])
    return Event(name, project, before if before.strip("0") else "", head, default=branch, gitlab=True)


def _commit(value: object) -> str:
    return _matching(_COMMIT, value)


def _matching(pattern: re.Pattern[str], value: object) -> str:
    """Text of the event that goes to git or into an address."""
    if not isinstance(value, str) or not pattern.fullmatch(value):
        raise ValueError(f"{value!r} is not what was expected")
    return value
