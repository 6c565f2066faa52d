"""What a user can do wrong, and what can break: each with its words, its hint and its exit code."""

from __future__ import annotations

import errno
import io
import json
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from reviewer.change.git import Repository
from reviewer.cli import main
from reviewer.errors import GitError, ToolError

from .conftest import Repo

CLEAN = "def add(a, b):\n    return a + b\n"
SPOILT = "import os\n\n\ndef add(a, b):\n    return a + c\n"


def _almighty() -> bool:
    """Whether rights of files do not bind this user (root, mostly)."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o555)
        return os.access(folder, os.W_OK)


@dataclass(frozen=True)
class Answer:
    """What came of one run."""

    code: int
    out: str
    err: str

    @property
    def report(self) -> dict[str, Any]:
        loaded: dict[str, Any] = json.loads(self.out)
        return loaded

    def skipped(self, what: str) -> str:
        """The reasons why something was not done."""
        return "; ".join(s["reason"] for s in self.report["skipped"] if s["what"] == what)


Review = Callable[..., Answer]


@pytest.fixture(autouse=True)
def _alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No settings, models or home of whoever runs the tests."""
    for name in [name for name in os.environ if name.startswith("LLM_REVIEW_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "home" / ".config"))
    monkeypatch.setenv("LLM_REVIEW_MODELS", str(tmp_path / "models"))
    (tmp_path / "home").mkdir()


@pytest.fixture
def review(repo: Repo, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Review:
    """Run `llm-review diff` in the repository, with neither model nor tests unless asked."""
    monkeypatch.chdir(repo.root)

    def run(*words: str, quick: bool = True, json_report: bool = True) -> Answer:
        extra = [*(["--no-llm", "--no-tests"] if quick else []), *(["--format", "json"] if json_report else [])]
        code = main(["diff", *extra, *words])
        said = capsys.readouterr()
        assert "Traceback" not in said.err
        return Answer(code, said.out, said.err)

    return run


@pytest.fixture
def spoilt(repo: Repo) -> Repo:
    """A repository with an undefined name in its work tree."""
    repo.commit({"calc.py": CLEAN})
    repo.write("calc.py", SPOILT)
    return repo


def refused(answer: Answer, message: str, hint: str) -> bool:
    """Ended as wrong use, with these words and nothing on standard output."""
    lines = answer.err.splitlines()
    assert answer.code == 2, answer
    assert answer.out == ""
    assert lines[0].startswith("error: ")
    assert message in lines[0], answer.err
    assert lines[1].startswith("hint: "), answer.err
    assert hint in lines[1], answer.err
    return len(lines) == 2


# The repository


def test_outside_a_repository(review: Review, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert refused(review(), "is not in a git repository", "git init")


def test_a_bare_repository(review: Review, repo: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    repo.git("init", "-q", "--bare", str(tmp_path / "bare.git"))
    monkeypatch.chdir(tmp_path / "bare.git")
    assert refused(review(), "no work tree", "go to a checkout")


def test_a_folder_that_is_gone(review: Review, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    answer = review()
    monkeypatch.chdir(tmp_path)
    assert refused(answer, "does not exist any more", "go to a folder")


def test_before_the_first_commit_with_nothing_staged(review: Review) -> None:
    answer = review(json_report=False)
    assert (answer.code, answer.out, answer.err) == (0, "Nothing to review.\n", "")


def test_before_the_first_commit_with_something_staged(review: Review, repo: Repo) -> None:
    repo.write("calc.py", SPOILT)
    repo.stage()
    answer = review()
    assert answer.code == 1
    assert {f["rule_id"] for f in answer.report["findings"]} >= {"ruff/F821"}


def test_nothing_changed_is_one_line(review: Review, repo: Repo) -> None:
    repo.commit({"calc.py": CLEAN})
    answer = review(quick=False, json_report=False)
    assert (answer.code, answer.out, answer.err) == (0, "Nothing to review.\n", "")


def test_git_is_missing(review: Review, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    assert refused(review(), "git is not installed", "install git 2.31")


# What is to be compared


def test_an_unknown_revision(review: Review, spoilt: Repo) -> None:
    assert refused(review("no-such-branch"), "unknown revision: no-such-branch", "git log")


def test_an_unknown_side_of_a_range(review: Review, spoilt: Repo) -> None:
    assert refused(review("main...topic"), "unknown revision: topic", "git log")


def test_an_empty_revision(review: Review, spoilt: Repo) -> None:
    assert refused(review(""), "the revision is empty", "leave it out")


def test_a_revision_that_looks_like_an_option(review: Review, spoilt: Repo) -> None:
    assert refused(review("--", "--output=x"), "not a revision: --output=x", "does not begin with a dash")
    assert not (spoilt.root / "x").exists()


@pytest.mark.parametrize("words", [("--staged", "--worktree"), ("--staged", "--patch", "x.diff")])
def test_options_that_exclude_each_other(
    review: Review, words: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        review(*words)
    assert ended.value.code == 2
    assert "not allowed with argument" in capsys.readouterr().err


def test_a_path_outside_the_repository(review: Review, spoilt: Repo) -> None:
    assert refused(review("HEAD", "/etc"), "/etc is outside the repository", "of the repository")


def test_a_path_where_nothing_changed(review: Review, spoilt: Repo) -> None:
    (spoilt.root / "docs").mkdir()
    answer = review("HEAD", "docs")
    assert answer.code == 0
    assert answer.skipped("docs") == "nothing changed there"
    assert answer.report["complete"]
    assert answer.report["findings"] == []


def test_a_path_that_is_not_there_is_said(review: Review, spoilt: Repo) -> None:
    answer = review("HEAD", "dosc", json_report=False)
    assert answer.code == 0
    assert "dosc: nothing changed there, and there is no such file or folder" in answer.out
    assert "INCOMPLETE" in answer.out


def test_a_path_alone_is_no_revision(review: Review, spoilt: Repo) -> None:
    assert review("calc.py").code == 1


# Patches


def test_a_patch_that_does_not_apply(review: Review, spoilt: Repo, tmp_path: Path) -> None:
    patch = tmp_path / "x.diff"
    patch.write_text("--- a/calc.py\n+++ b/calc.py\n@@ -1,2 +1,2 @@\n-def sub(a, b):\n+def mul(a, b):\n     return 1\n")
    assert refused(review("--patch", str(patch)), "the patch does not apply: calc.py:1", "must apply to HEAD")


def test_a_patch_file_that_is_missing(review: Review, spoilt: Repo) -> None:
    assert refused(review("--patch", "no.diff"), "cannot read the patch no.diff: No such file", "unified diff")


def test_a_patch_that_is_a_folder(review: Review, spoilt: Repo) -> None:
    assert refused(review("--patch", "."), "cannot read the patch .: Is a directory", "unified diff")


@pytest.mark.parametrize("data", [b"", b"\n", b"hello\n"])
def test_no_patch_on_standard_input(review: Review, spoilt: Repo, data: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))
    assert refused(review("--patch", "-"), "there is no patch in the input", "unified diff")


def test_a_standard_input_that_is_closed(review: Review, spoilt: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", None)
    assert refused(review("--patch", "-"), "there is no standard input", "--patch FILE")


# Reports


def test_an_unknown_format(review: Review, spoilt: Repo) -> None:
    answer = review("--format", "jsn", json_report=False)
    assert refused(answer, "unknown format 'jsn'", "did you mean 'json'?")


def test_two_reports_on_standard_output(review: Review, spoilt: Repo) -> None:
    assert refused(review("--format", "terminal"), "two reports would go to standard output", "--format json=FILE")


def test_a_report_in_a_folder_that_is_not_there(review: Review, spoilt: Repo) -> None:
    answer = review("--format", "json=/no/such/dir/x", json_report=False)
    assert refused(answer, "cannot write /no/such/dir/x: there is no folder /no/such/dir", "make the folder")


def test_a_report_that_is_a_folder(review: Review, spoilt: Repo, tmp_path: Path) -> None:
    answer = review("--format", f"json={tmp_path}", json_report=False)
    assert refused(answer, "it is a folder", "name a file")


@pytest.mark.skipif(_almighty(), reason="this user may write everywhere")
def test_a_report_in_a_folder_that_is_read_only(review: Review, spoilt: Repo, tmp_path: Path) -> None:
    place = tmp_path / "fixed"
    place.mkdir(mode=0o555)
    answer = review("--format", f"json={place / 'x.json'}", json_report=False)
    assert refused(answer, "Permission denied", "can be written")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_a_report_on_a_full_disk(review: Review, spoilt: Repo) -> None:
    answer = review("--format", "json=/dev/full", json_report=False)
    assert refused(answer, "cannot write /dev/full: No space left on device", "can be written")


# Settings


@pytest.mark.parametrize(
    ("words", "message", "hint"),
    [
        (("--provider", "llamcpp"), "'provider' cannot be 'llamcpp'", "one of: auto, llamacpp"),
        (("--fail-on", "model"), "'fail_on' cannot be 'model'", "one of: reproduced, tool, never"),
        (("--sandbox", "docker"), "'sandbox' cannot be 'docker'", "one of: auto, required, none"),
        (("--deadline", "nan"), "'deadline' must be float, not nan", "seconds"),
        (("--deadline", "-1"), "'deadline' must be float, not -1.0", "seconds"),
        (("--samples", "0"), "'samples' cannot be 0", "from 1 to 8"),
        (("--samples", "99"), "'samples' cannot be 99", "from 1 to 8"),
        (("--test-timeout", "0"), "'test_timeout' cannot be 0.0", "at least"),
    ],
)
def test_a_flag_with_a_bad_value(review: Review, spoilt: Repo, words: tuple[str, ...], message: str, hint: str) -> None:
    assert refused(review(*words), message, hint)


@pytest.mark.parametrize(
    ("name", "value", "message", "hint"),
    [
        ("LLM_REVIEW_SAMPLES", "many", "the environment: 'samples' must be int, not 'many'", "whole number"),
        ("LLM_REVIEW_TESTS", "perhaps", "the environment: 'tests' must be bool, not 'perhaps'", "true or false"),
        ("LLM_REVIEW_DEADLINE", "inf", "the environment: 'deadline' must be float, not 'inf'", "seconds"),
    ],
)
def test_a_bad_value_in_the_environment(
    review: Review, spoilt: Repo, name: str, value: str, message: str, hint: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)
    assert refused(review(), message, hint)


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("[tool.llm-review]\nsample = 2\n", "unknown setting 'sample'", "did you mean 'samples'?"),
        ("[tool.llm-review]\nxyz = 2\n", "unknown setting 'xyz'", "known: provider, model"),
        ("tool = 3\n", "pyproject.toml [tool] is not a table", "[tool.llm-review]"),
        ("[tool]\nllm-review = 3\n", "pyproject.toml [tool.llm-review] is not a table", "[tool.llm-review]"),
    ],
)
def test_a_bad_setting_of_the_base(review: Review, repo: Repo, text: str, message: str, hint: str) -> None:
    repo.commit({"calc.py": CLEAN, "pyproject.toml": text})
    repo.write("calc.py", SPOILT)
    assert refused(review(), message, hint)


def test_a_broken_pyproject_of_the_base_does_not_stop_its_repair(review: Review, repo: Repo) -> None:
    repo.commit({"calc.py": CLEAN, "pyproject.toml": "[tool.llm-review\n"})
    repo.write("pyproject.toml", "[tool.llm-review]\n")
    answer = review()
    assert answer.code == 0
    assert not answer.report["complete"]
    assert "pyproject.toml is not valid TOML" in answer.skipped("settings")
    assert "the defaults were used" in answer.skipped("settings")


@pytest.mark.parametrize(
    ("data", "message", "hint"),
    [
        (b"samples = [\n", "config.toml is not valid TOML", "correct the file"),
        (b"\xff\n", "config.toml is not UTF-8", "save it as UTF-8"),
        (b"modle = 'x'\n", "unknown setting 'modle'", "did you mean 'model'?"),
    ],
)
def test_a_bad_file_of_the_users(
    review: Review, spoilt: Repo, tmp_path: Path, data: bytes, message: str, hint: str
) -> None:
    place = tmp_path / "home" / ".config" / "llm-review"
    place.mkdir(parents=True)
    (place / "config.toml").write_bytes(data)
    assert refused(review(), message, hint)


# The model


def test_without_the_model_the_review_goes_on(review: Review, spoilt: Repo) -> None:
    answer = review("--no-tests", quick=False)
    assert answer.code == 1
    assert not answer.report["complete"]
    assert "llm-review model pull" in answer.skipped("model")
    assert answer.report["receipt"]["model"] is None


def test_a_model_file_that_is_missing(review: Review, spoilt: Repo) -> None:
    answer = review("--model", "missing.gguf", "--no-tests", quick=False)
    assert refused(answer, "no such model file: missing.gguf", "the path of a .gguf file")


def test_an_unknown_model(review: Review, spoilt: Repo) -> None:
    answer = review("--model", "qwen2.5-coder-1.5", "--no-tests", quick=False)
    assert refused(answer, "no model is called 'qwen2.5-coder-1.5'", "did you mean qwen2.5-coder-1.5b?")


@pytest.mark.parametrize(
    ("data", "words"), [(b"GGUF\x03\0\0\0", "truncated model file"), (b"hello world", "is not a GGUF model file")]
)
def test_a_model_file_that_is_none(review: Review, spoilt: Repo, tmp_path: Path, data: bytes, words: str) -> None:
    pytest.importorskip("xllamacpp")
    (tmp_path / "x.gguf").write_bytes(data)
    answer = review("--model", str(tmp_path / "x.gguf"), "--no-tests", quick=False)
    assert answer.code == 1
    assert not answer.report["complete"]
    assert words in answer.skipped("model")


# Disks and files


def test_a_full_disk(review: Review, spoilt: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "/tmp/somewhere")

    monkeypatch.setattr(Path, "mkdir", full)
    assert refused(review(), "No space left on device: /tmp/somewhere", "TMPDIR")


def test_git_on_a_full_disk(review: Review, spoilt: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise GitError("git checkout-index failed: error: unable to write file a.py")

    monkeypatch.setattr(Repository, "head_tree", full)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=0))
    assert refused(review(), "git checkout-index failed", "TMPDIR")


def test_no_folder_for_temporary_files(review: Review, spoilt: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", None)
    monkeypatch.setattr(tempfile, "_candidate_tempdir_list", lambda: ["/no/such/place"])
    assert refused(review(), "no temporary folder can be made", "set TMPDIR")


def test_temporary_files_never_go_into_the_repository(
    review: Review, spoilt: Repo, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = spoilt.state()
    monkeypatch.setattr(tempfile, "tempdir", str(spoilt.root))
    assert refused(review(), "lies in the repository", "set TMPDIR")
    assert spoilt.state() == before


def test_a_tmpdir_that_is_not_there_is_no_trouble(
    review: Review, spoilt: Repo, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMPDIR", "/no/such/place")
    monkeypatch.setattr(tempfile, "tempdir", None)
    assert review().code == 1


@pytest.mark.skipif(_almighty(), reason="this user may read everything")
def test_a_file_that_cannot_be_read(review: Review, spoilt: Repo) -> None:
    spoilt.write("secret.py", "x = 1\n").chmod(0)
    answer = review("--worktree")
    assert "git could not read it" in answer.skipped("secret.py")
    assert not answer.report["complete"]


# What is in the change


def test_bytes_that_are_not_utf8(review: Review, repo: Repo) -> None:
    repo.commit({"calc.py": CLEAN})
    repo.write("calc.py", b"NAME = '\xff\xfe'\n")
    answer = review()
    assert answer.code in {0, 1}
    assert not answer.report["complete"]
    assert "cannot be decoded" in answer.skipped("calc.py")


def test_a_source_file_of_five_megabytes(review: Review, repo: Repo) -> None:
    repo.commit({"calc.py": CLEAN})
    repo.write("calc.py", CLEAN + "x = 1\n" * 900_000)
    answer = review()
    assert answer.code == 0
    assert not answer.report["complete"]
    assert "larger than 1 MB" in answer.skipped("calc.py")


def test_a_syntax_error(review: Review, repo: Repo) -> None:
    repo.commit({"calc.py": CLEAN})
    repo.write("calc.py", "def add(a, b:\n    return a + b\n")
    answer = review()
    assert answer.code == 1
    assert [f["start_line"] for f in answer.report["findings"] if f["blocking"]] == [1]


def test_only_a_deleted_file(review: Review, repo: Repo) -> None:
    repo.commit({"calc.py": CLEAN, "old.py": CLEAN})
    (repo.root / "old.py").unlink()
    answer = review(quick=False)
    assert (answer.code, answer.report["findings"]) == (0, [])
    assert answer.report["receipt"]["files"] == ["old.py"]


def test_only_a_binary_file(review: Review, repo: Repo) -> None:
    repo.commit({"calc.py": CLEAN})
    repo.write("logo.png", b"\x89PNG\r\n\0\0\0")
    answer = review(quick=False)
    assert (answer.code, answer.report["complete"]) == (0, True)
    assert "binary" in answer.skipped("logo.png")


# Tests of the project


def test_tests_that_hang(review: Review, repo: Repo) -> None:
    slow = "import time\n\nfrom calc import add\n\n\ndef test_add():\n    time.sleep(60)\n    assert add(1, 2) == 3\n"
    repo.commit({"calc.py": CLEAN, "test_calc.py": slow})
    repo.write("calc.py", CLEAN.replace("a + b", "b + a"))
    answer = review("--no-llm", "--test-timeout", "3", quick=False)
    assert answer.code == 0
    assert not answer.report["complete"]
    assert "time limit" in answer.skipped("tests")


def test_no_python_with_pytest(review: Review, repo: Repo, tmp_path: Path) -> None:
    repo.commit({"calc.py": CLEAN, "test_calc.py": "from calc import add\n\n\ndef test_add():\n    assert add(1, 2)\n"})
    repo.write("calc.py", CLEAN.replace("a + b", "b + a"))
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(tmp_path / "bare")], check=True)
    answer = review("--no-llm", "--python", str(tmp_path / "bare" / "bin" / "python"), quick=False)
    assert answer.code == 0
    assert not answer.report["complete"]
    assert "has no pytest; install it with" in answer.skipped("tests")


def test_tests_that_cannot_be_started_do_not_lose_the_rest(
    review: Review, spoilt: Repo, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise ToolError("cannot start python: Permission denied")

    monkeypatch.setattr("reviewer.verify.touched.run_touched", fail)
    answer = review("--no-llm", quick=False)
    assert answer.code == 1
    assert answer.skipped("tests") == "cannot start python: Permission denied"


def test_a_deadline_that_is_over_at_once(review: Review, spoilt: Repo) -> None:
    spoilt.write("test_calc.py", "from calc import add\n\n\ndef test_add():\n    assert add(1, 2)\n")
    answer = review("--deadline", "0.001", "--no-llm", quick=False)
    assert answer.code == 0
    assert not answer.report["complete"]
    assert answer.skipped("tools") == answer.skipped("tests") == "deadline"


# Where the report goes


def test_a_reader_that_stops_early_changes_nothing(spoilt: Repo) -> None:
    spoilt.write("calc.py", SPOILT + "\n".join(f"print(undefined_{n})" for n in range(2000)) + "\n")
    command = [sys.executable, "-m", "reviewer", "diff", "--no-llm", "--no-tests"]
    root = Path(__file__).parents[1]
    env = os.environ | {"PYTHONPATH": str(root)}
    with subprocess.Popen(
        command, cwd=spoilt.root, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == ""
    assert process.returncode == 1


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_streams_that_are_closed(spoilt: Repo, closed: str) -> None:
    command = f"{shlex.quote(sys.executable)} -m reviewer diff --no-llm --no-tests {closed}"
    env = os.environ | {"PYTHONPATH": str(Path(__file__).parents[1])}
    done = subprocess.run(command, shell=True, cwd=spoilt.root, env=env, capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (1, b"")


@pytest.mark.parametrize("python", [{}, {"PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}])
def test_a_terminal_without_unicode(repo: Repo, python: dict[str, str]) -> None:
    repo.commit({"calc.py": "x = 1\n"})
    repo.write("calc.py", "x = größe  # ✓\n")
    command = [sys.executable, "-m", "reviewer", "diff", "--no-llm", "--no-tests"]
    env = os.environ | {"PYTHONPATH": str(Path(__file__).parents[1]), "LC_ALL": "C"} | python
    done = subprocess.run(command, cwd=repo.root, env=env, capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (1, b"")
    assert ("\\xf6" if python else "größe").encode() in done.stdout
