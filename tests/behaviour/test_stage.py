from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from reviewer.finding import Finding, Proof, Reproducer, Severity
from reviewer.review import FailOn, decide

from .conftest import Stage

SLUG = '''def slugify(text):
    """Words joined by dashes.

    >>> slugify("a b")
    'a-b'
    """
    return "-".join(text.split())
'''
PLAIN = 'def slugify(text: str) -> str:\n    """Words joined by dashes."""\n    return "-".join(text.split())\n'
STORE = """from collections.abc import Mapping


class Store(Mapping):
    def __init__(self):
        self.kept = {}

    def put(self, key, value):
        if key in self.kept:
            pass
        else:
            self.kept[key] = value

    @property
    def size(self):
        return None

    def __getitem__(self, key):
        return self.kept[key]

    def __iter__(self):
        return iter(self.kept)

    def __len__(self):
        return len(self.kept)
"""
STORED = """from slug import Store


def test_put():
    store = Store()
    store.put('a', 1)
    store.put('a', 2)
    assert list(store) == ['a']
"""
TESTS = "from slug import slugify\n\n\ndef test_slug():\n    assert slugify('Ab cd') == 'Ab-cd'\n"


def proof_of(finding: Finding) -> Reproducer:
    assert finding.reproducer is not None
    return finding.reproducer


def runs(reproducer: Reproducer, module: str, folder: Path) -> bool:
    """Whether the reproducer passes where the module `slug` is that text."""
    folder.mkdir()
    name = reproducer.code.splitlines()[0].removeprefix("# ")
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(reproducer.code)
    (folder / "slug.py").write_text(module)
    line = [sys.executable, *reproducer.command.split()[1:], "-q", "-p", "no:cacheprovider"]
    return subprocess.run(line, cwd=folder, env={"PYTHONPATH": str(folder)}, check=False).returncode == 0


@pytest.mark.usefixtures("walls")
class TestBehindWalls:
    def test_a_difference_that_no_test_sees_is_a_note_with_a_runnable_reproducer(
        self, stage: Stage, tmp_path: Path
    ) -> None:
        head = PLAIN.replace("text.split()", "text.split(' ')")
        (finding,) = stage.look({"slug.py": PLAIN, "test_slug.py": TESTS}, {"slug.py": head})
        assert (finding.rule_id, finding.proof, finding.severity) == (
            "bug/behaviour-changed", Proof.TOOL, Severity.NOTE,
        )  # fmt: skip
        assert (finding.location.path, finding.location.start_line, finding.unit) == ("slug.py", 3, "slugify")
        assert finding.message.startswith("`slugify(")
        assert "now" in finding.message
        reproducer = proof_of(finding)
        assert (reproducer.base, reproducer.head) == ("pass", "fail")
        assert runs(reproducer, PLAIN, tmp_path / "base")
        assert not runs(reproducer, head, tmp_path / "head")
        assert not any(f.blocking for f in decide([finding], FailOn.TOOL))

    def test_what_the_docstring_shows_is_grave(self, stage: Stage, tmp_path: Path) -> None:
        head = SLUG.replace('"-".join', '"_".join')
        (finding,) = stage.look({"slug.py": SLUG}, {"slug.py": head})
        assert (finding.rule_id, finding.proof) == ("bug/contradicts-documentation", Proof.REPRODUCED)
        assert finding.message == "`slugify('a b')` gave 'a-b', now 'a_b'"
        assert runs(proof_of(finding), SLUG, tmp_path / "base")
        assert not runs(proof_of(finding), head, tmp_path / "head")

    def test_a_fix_towards_the_docstring_is_never_grave(self, stage: Stage) -> None:
        (finding,) = stage.look({"slug.py": SLUG.replace('"-".join', '"_".join')}, {"slug.py": SLUG})
        assert finding.severity is Severity.NOTE

    def test_nothing_is_grave_that_the_tests_of_the_change_speak_of(self, stage: Stage) -> None:
        head = SLUG.replace('"-".join', '"_".join')
        tests = TESTS.replace("'Ab-cd'", "'Ab_cd'")
        (finding,) = stage.look({"slug.py": SLUG, "test_slug.py": TESTS}, {"slug.py": head, "test_slug.py": tests})
        assert finding.severity is Severity.NOTE

    def test_what_the_tests_of_the_change_speak_of_is_only_counted(self, stage: Stage) -> None:
        head, tests = SLUG.replace('"-".join', '"_".join'), TESTS.replace("'Ab-cd'", "'Ab_cd'")
        base = {"slug.py": SLUG, "test_slug.py": TESTS}
        assert stage.look(base, {"slug.py": head, "test_slug.py": tests}, tested_changes=False) == []
        assert stage.case is not None
        review = stage.case.draft.review(FailOn.TOOL, "report")
        (counted,) = (s for s in review.skipped if "in behaviour" in s.what)
        assert counted.harmless
        assert "tests speak of it" in counted.reason

    def test_an_endless_loop_is_grave(self, stage: Stage) -> None:
        base = 'def ones(n):\n    """As in `ones(7)`."""\n    found = 0\n    while n:\n'
        base += "        n &= n - 1\n        found += 1\n    return found\n"
        (finding,) = stage.look({"slug.py": base}, {"slug.py": base.replace("&=", "^=")})
        assert (finding.rule_id, finding.proof) == ("bug/hangs", Proof.REPRODUCED)
        assert "does not end any more" in finding.message
        assert "TimeoutError" in proof_of(finding).output

    def test_a_round_trip_that_is_lost_is_grave(self, stage: Stage) -> None:
        base = (
            "def quote_text(text: str) -> str:\n    return text.replace('%', '%%')\n\n\n"
            "def unquote_text(text: str) -> str:\n    return text.replace('%%', '%')\n"
        )
        head = base.replace("return text.replace('%', '%%')", "return text.replace('%', '%%').strip()")
        (finding,) = stage.look({"slug.py": base}, {"slug.py": head})
        assert (finding.rule_id, finding.proof) == ("bug/lost-round-trip", Proof.REPRODUCED)
        assert finding.message.startswith("`unquote_text(quote_text(")

    def test_an_accident_on_input_that_the_project_shows_is_grave(self, stage: Stage) -> None:
        base = 'def first(items):\n    """The first; try `first([])`."""\n    return items[0] if items else None\n'
        (finding,) = stage.look({"slug.py": base}, {"slug.py": base.replace("items[0] if items else None", "items[0]")})
        assert (finding.rule_id, finding.proof) == ("bug/new-exception", Proof.REPRODUCED)

    def test_an_exception_that_is_raised_on_purpose_is_not(self, stage: Stage) -> None:
        base = 'def first(items):\n    """The first; try `first([])`."""\n    return items[0] if items else None\n'
        head = base.replace("    return", "    if not items:\n        raise ValueError(items)\n    return")
        (finding,) = stage.look({"slug.py": base}, {"slug.py": head})
        assert (finding.rule_id, finding.severity) == ("bug/behaviour-changed", Severity.NOTE)

    def test_what_became_of_an_object_is_seen_where_no_test_looks(self, stage: Stage) -> None:
        base = STORE.replace("pass", "self.kept[key] = value")
        (finding,) = stage.look({"slug.py": base, "test_slug.py": STORED}, {"slug.py": STORE})
        assert finding.message == "`dict(store)` gave {'a': 2}, now {'a': 1}"
        assert "assert dict(store) == {'a': 2}" in proof_of(finding).code

    def test_a_property_is_read(self, stage: Stage) -> None:
        base = STORE.replace("return None", "return len(self.kept)")
        (finding,) = stage.look({"slug.py": base, "test_slug.py": STORED}, {"slug.py": STORE})
        assert finding.message.endswith("gave 1, now None")

    def test_the_same_behaviour_says_nothing(self, stage: Stage) -> None:
        head = PLAIN.replace('return "-".join(text.split())', 'words = text.split()\n    return "-".join(words)')
        assert stage.look({"slug.py": PLAIN, "test_slug.py": TESTS}, {"slug.py": head}) == []

    def test_what_chance_decides_is_no_difference(self, stage: Stage) -> None:
        base = "import random\n\n\ndef draw(n: int) -> float:\n    return random.random() + n\n"
        assert stage.look({"slug.py": base}, {"slug.py": base.replace("() + n", "() + n + 0")}) == []

    def test_two_notes_are_one_too_many(self, stage: Stage) -> None:
        base = "def half(n: int):\n    return n / 2\n\n\ndef double(n: int):\n    return n * 2\n"
        head = base.replace("n / 2", "n // 2").replace("n * 2", "n * 3")
        assert len(stage.look({"slug.py": base}, {"slug.py": head})) == 1
        assert len(stage.compared.proved) > 1

    def test_a_project_without_python_changes_is_left_alone(self, stage: Stage) -> None:
        assert stage.look({"a.txt": "a\n"}, {"a.txt": "b\n"}) == []


def test_without_walls_nothing_is_varied(stage: Stage) -> None:
    head = PLAIN.replace("text.split()", "text.split(' ')")
    assert stage.look({"slug.py": PLAIN}, {"slug.py": head}, sandbox="none") == []
    assert stage.case is not None
    skipped = stage.case.draft.review(FailOn.TOOL, "report").skipped
    assert any(s.what == "behaviour" and "walls" in s.reason and s.harmless for s in skipped)
