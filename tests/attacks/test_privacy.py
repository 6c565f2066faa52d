"""What leaves the machine: nothing, unless a remote model is allowed, and then the change alone."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from reviewer.cli import main
from reviewer.llm import redact
from tests.llm.chatserver import ChatServer, Says

from .corpus import Target

KEY, HOOK = "AKIAQYLPMN5HFIQR7XYZ", "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"
AUTHOR, MAIL, MESSAGE, BRANCH = "Ada Privatename", "ada@private-mail.example", "messagemarker", "branchmarker"
NAMES = {"NAME": AUTHOR, "EMAIL": MAIL}
SOURCE = (
    f'TOKEN = "{HOOK}"\n\n\ndef half(a):\n    key = "{KEY}"\n    return a / {{}}, key\n\n\ndef same(a):\n    return a\n'
)
TESTS = "from calc import half\n\n\ndef test_half():\n    assert half(4)[0] == 2\n"
ELSEWHERE = {
    "bystander_module.py": "def bystander_function():\n    return 'bystander_content'\n",
    "notes.txt": "notesmarker\n",
}
SAYS = json.dumps({"change": "It divides.", "defects": []})


class Wire(ChatServer):
    """A model that answers anything, and keeps every byte it is sent."""

    def __init__(self) -> None:
        super().__init__()
        answer = "```python\ndef half(a):\n    return a / 2, 1\n```\n"
        self.script = [Says((SAYS if n % 2 else answer,) * 8) for n in range(400)]

    @property
    def elsewhere(self) -> str:
        """An address that is this machine for the kernel and another one for the program."""
        return f"http://0.0.0.0:{self.server_port}/v1"

    @property
    def sent(self) -> str:
        """All of it, as it is and with JSON's escapes undone."""
        bodies = [json.dumps(body, ensure_ascii=False).encode().decode("unicode_escape") for body in self.bodies]
        return "\n".join([*(raw.decode("utf-8", "replace") for raw in self.wire), *bodies])


@pytest.fixture
def wire(monkeypatch: pytest.MonkeyPatch) -> Iterator[Wire]:
    monkeypatch.setenv("LLM_REVIEW_API_KEY", "the-key-of-the-endpoint")
    monkeypatch.setenv("ENVIRONMENT_MARKER", "environmentvalue")
    made = Wire()
    yield made
    made.stop()


@pytest.fixture
def changed(target: Target, monkeypatch: pytest.MonkeyPatch) -> Target:
    monkeypatch.setenv("LLM_REVIEW_BEHAVIOUR_TIMEOUT", "1")
    target.repo.git("checkout", "-q", "-b", BRANCH)
    base = {"calc.py": SOURCE.format(2), "test_calc.py": TESTS, **ELSEWHERE}
    who = {f"GIT_{role}_{name}": value for role in ("AUTHOR", "COMMITTER") for name, value in NAMES.items()}
    target.repo.commit(dict(base))
    target.repo.git("commit", "-q", "--amend", "--reset-author", "-m", MESSAGE, env=who)
    target.repo.git("config", "user.name", AUTHOR)
    target.repo.git("config", "user.email", MAIL)
    target.repo.write("calc.py", SOURCE.format(3))
    target.repo.stage()
    return target


COMMANDS: dict[str, tuple[str, ...]] = {
    "diff": ("diff", "--staged", "--python", sys.executable),
    "fix": ("fix", "--staged", "--python", sys.executable, "--yes"),
    "explain": ("explain", "calc.py"),
    "document": ("document", "calc.py"),
    "optimise": ("optimise", "calc.py"),
    "run": ("run", "broken.py"),
}


def _private(target: Target) -> dict[str, str]:
    """What nobody may be sent, and what it is."""
    home = str(Path.home())
    return {
        KEY: "a secret of the change", HOOK: "a secret of the file", AUTHOR: "the author", "Privatename": "the author",
        MAIL: "the address", MESSAGE: "the message", BRANCH: "the branch", "environmentvalue": "the environment",
        "bystander": "another file", "notesmarker": "another file", str(target.repo.root): "where the repository is",
        home: "the home folder", socket.gethostname(): "the machine's name",
    }  # fmt: skip


@pytest.fixture
def remote(wire: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    """A user who has allowed that remote model."""
    where = {"PROVIDER": "openai", "MODEL": "m", "BASE_URL": wire.elsewhere, "CACHE": "false", "SAMPLES": "1"}
    for name, value in {**where, "ALLOW_REMOTE": "1"}.items():
        monkeypatch.setenv(f"LLM_REVIEW_{name}", value)


def _told(target: Target, wire: Wire) -> set[str]:
    return {what for text, what in _private(target).items() if text in wire.sent}


@pytest.mark.usefixtures("remote")
@pytest.mark.parametrize("command", COMMANDS)
def test_only_the_change_is_sent(command: str, changed: Target, wire: Wire) -> None:
    changed.repo.write("broken.py", f'import calc\nkey = "{KEY}"\nprint(calc.half("a"))\n')
    main(COMMANDS[command])
    assert "half" in wire.sent
    assert _told(changed, wire) == set()


@pytest.mark.usefixtures("remote")
def test_without_the_detector_the_secret_is_sent(changed: Target, wire: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redact, "secrets_in", lambda _: {})
    main(("diff", "--staged", "--no-tests"))
    assert "a secret of the change" in _told(changed, wire)


@pytest.mark.usefixtures("remote")
@pytest.mark.parametrize("command", COMMANDS)
def test_without_leave_nothing_is_sent(
    command: str, changed: Target, wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("LLM_REVIEW_ALLOW_REMOTE")
    changed.repo.write("broken.py", "1 / 0\n")
    main(COMMANDS[command])
    assert wire.wire == []


def _alone(*words: str) -> list[str]:
    """A command in a network namespace of its own: the loopback and nothing else."""
    return ["unshare", "--user", "--map-root-user", "--net", "sh", "-c", 'ip link set lo up; exec "$@"', "sh", *words]


def _reviewed(argv: Sequence[str], cwd: Path) -> dict[str, Any]:
    done = subprocess.run(argv, cwd=cwd, capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stderr
    report: dict[str, Any] = json.loads(done.stdout)
    return report


@pytest.mark.timeout(600)
def test_a_machine_without_a_network_reviews_as_one_with_it(changed: Target) -> None:
    if not shutil.which("ip") or subprocess.run(_alone("true"), capture_output=True, check=False).returncode:
        pytest.skip("no network namespaces here")
    reached = subprocess.run(_alone("ip", "route"), capture_output=True, text=True, check=True).stdout
    assert reached == ""
    review = [sys.executable, "-m", "reviewer", "diff", "--no-llm", "--format", "json", "--python", sys.executable]
    outside, inside = (_reviewed(argv, changed.repo.root) for argv in (review, _alone(*review)))
    assert "reproduced" in {f["proof"] for f in inside["findings"]}
    assert [_of(f) for f in inside["findings"]] == [_of(f) for f in outside["findings"]]
    assert inside["complete"] == outside["complete"]


def _of(finding: dict[str, Any]) -> dict[str, Any]:
    return {key: finding[key] for key in ("rule_id", "path", "proof", "start_line", "blocking", "id")}
