from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from reviewer.change.diff import read_change
from reviewer.change.git import Repository
from reviewer.change.spec import Spec, SpecKind
from reviewer.draft import Draft
from reviewer.errors import ExitCode, ModelError
from reviewer.finding import Counts, Finding, Proof, Severity, Verdict
from reviewer.llm.base import Provider
from reviewer.pipeline import Job, review
from reviewer.report.progress import Silent
from reviewer.review import FailOn, Review, Usage
from reviewer.settings import Settings

from .conftest import Repo
from .fakes import FakeProvider

BASE = '''import subprocess


def price(amount, rate):
    """The price with tax."""
    return amount + amount * rate


def listing(folder):
    """The names in a folder."""
    return subprocess.run(["ls", folder], check=True)


def unique(items):
    """Each item once."""
    return list(dict.fromkeys(items))
'''
HEAD = '''import subprocess


def price(amount, rate):
    """The price with tax."""
    return amount - amount * rate


def listing(folder):
    """The names in a folder."""
    return subprocess.run("ls " + folder, shell=True, check=True)


def unique(items):
    """Each item once."""
    kept = []
    for item in items:
        if item not in kept:
            kept.append(item)
    return kept


def greet(name):
    """A greeting."""
    first = name.split()[0]
    words = ["hello", first]
    text = " ".join(words)
    return text.title()
'''
TESTS = """from shop import price, unique


def test_price():
    assert price(100, 0.5) == 150


def test_unique():
    assert unique([2, 1, 2]) == [2, 1]
"""
SAFE = 'def listing(folder):\n    """The names in a folder."""\n    return subprocess.run(["ls", folder], check=True)\n'
FAST = 'def unique(items):\n    """Each item once."""\n    return list(dict.fromkeys(items))\n'


def said(text: str, *lines: str) -> str:
    defects = [{"category": "bug", "line": line, "problem": "It is wrong."} for line in lines]
    return json.dumps({"change": text, "defects": defects})


@dataclass(frozen=True)
class Done:
    """A finished review, who answered, and what the user saw."""

    review: Review
    provider: FakeProvider
    stages: list[str]
    units: list[str]

    def one(self, function: str, proof: Proof) -> Finding:
        (found,) = [f for f in self.review.findings if (f.unit, f.proof) == (function, proof)]
        return found


class _Watching(Silent):
    def __init__(self) -> None:
        self.stages: list[str] = []
        self.units: list[str] = []

    def stage(self, name: str) -> None:
        self.stages.append(name)

    def unit(self, label: str, done: int, total: int) -> None:
        self.units.append(f"{label} {done}/{total}")


def go(
    folder: Path,
    head: Mapping[str, str],
    provider: FakeProvider,
    settings: Settings,
    deadline: float | None = None,
    make: Callable[[], Provider] | None = None,
) -> Done:
    """Commit the base, stage the head, review it."""
    made = Repo(folder / "repo")
    made.commit({"shop.py": BASE, "test_shop.py": TESTS})
    for path, text in head.items():
        made.write(path, text)
    made.stage()
    watching = _Watching()
    with _opened(made.root, folder / "git") as repo:
        change, skipped = read_change(repo, Spec(SpecKind.STAGED))
        draft = Draft(change.base, change.head, deadline=deadline)
        draft.skip(skipped)
        draft.levels = settings.severity
        (folder / "scratch").mkdir()
        before = made.state()
        review(Job(repo, change, {}, settings, folder / "scratch", make or (lambda: provider)), draft, watching)
        assert made.state() == before
    return Done(draft.review(settings.fail_on, settings.on_incomplete), provider, watching.stages, watching.units)


@contextmanager
def _opened(root: Path, scratch: Path) -> Iterator[Repository]:
    repo = Repository.open(root, scratch)
    try:
        yield repo
    finally:
        repo.close()


SETTINGS = Settings(sandbox="none", samples=1, on_incomplete="fail")
WITHOUT_TESTS = replace(SETTINGS, tests=False)


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory, lean: Path) -> Done:
    """A regression, a flaw and a slow loop, reviewed with everything."""
    replies = [
        said("Searches a list.", "kept = []"),
        said("Runs a shell.", "nothing like it"),
        said("Subtracts the tax.", "return amount - amount * rate", "return amount"),
        said("Adds a greeting.", "first = name.split()[0]"),
        "Four things change.",
        "The tax is subtracted.",
        "A folder name can be a command.",
        SAFE,
        FAST,
    ]
    return go(
        tmp_path_factory.mktemp("full"), {"shop.py": HEAD}, FakeProvider(replies), replace(SETTINGS, python=str(lean))
    )


def test_the_regression_is_reproduced_placed_and_fixed_by_taking_it_back(full: Done) -> None:
    found = full.one("price", Proof.REPRODUCED)
    assert (found.location.start_line, found.blocking, found.severity) == (6, True, Severity.ERROR)
    assert found.suggestion is not None
    assert found.suggestion.verdict is Verdict.VERIFIED
    assert "+    return amount + amount * rate" in found.suggestion.patch
    assert found.explanation == "The tax is subtracted."
    assert full.review.findings[0] == found
    assert full.review.exit_code is ExitCode.BLOCKED


def test_the_flaw_is_a_tool_s_and_its_fix_is_not_run_as_no_test_runs_it(full: Done) -> None:
    found = full.one("listing", Proof.TOOL)
    assert found.rule_id in {"bandit/B602", "ruff/S602"}
    assert (found.blocking, found.location.start_line) == (found.severity is Severity.ERROR, 11)
    assert set(found.sources) == {"bandit", "ruff"}
    assert found.explanation == "A folder name can be a command."
    assert found.suggestion is not None
    assert (found.suggestion.verdict, found.suggestion.reason) == (Verdict.NOT_RUN, "no test runs this code")


def test_the_slow_loop_is_a_note_whose_faster_version_passes(full: Done) -> None:
    found = full.one("unique", Proof.TOOL)
    assert (found.rule_id, found.blocking, found.severity) == (
        "performance/list-search-in-loop", False, Severity.NOTE,
    )  # fmt: skip
    assert found.suggestion is not None
    assert (found.suggestion.verdict, found.suggestion.reason) == (Verdict.PASSES, "1 test that runs this code passes")


def test_the_model_s_own_claims_never_block_and_the_rejected_are_counted(full: Done) -> None:
    claims = [f for f in full.review.findings if f.proof is Proof.MODEL]
    assert [(f.unit, f.quote.strip(), f.blocking, f.suggestion) for f in claims] == [
        ("unique", "kept = []", False, None), ("greet", "first = name.split()[0]", False, None),
    ]  # fmt: skip
    assert full.review.receipt.rejected == {"said by evidence already": 1, "quote not in the unit": 2}


def test_units_are_asked_in_the_order_of_risk_and_shown_so(full: Done) -> None:
    names = ["unique", "listing", "price", "greet"]
    assert full.review.receipt.units == tuple(f"shop.py::{name}" for name in names)
    assert full.units == [f"shop.py::{name} {n}/4" for n, name in enumerate(names)]
    assert [f"def {name}(" in r.prompt for name, r in zip(names, full.provider.requests, strict=False)] == [True] * 4
    assert [e.text for e in full.review.explanations][-1] == "Adds a greeting."
    first = "Look first at shop.py::price: what it breaks was reproduced."
    assert full.review.summary == f"Four things change. {first}"


def test_the_receipt_has_all_that_was_done(full: Done) -> None:
    receipt = full.review.receipt
    assert receipt.files == ("shop.py",)
    assert receipt.model == full.provider.info
    assert len(full.provider.requests) == 9
    assert receipt.usage == Usage(900, 90, 45, requests=9)
    assert list(receipt.stages) == ["units", "tools", "tests", "behaviour", "model", "fixes"]
    assert all(seconds >= 0 for seconds in receipt.stages.values())
    assert receipt.isolation
    assert "pytest" in receipt.interpreter
    assert any("pytest" in c.argv for c in receipt.commands)
    assert any("bandit" in c.argv for c in receipt.commands)
    assert (full.review.tests.selected, full.review.tests.head) == (("test_shop.py",), Counts(1, 1))
    assert full.review.complete
    assert full.provider.closed


def test_a_failure_half_way_keeps_what_was_said_and_the_review_is_not_complete(tmp_path: Path) -> None:
    provider = FakeProvider([said("Searches."), ModelError("the engine died", "start it again")])
    done = go(tmp_path, {"shop.py": HEAD}, provider, replace(WITHOUT_TESTS, fail_on=FailOn.REPRODUCED))
    assert [e.text for e in done.review.explanations if e.text] == ["Searches."]
    assert [(s.what, s.reason) for s in done.review.skipped] == [("model", "the engine died (start it again)")]
    assert (done.review.complete, done.review.exit_code) == (False, ExitCode.INCOMPLETE)
    assert done.review.receipt.usage == Usage(100, 10, 5, requests=1)
    assert done.provider.closed
    assert done.one("listing", Proof.TOOL).suggestion is None


def test_an_interrupt_closes_the_provider_and_keeps_the_usage(tmp_path: Path) -> None:
    provider = FakeProvider([said("Searches."), KeyboardInterrupt()])
    with pytest.raises(KeyboardInterrupt):
        go(tmp_path, {"shop.py": HEAD}, provider, WITHOUT_TESTS)
    assert provider.closed


def test_after_the_deadline_nothing_is_asked_and_every_unit_is_skipped(tmp_path: Path) -> None:
    done = go(tmp_path, {"shop.py": HEAD}, FakeProvider(), WITHOUT_TESTS, deadline=0.0)
    assert done.provider.requests == []
    late = {s.what for s in done.review.skipped if s.reason == "deadline" and not s.harmless}
    assert late == {f"shop.py::{name}" for name in ("price", "listing", "unique", "greet")}
    assert not done.review.complete
    assert done.one("listing", Proof.TOOL)
    assert done.provider.closed


def test_without_a_model_the_evidence_stands_and_that_is_said(tmp_path: Path) -> None:
    def none() -> Provider:
        raise ModelError("no model is installed", "run llm-review model pull")

    done = go(tmp_path, {"shop.py": HEAD}, FakeProvider(), WITHOUT_TESTS, make=none)
    assert [s.reason for s in done.review.skipped] == ["no model is installed (run llm-review model pull)"]
    assert (done.review.complete, done.review.receipt.model) == (False, None)
    assert done.one("unique", Proof.TOOL)


@pytest.mark.parametrize(
    ("tasks", "replies", "stages"),
    [
        (("explain",), [said("Adds."), "A word on the flaw."], {"model"}),
        (("find",), [said("Adds.", 'subprocess.run("ls " + folder, shell=True, check=True)')], {"model"}),
        (("fix",), [SAFE], {"fixes"}),
    ],
)
def test_a_task_alone(tmp_path: Path, tasks: tuple[str, ...], replies: list[str], stages: set[str]) -> None:
    head = BASE.replace('subprocess.run(["ls", folder], check=True)', 'subprocess.run("ls " + folder, shell=True)')
    provider = FakeProvider(list(replies))
    done = go(tmp_path, {"shop.py": head}, provider, replace(WITHOUT_TESTS, tasks=tasks))
    assert len(provider.requests) == len(replies)
    assert {"model", "fixes"} & done.review.receipt.stages.keys() == stages
    assert [e.text for e in done.review.explanations] == (["Adds."] if "explain" in tasks else [])
    flaw = done.one("listing", Proof.TOOL)
    assert bool(flaw.explanation) == ("explain" in tasks)
    assert (flaw.suggestion is not None) == ("fix" in tasks)


def test_of_a_rule_that_is_off_nothing_is_asked(tmp_path: Path) -> None:
    head = BASE.replace('subprocess.run(["ls", folder], check=True)', 'subprocess.run("ls " + folder, shell=True)')
    provider = FakeProvider([said("Adds.")])
    settings = replace(WITHOUT_TESTS, severity=("bandit/* = off", "ruff/* = off"))
    done = go(tmp_path, {"shop.py": head}, provider, settings)
    assert len(provider.requests) == 1
    assert done.review.findings == ()


@pytest.mark.parametrize(
    ("head", "settings"),
    [
        ({"shop.py": HEAD}, replace(WITHOUT_TESTS, llm=False)),
        ({"shop.py": HEAD}, replace(WITHOUT_TESTS, tasks=("behaviour",))),
        ({}, WITHOUT_TESTS),
        ({"data.bin": "\0\1"}, WITHOUT_TESTS),
        ({"test_shop.py": TESTS + "\n\ndef test_more():\n    pass\n"}, WITHOUT_TESTS),
        ({"shop.py": BASE.replace("import subprocess", "import os\nimport subprocess")}, WITHOUT_TESTS),
    ],
    ids=["--no-llm", "no task of its", "nothing staged", "binary", "tests alone", "imports alone"],
)
def test_where_nothing_is_to_be_asked_no_provider_is_made(
    tmp_path: Path, head: Mapping[str, str], settings: Settings
) -> None:
    def never() -> Provider:
        raise AssertionError("a provider was made")

    done = go(tmp_path, head, FakeProvider(), settings, make=never)
    assert done.review.receipt.model is None
    assert "model" not in done.review.receipt.stages
