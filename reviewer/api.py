"""llm-review from Python: plain functions that take values and give back the frozen dataclasses of the reports.

`settings` are those of `reviewer.settings.Settings`; None means the user's own file, the environment, the defaults and
the project's `pyproject.toml` (of the change's base; outside a change that of the last commit). Nothing is written to
the user's files: what a function would change is in its result. All of them raise `reviewer.errors.ReviewError` for
what is expected to go wrong, with a message and a hint; the model and the sandbox are those that the settings name.

    from reviewer import api
    for finding in api.review("path/to/repository", "main...HEAD").findings:
        print(finding.location.path, finding.location.start_line, finding.message)
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from .change.diff import read_change
from .change.git import Repository
from .change.spec import parse_spec
from .conduct import conduct
from .configs import base_configs
from .craft.asked import asked_for, from_traceback
from .craft.docstyle import Style, detect
from .craft.document import Documented, Documenter
from .craft.explain import Explained, Explainer
from .craft.generate import Generated
from .craft.generate import generate as generate_one
from .craft.into import Inserted, insert
from .craft.optimise import Optimised, Optimiser
from .craft.owntests import OwnTests
from .craft.repairs import repair
from .craft.running import Execution, execute
from .craft.subject import inner, subjects
from .craft.tests_for import Tested, write_tests
from .desk import opened, project_settings
from .finding import Finding, Verdict
from .report.progress import Silent
from .review import Review
from .scratch import check_outside, scratch
from .settings import Settings, load, user_file
from .tasks.optimise import Aim
from .tasks.write import Wish

if TYPE_CHECKING:
    from git import Repo

__all__ = ["document", "explain", "fix", "generate", "generate_into", "generate_test", "optimise", "review", "run"]


def review(
    repository: str | Path | Repo = ".",
    revision: str | None = None,
    *,
    staged: bool = False,
    worktree: bool = False,
    paths: Sequence[str] = (),
    settings: Settings | None = None,
) -> Review:
    """Review a change as `llm-review diff` does: `revision` is REV, A..B or A...B, else the index or the work tree.

    `repository` is a folder in its work tree, or GitPython's `git.Repo`.
    """
    spec = parse_spec(revision, staged, worktree, None, paths)
    with scratch() as folder, closing(Repository.open(_folder(repository), folder / "git")) as repo:
        check_outside(folder, repo.root)
        change, skipped = read_change(repo, spec)
        configs = base_configs(repo, change)
        chosen = settings or load(configs.get("pyproject.toml"), {}, user_file())
        return conduct(repo, change, configs, chosen, folder, Silent(), skipped=skipped).review


def fix(
    repository: str | Path | Repo = ".",
    revision: str | None = None,
    *,
    staged: bool = False,
    worktree: bool = False,
    target: str = "",
    test: str = "",
    rule: str = "",
    traceback: str = "",
    settings: Settings | None = None,
) -> tuple[Finding, ...]:
    """The findings of a review whose suggestion was verified by execution: `finding.suggestion.patch` is the diff.

    With `target` (PATH or PATH::NAME), `test` (a node id that fails), `rule` (a code of ruff or bandit in the target)
    or `traceback` (what pytest or Python printed) no change is reviewed: the findings are of the code as it stands,
    and have the best suggestion that was judged, also one that no test runs. Paths are those of the current folder.
    """
    if target or test or rule or traceback:
        with (
            opened(_settings(settings, _folder(repository)), Silent()) as tools,
            tools.standing(_folder(repository)) as stand,
        ):
            asked = from_traceback(stand, traceback) if traceback else asked_for(stand, target, test, rule)
            repair(stand, asked, tools.session, tools.settings.samples, _quiet)
            return stand.draft.review(tools.settings.fail_on, tools.settings.on_incomplete).findings
    found = review(repository, revision, staged=staged, worktree=worktree, settings=settings).findings
    return tuple(f for f in found if f.suggestion and f.suggestion.verdict is Verdict.VERIFIED)


def generate(
    text: str, *, signature: str = "", examples: Sequence[str] = (), settings: Settings | None = None
) -> Generated:
    """Code from a description in any language; `examples` are expressions that must be true, such as "f(2) == 4"."""
    with opened(_settings(settings), Silent()) as tools:
        wish = Wish(text, signature, tuple(examples))
        return generate_one(tools.session(), tools.box(), wish, tools.settings.samples, _quiet)


def generate_into(
    text: str, target: str, *, signature: str = "", examples: Sequence[str] = (), settings: Settings | None = None
) -> Inserted:
    """A new method of a class (PATH::CLASS), or function of a module (PATH): the result's `text` is the new file."""
    path, _, owner = target.partition("::")
    folder = Path(path).parent
    with opened(_settings(settings, folder), Silent()) as tools, tools.standing(folder) as stand:
        wish = Wish(text, signature, tuple(examples))
        words = (tools.session, tools.settings.samples, _quiet)
        return insert(stand, stand.relative(Path(path)), owner, wish, *words)


def generate_test(target: str, *, settings: Settings | None = None) -> Tested:
    """A test for a function (PATH::NAME) that passes as it stands and fails when it is broken; `code` is the module."""
    path, _, name = target.partition("::")
    folder = Path(path).parent
    with opened(_settings(settings, folder), Silent()) as tools, tools.standing(folder) as stand:
        return write_tests(stand, stand.relative(Path(path)), name, tools.session, tools.settings.samples, _quiet)


def run(code: str, *, seconds: float = 30.0, settings: Settings | None = None) -> Execution:
    """Run a script in the sandbox; where it fails and `settings.llm` is on, with the reason and a correction."""
    with opened(_settings(settings), Silent()) as tools:
        ask = tools.session if tools.settings.llm else None
        return execute(tools.box(), code, seconds, ask, _quiet)


def explain(target: str, *, settings: Settings | None = None) -> tuple[Explained, ...]:
    """What the definition of a target (PATH::NAME), or each function of a file (PATH), does."""
    with opened(_settings(settings, _path(target).parent), Silent()) as tools:
        return tuple(tools.each(subjects(target), Explainer(tools.session, tools.box_at(_path(target)))))


def document(
    target: str, *, style: Style | None = None, types: bool = False, settings: Settings | None = None
) -> tuple[Documented, ...]:
    """Docstrings, and with `types` annotations, for the definition of a target, or for all of a file.

    The last result's `text` is the new file.
    """
    with opened(_settings(settings, _path(target).parent), Silent()) as tools:
        chosen = inner(target)
        box = tools.box_at(_path(target))
        manner = style or detect(s.text for s in chosen[:1])
        tests = OwnTests.near(box) if types else None
        return tuple(tools.each(chosen, Documenter(tools.session, box, manner, tests)))


def optimise(target: str, *, aim: Aim = Aim.FASTER, settings: Settings | None = None) -> tuple[Optimised, ...]:
    """Faster, or clearer, versions of the function of a target, or of each of a file.

    The last result's `text` is the new file.
    """
    with opened(_settings(settings, _path(target).parent), Silent()) as tools:
        box = tools.box_at(_path(target))
        work = Optimiser(tools.session, box, OwnTests.near(box), tools.settings.samples, aim)
        return tuple(tools.each(subjects(target), work))


def _settings(given: Settings | None, folder: Path = Path()) -> Settings:
    return given or load(project_settings(folder)[0] if folder.is_dir() else None, {}, user_file())


def _folder(repository: str | Path | Repo) -> Path:
    """Where a repository is; a bare one of GitPython's is left to git to refuse."""
    if isinstance(repository, str | Path):
        return Path(repository)
    return Path(repository.working_dir)


def _path(target: str) -> Path:
    return Path(target.partition("::")[0])


def _quiet(_stage: str) -> None:
    """No progress."""
