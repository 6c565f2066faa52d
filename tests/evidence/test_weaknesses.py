from __future__ import annotations

from pathlib import Path

from reviewer.evidence.base import Evidence
from reviewer.evidence.fold import fold
from reviewer.evidence.gather import gather
from reviewer.evidence.weakness import rules
from reviewer.evidence.weaknesses import Weaknesses
from reviewer.finding import Category, Severity
from reviewer.review import FailOn, decide

from .changes import make

OPENS = """from flask import Flask, request
from werkzeug.utils import secure_filename

app = Flask(__name__)


@app.route("/file")
def file():
    name = request.args["name"]
    name = secure_filename(name)
    return open(name).read()
"""
UNSAFE = OPENS.replace("    name = secure_filename(name)\n", "")
Texts = dict[str, str | bytes]


def look(tmp_path: Path, base: Texts, head: Texts) -> Evidence:
    return make(base, head).collect(Weaknesses(), tmp_path / "sides")


def test_a_weakness_names_its_cwe_and_its_line(tmp_path: Path) -> None:
    (found,) = look(tmp_path, {}, {"a.py": UNSAFE}).findings
    assert (found.rule_id, found.category) == ("security/path-traversal", Category.SECURITY)
    assert (found.severity, found.sources) == (Severity.WARNING, ("llm-review",))
    assert found.location.start_line == 10
    assert found.message.endswith("(CWE-22)")
    assert found.quote == "return open(name).read()"


def test_a_check_that_was_taken_away_is_found_at_the_unchanged_line_that_needed_it(tmp_path: Path) -> None:
    (found,) = look(tmp_path, {"a.py": OPENS}, {"a.py": UNSAFE}).findings
    assert found.location.start_line == 10


def test_what_the_base_had_and_what_is_in_tests_is_not_said(tmp_path: Path) -> None:
    head: Texts = {"a.py": "X = 1\n" + UNSAFE, "tests/test_a.py": UNSAFE}
    assert look(tmp_path, {"a.py": UNSAFE}, head).findings == ()


def test_what_does_not_parse_is_skipped(tmp_path: Path) -> None:
    found = look(tmp_path, {}, {"a.py": "def f(:\n", "b.py": "x = " + "(" * 5000 + ")" * 5000})
    assert found.findings == ()
    assert [s.what for s in found.skipped] == ["weaknesses: a.py", "weaknesses: b.py"]


def test_bandit_and_our_own_rule_are_one_finding(tmp_path: Path) -> None:
    text = UNSAFE.replace("open(name).read()", "eval(name)")
    made = make({}, {"a.py": text})
    found = [
        f for f in gather(made.change, made.blobs.__getitem__, (), {}, tmp_path).findings if f.category == "security"
    ]
    assert [(f.rule_id, set(f.sources)) for f in found] == [
        ("security/code-injection", {"llm-review", "bandit", "ruff"}),
    ]


def test_only_what_a_client_commands_blocks() -> None:
    every = [rule for rule in vars(rules).values() if isinstance(rule, rules.Rule)]
    errors = {rule.slug for rule in every if rule.severity is Severity.ERROR}
    assert errors == {
        "code-injection",
        "command-injection",
        "sql-injection",
        "template-injection",
        "unsafe-deserialisation",
    }
    assert len({rule.slug for rule in every}) == len(every)
    warnings = sum(rule.severity is Severity.WARNING for rule in every)
    assert len(errors) < warnings < len(every)


def test_an_error_blocks_and_a_warning_does_not(tmp_path: Path) -> None:
    findings = look(tmp_path, {}, {"a.py": UNSAFE, "b.py": UNSAFE.replace("open(name).read()", "eval(name)")}).findings
    assert [(f.location.path, f.blocking) for f in decide(fold(findings), FailOn.TOOL)] == [
        ("b.py", True),
        ("a.py", False),
    ]
