"""`llm-review init`: the files that make llm-review part of a repository; nothing that exists is written over."""

from __future__ import annotations

import argparse
import shlex
import sys
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from ..change.git import Repository
from ..change.locate import current_folder
from ..errors import UsageError
from ..foreign import from_toml
from ..reference import as_toml
from ..scratch import scratch
from ..starter import GIT_HOOK, HOOK_MARK, PRE_COMMIT, WORKFLOW


@dataclass(frozen=True, slots=True)
class Plan:
    """A file to write or, with `appended`, to lengthen; or `kept`, why it is left as it is."""

    path: Path
    text: str
    appended: bool = False
    kept: str = ""


def run(arguments: argparse.Namespace) -> int:
    """Show what is written, and write it unless it is a dry run."""
    with scratch() as folder, closing(Repository.open(current_folder(), folder / "git")) as repo:
        plans = [_git_hook(repo)] if arguments.hook else _files(repo.root)
        for plan in plans:
            _show(plan, repo.root, dry=arguments.dry_run)
            if not arguments.dry_run and not plan.kept:
                _write(plan)
    return 0


def _files(root: Path) -> list[Plan]:
    hook, workflow = root / ".pre-commit-config.yaml", root / ".github" / "workflows" / "llm-review.yml"
    return [
        _settings(root / "pyproject.toml"),
        Plan(hook, PRE_COMMIT, kept="it exists; add this to its repos" if hook.exists() else ""),
        Plan(workflow, WORKFLOW, kept="it exists" if workflow.exists() else ""),
    ]


def _settings(path: Path) -> Plan:
    """A commented table at the end of a pyproject.toml that has none."""
    text = as_toml()
    if not path.exists():
        return Plan(path, text, kept="there is none; without it the defaults hold")
    try:
        tools = from_toml(path.read_text("utf-8")).get("tool", {})
    except (OSError, ValueError) as error:
        raise UsageError(f"cannot read {path}: {error}", "correct the file") from error
    return Plan(path, f"\n{text}", appended=True, kept="it has [tool.llm-review]" if "llm-review" in tools else "")


def _git_hook(repo: Repository) -> Plan:
    """Git's own hook, for those who have no pre-commit. Raises UsageError where somebody else's is."""
    shared = [
        line.partition("\t")[2]
        for line in repo.run("config", "--show-origin", "--get-all", "core.hooksPath", accept=(0, 1)).lines
        if not line.startswith("command line:")
    ]
    if shared:
        hint = "add `llm-review hook` to the pre-commit hook there"
        raise UsageError(f"core.hooksPath is set: hooks are in {shared[-1]}", hint)
    common = Path(repo.run("rev-parse", "--path-format=absolute", "--git-common-dir").lines[0])
    path = common / "hooks" / "pre-commit"
    text = GIT_HOOK.format(mark=HOOK_MARK, python=shlex.quote(sys.executable))
    if path.is_symlink() or path.exists():
        if path.is_symlink() or HOOK_MARK not in path.read_text("utf-8", "replace"):
            raise UsageError(f"{path} is somebody else's hook", "add `llm-review hook` to it, or remove it")
        return Plan(path, text, kept="it is ours already" if path.read_text("utf-8") == text else "")
    return Plan(path, text)


def _show(plan: Plan, root: Path, *, dry: bool) -> None:
    name = plan.path.relative_to(root) if plan.path.is_relative_to(root) else plan.path
    done = "would write" if dry else "wrote"
    words = f"left {name} alone: {plan.kept}" if plan.kept else f"{done} {'to the end of ' * plan.appended}{name}:"
    lines = [] if plan.kept and not plan.kept.endswith("repos") else plan.text.strip("\n").split("\n")
    sys.stdout.write("\n".join([words, *(f"    {line}".rstrip() for line in lines)]) + "\n")


def _write(plan: Plan) -> None:
    try:
        plan.path.parent.mkdir(parents=True, exist_ok=True)
        with plan.path.open("a" if plan.appended else "w", encoding="utf-8") as stream:
            stream.write(plan.text)
        if plan.text.startswith("#!"):
            plan.path.chmod(0o755)
    except OSError as error:
        raise UsageError(f"cannot write {plan.path}: {error.strerror}", "make it writable") from error
