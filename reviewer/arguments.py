"""What the command line understands: one function for each command, and nothing that is heavy to import."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any

from . import __version__
from .overview import COMMANDS, DESCRIPTION, EXAMPLES
from .report import FORMATS

DIFF_EXAMPLES = """examples:
  llm-review diff                        what is staged, or else the work tree
  llm-review diff --staged src/pkg       the staged change of one folder
  llm-review diff HEAD~3                 the work tree against a revision
  llm-review diff v1.0..v1.1             one revision against another
  llm-review diff main...topic           a branch since it left main
  llm-review diff --patch fix.diff       a patch on HEAD (- for standard input)
  llm-review diff --format json=review.json --format terminal"""

MODEL_EXAMPLES = """examples:
  llm-review model list                  what there is, and what is here
  llm-review model pull                  get the configured model, checked by its hash
  llm-review model pull smollm2-135m     get another one
  llm-review model path                  where the model's file is

LLM_REVIEW_MODELS names the folder of the files; without it they are in the user's cache."""
HOOK_TEXT = """One line when nothing is wrong. At the deadline (--deadline, or the setting hook.deadline, 20 seconds)
what is proved is shown, and the review finishes in the background: llm-review show, or the next run, presents it."""
SHOW_TEXT = """The reviews are kept in the user's state folder, or where LLM_REVIEW_STATE_DIR says."""
SERVE_TEXT = """The first review that needs the model starts its server too.
It ends when no review has used it for a while.

settings: serve_idle (seconds; 0: no server is kept), serve_memory (MB; a server that holds more is replaced)
exit codes: 0 a server runs, 1 with --status: none does, 2 there can be none"""
STOP_TEXT = """Reviews that use a server go on by themselves."""
CI_TEXT = """Reviews the pull request or the push that GitHub's event names (the checkout needs fetch-depth: 0), prints
annotations, adds to the step's summary, and comments on the pull request when LLM_REVIEW_TOKEN may write there.
The same in a GitLab job (GIT_DEPTH: "0") for the merge request or the push, with the terminal's report as output.

examples:
  llm-review ci --format sarif=llm-review.sarif --deadline 600
  llm-review ci --base origin/main --no-post"""
INIT_TEXT = """Adds a commented [tool.llm-review] to pyproject.toml, a hook for pre-commit and a GitHub workflow, and
shows what it writes. What exists is left as it is.

examples:
  llm-review init --dry-run              only show it
  llm-review init --hook                 git's own pre-commit hook, for those who have no pre-commit"""
DISMISS_EXAMPLES = """examples:
  llm-review diff -v                                   the id of each finding
  llm-review dismiss 0123456789abcdef --because "the input is our own"

The entry is written to .llm-review-dismissed.toml. Committed, it counts for everyone once it is in the base."""
DOCTOR_TEXT = """One line for each thing that a review uses: ok, or missing with what to do.

exit codes: 0 a review can be made, 2 something that every review needs is missing"""


FIX_EXAMPLES = """examples:
  llm-review fix                         show the verified fixes of what is staged, or else of the work tree, and ask
  llm-review fix --yes                   apply them
  llm-review fix shop/cart.py:12         only the fix of the finding at that line; an id or a rule names one too
  llm-review fix --of main...HEAD        the fixes of a branch
  llm-review fix --test tests/test_cart.py::test_total       code as it stands, until that test passes
  pytest 2>&1 | llm-review fix -                             the same, from what pytest printed
  llm-review fix shop/cart.py::total --rule B602 --write     what bandit or ruff reports there

A fix is verified when the failing tests pass with it and no other test breaks. Where the staged state was reviewed,
index and work tree are both changed; what else the work tree has is kept, or nothing is changed. How to undo it is
printed.

exit codes: 0 applied, or nothing to fix; 1 there are fixes, not applied,
or none was found for code as it stands; 2 wrong use, or a fix does not fit"""
GENERATE_EXAMPLES = """examples:
  llm-review generate "the n-th Fibonacci number" > fibonacci.py
  llm-review generate "写一个函数计算两个数的和" --examples 'add(1, 2) == 3' --signature 'def add(a, b):'
  llm-review generate "parse 1h30m into seconds" --out duration.py -n 8
  llm-review generate - < description.txt
  llm-review generate "the items that are not sold" --into shop/cart.py::Cart --write
  llm-review generate --test-for shop/cart.py::total --write

The code goes to standard output (or --out), what was checked to standard error. The model writes several versions, and
apart from them assertions; all are executed in the sandbox, and the version that most others agree with is shown.

exit codes: 0 checked, 1 shown but not checked, 2 wrong use or no usable code"""
RUN_EXAMPLES = """examples:
  llm-review run script.py               in the sandbox, with its repository round it
  echo 'print(1/0)' | llm-review run -   why it fails, and a correction that was run
  llm-review run script.py --seconds 5 --no-llm

The script has no network, no home and no time beyond the limit; nothing that it writes is kept.

exit codes: 0 it ran to its end, 1 it did not, 2 wrong use"""


OPTIMISE_EXAMPLES = """examples:
  llm-review optimise shop/prices.py::cheapest        one function
  llm-review optimise shop/prices.py                  each function of the file
  llm-review optimise shop/prices.py::cheapest --write
  llm-review optimise shop/prices.py::cheapest --refactor    shorter or clearer, never called faster
  llm-review optimise shop/prices.py --format html > page.html

A version is shown when it gave equal answers to every input that was tried (what the project's tests give it, values
drawn by its annotations, by Hypothesis where the project has it), the project's tests that run it pass with it, and it
is at least 1.2 times as fast, measured side by side on growing inputs in the sandbox. The diff goes to standard output;
the file is changed with --write only.

exit codes: 0 something is faster, 1 nothing is, 2 wrong use"""


DOCUMENT_EXAMPLES = """examples:
  llm-review document shop/prices.py::cheapest         one function or class
  llm-review document shop/prices.py --write           every function of the file that has no docstring
  llm-review document shop/prices.py --style numpy
  llm-review document shop/prices.py --types           with annotations that the calls in the project's tests agree on

The style is that of the file's own docstrings. Parameters and exceptions are the code's; examples are executed and kept
only when they pass as doctests; the code is compared as a syntax tree and is the same but for docstrings (and, with
--types, annotations).

exit codes: 0 something was documented, 1 nothing was, 2 wrong use"""
EXPLAIN_EXAMPLES = """examples:
  llm-review explain shop/prices.py::cheapest
  llm-review explain shop/prices.py --language zh
  llm-review explain main...HEAD                       what a branch changes, piece by piece
  llm-review explain HEAD~1..HEAD --no-llm             as its syntax trees tell, without a model

Words are the model's; a line that names what is not in the code is left out. Examples were executed in the sandbox.
Of a change it is told what is in the place of what, as the syntax trees have it, and then what the model says of it;
no test is run and nothing judged: for that, use llm-review diff.

exit codes: 0 something was explained, or nothing changed, 1 nothing could be, 2 wrong use"""


class _Command(argparse.ArgumentParser):
    """The parser of one command; its options are added when it is the one that is used."""

    def __init__(self, fill: Callable[[argparse.ArgumentParser], None], **names: Any) -> None:
        super().__init__(**names)
        self._fill: Callable[[argparse.ArgumentParser], None] | None = fill

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        """Parse; the one method that all others go through."""
        if self._fill:
            self._fill(self)
            self._fill = None
        return super().parse_known_args(args, namespace)


def parser() -> argparse.ArgumentParser:
    """The command line; its help is `reviewer.overview.overview`, which the README shows."""
    top = argparse.ArgumentParser("llm-review", description=DESCRIPTION, epilog=EXAMPLES, **MANNER)
    top.add_argument("--version", action="version", version=f"llm-review {__version__}")
    commands = top.add_subparsers(
        dest="command", metavar="COMMAND", required=True, prog="llm-review", parser_class=_Command
    )
    for name, description in COMMANDS.items():
        epilog, fill = MANNERS[name]
        commands.add_parser(name, help=description, description=description, epilog=epilog, fill=fill, **MANNER)
    return top


def _add_diff(diff: argparse.ArgumentParser) -> None:
    diff.add_argument("revision", nargs="?", metavar="REV|A..B|A...B", help="what to compare (default: see above)")
    diff.add_argument("paths", nargs="*", metavar="PATH", help="only these files or folders")
    which = diff.add_mutually_exclusive_group()
    which.add_argument("--staged", action="store_true", help="the index against HEAD")
    which.add_argument("--worktree", action="store_true", help="the work tree against HEAD")
    which.add_argument("--patch", metavar="FILE", help="a patch against HEAD; - reads standard input")
    which.add_argument("--pushed", action="store_true", help="what pre-commit's pre-push stage is about to push")
    diff.add_argument("--dry-run", action="store_true", help="show what the model would be asked, and ask nothing")
    _add_review(diff)


def _add_fix(fix: argparse.ArgumentParser) -> None:
    target = (
        "of a change: PATH:LINE, an id or a rule (default: all); as it stands: PATH, PATH::NAME, or - (a traceback)"
    )
    fix.add_argument("finding", nargs="?", metavar="FINDING|PATH[::NAME]|-", help=target)
    fix.add_argument("--yes", "--write", action="store_true", help="apply without asking")
    fix.add_argument("--test", metavar="NODE", help="mend what makes this test fail")
    fix.add_argument("--rule", metavar="CODE", help="mend what ruff or bandit report under this code in PATH")
    which = fix.add_mutually_exclusive_group()
    which.add_argument("--staged", action="store_true", help="the index against HEAD")
    which.add_argument("--worktree", action="store_true", help="the work tree against HEAD")
    which.add_argument("--of", metavar="REV|A..B|A...B", help="what to compare, as diff does")
    _add_means(fix)
    fix.add_argument("--deadline", type=float, metavar="SECONDS", help="end the review by then")
    fix.add_argument("-q", "--quiet", action="store_true", help="no progress")


def _add_review(command: argparse.ArgumentParser) -> None:
    """How a change is reviewed, whichever change it is, and what becomes of the review."""
    _add_means(command)
    out = command.add_argument_group("result")
    out.add_argument("--format", action="append", metavar="NAME[=FILE]", help=f"{', '.join(FORMATS)}; repeatable")
    out.add_argument("--baseline", metavar="FILE", help="an earlier JSON report, whose findings are not shown again")
    out.add_argument("--fail-on", metavar="PROOF", help="reproduced, tool (default) or never")
    out.add_argument("--deadline", type=float, metavar="SECONDS", help="end by then with what is known")
    out.add_argument("-q", "--quiet", action="store_true", help="no progress")
    out.add_argument("-v", "--verbose", action="store_true", help="show the commands that were run")


def _add_means(command: argparse.ArgumentParser) -> None:
    """How a change is reviewed, whichever change it is."""
    model = command.add_argument_group("model")
    model.add_argument("--no-llm", dest="llm", action="store_false", default=None, help="ask no model")
    model.add_argument(
        "--no-cache", dest="cache", action="store_false", default=None, help="use no kept answer, and no kept review"
    )
    model.add_argument("--model", metavar="NAME|FILE", help="a catalogue name or a .gguf file")
    model.add_argument("--provider", metavar="NAME", help="auto (default), llamacpp, transformers or openai")
    model.add_argument("--base-url", metavar="URL", help="of the openai provider's server")
    remote = "a server on another machine may get the code"
    model.add_argument("--allow-remote", action="store_true", default=None, help=remote)
    model.add_argument("--samples", type=int, metavar="N", help="most proposals for a fix (default 8)")
    model.add_argument("--language", metavar="CODE", help="language of the prose (default en)")
    tests = command.add_argument_group("tests")
    tests.add_argument("--no-tests", dest="tests", action="store_false", default=None, help="run no tests")
    tests.add_argument("--python", metavar="FILE", help="the project's interpreter (default: found)")
    tests.add_argument("--test-timeout", type=float, metavar="SECONDS", help="limit of one run (default 120)")
    tests.add_argument("--sandbox", metavar="MODE", help="auto, required or none")


def _add_show(show: argparse.ArgumentParser) -> None:
    show.add_argument("--web", action="store_true", help="open it as a page in the browser")
    show.add_argument("--format", action="append", metavar="NAME[=FILE]", help=f"{', '.join(FORMATS)}; repeatable")
    show.add_argument("-v", "--verbose", action="store_true", help="show the commands that were run")


def _add_serve(serve: argparse.ArgumentParser) -> None:
    serve.add_argument("--status", action="store_true", help="say which servers run, and start none")
    serve.add_argument("--model", metavar="NAME|FILE", help="a catalogue name or a .gguf file")


def _add_ci(ci: argparse.ArgumentParser) -> None:
    ci.add_argument("--base", metavar="REV", help="compare with this (default: what the event names)")
    ci.add_argument("--no-post", dest="post", action="store_false", help="write nothing to the pull request")
    _add_review(ci)


def _add_init(init: argparse.ArgumentParser) -> None:
    init.add_argument("--hook", action="store_true", help="install git's own pre-commit hook, and nothing else")
    init.add_argument("-n", "--dry-run", action="store_true", help="show what would be written")


def _add_model(model: argparse.ArgumentParser) -> None:
    parsers = argparse.ArgumentParser
    actions = model.add_subparsers(dest="action", metavar="ACTION", required=True, parser_class=parsers)
    actions.add_parser("list", help="the catalogue, and what is here")
    for name, text in (("pull", "get a model, checked by its hash"), ("path", "print where a model's file is")):
        action = actions.add_parser(name, help=text)
        action.add_argument("name", nargs="?", help="a catalogue name (default: the configured model)")


def _add_generate(generate: argparse.ArgumentParser) -> None:
    wanted = "what is wanted, in any language; - reads standard input"
    generate.add_argument("text", nargs="?", default="", metavar="TEXT|-", help=wanted)
    generate.add_argument("--into", metavar="PATH[::CLASS]", help="write a function into that file, or a method")
    generate.add_argument("--test-for", metavar="PATH::NAME", help="write the test of a function that has none")
    generate.add_argument("--signature", metavar="LINE", help="such as 'def f(x: int) -> str:' or 'class Stack:'")
    generate.add_argument("--examples", action="append", metavar="EXPRESSION", help="such as 'f(2) == 4'; repeatable")
    generate.add_argument(
        "-n", dest="samples", type=int, metavar="N", help="versions, 1 to 8 (default 8; 4 for a file)"
    )
    generate.add_argument("--out", metavar="FILE", help="write the code there")
    generate.add_argument("--write", action="store_true", help="change the project; replace what --out names")
    generate.add_argument("--run", action="store_true", help="run it with its assertions and show how it ends")
    _add_engine(generate)


def _add_dismiss(dismiss: argparse.ArgumentParser) -> None:
    dismiss.add_argument("id", metavar="ID", help="the 16 hex digits of a finding")
    dismiss.add_argument("--because", metavar="TEXT", required=True, help="the reason, for whoever comes next")


def _add_optimise(optimise: argparse.ArgumentParser) -> None:
    optimise.add_argument("target", metavar="PATH[::NAME]", help="a Python file, or a function in it")
    optimise.add_argument("-n", dest="samples", type=int, metavar="N", help="versions to try, 1 to 8 (default 4)")
    optimise.add_argument("--refactor", action="store_true", help="shorter or clearer versions instead of faster ones")
    optimise.add_argument("--write", action="store_true", help="change the file")
    _add_engine(optimise, page=True)


def _add_document(document: argparse.ArgumentParser) -> None:
    document.add_argument("target", metavar="PATH[::NAME]", help="a Python file, or a function or class in it")
    document.add_argument("--style", choices=("google", "numpy", "sphinx", "plain"), help="default: the file's own")
    document.add_argument("--types", action="store_true", help="add types too that calls in the tests agree on")
    document.add_argument("--write", action="store_true", help="change the file")
    _add_engine(document, page=True)


def _add_explain(explain: argparse.ArgumentParser) -> None:
    explain.add_argument("target", metavar="PATH[::NAME]|REV", help="a file, a function or class in it, or a change")
    explain.add_argument("--no-llm", dest="llm", action="store_false", default=None, help="of a change: ask no model")
    _add_engine(explain)


def _add_run(run: argparse.ArgumentParser) -> None:
    run.add_argument("file", metavar="FILE|-", help="a Python script; - reads standard input")
    run.add_argument("--seconds", type=float, default=30.0, metavar="N", help="time limit (default 30)")
    run.add_argument("--no-llm", action="store_true", help="ask no model")
    _add_engine(run)


def _add_engine(command: argparse.ArgumentParser, *, page: bool = False) -> None:
    """What every command takes that asks a model or executes code; `page`: it has one."""
    command.add_argument("--model", metavar="NAME|FILE", help="a catalogue name or a .gguf file")
    command.add_argument("--provider", metavar="NAME", help="where models come from")
    command.add_argument("--language", metavar="CODE", help="language of the prose (default en)")
    command.add_argument("--python", metavar="FILE", help="the interpreter (default: found)")
    command.add_argument("--sandbox", metavar="MODE", help="auto, required or none")
    forms = ("terminal", "json", "html") if page else ("terminal", "json")
    command.add_argument("--format", choices=forms, default="terminal", help="of what is printed")
    command.add_argument("-q", "--quiet", action="store_true", help="no progress")


def _add_nothing(_command: argparse.ArgumentParser) -> None:
    """It has no options."""


MANNER: dict[str, Any] = {"formatter_class": argparse.RawDescriptionHelpFormatter, "allow_abbrev": False}
# Epilogue and options of each command of `reviewer.overview.COMMANDS`.
MANNERS: dict[str, tuple[str, Callable[[argparse.ArgumentParser], None]]] = {
    "diff": (DIFF_EXAMPLES, _add_diff),
    "fix": (FIX_EXAMPLES, _add_fix),
    "ci": (CI_TEXT, _add_ci),
    "hook": (HOOK_TEXT, _add_review),
    "show": (SHOW_TEXT, _add_show),
    "model": (MODEL_EXAMPLES, _add_model),
    "generate": (GENERATE_EXAMPLES, _add_generate),
    "run": (RUN_EXAMPLES, _add_run),
    "serve": (SERVE_TEXT, _add_serve),
    "stop": (STOP_TEXT, _add_nothing),
    "document": (DOCUMENT_EXAMPLES, _add_document),
    "explain": (EXPLAIN_EXAMPLES, _add_explain),
    "dismiss": (DISMISS_EXAMPLES, _add_dismiss),
    "optimise": (OPTIMISE_EXAMPLES, _add_optimise),
    "init": (INIT_TEXT, _add_init),
    "doctor": (DOCTOR_TEXT, _add_nothing),
}
