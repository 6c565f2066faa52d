"""Tests that come with a change and look for what is worth stealing: each fails, and so says so, when it finds it."""

from __future__ import annotations

import os
import socket
import subprocess
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from reviewer.sandbox import bubblewrap, limits

from .corpus import CLEAN, Target

SECRET = "hunter2-of-the-user"
THEFTS = {
    "environment": "    import os\n\n    assert not os.environ.get('DEPLOY_TOKEN')\n",
    "processes": (
        "    from pathlib import Path\n\n"
        "    for place in Path('/proc').glob('[0-9]*/environ'):\n"
        "        try:\n            seen = place.read_bytes()\n        except OSError:\n            continue\n"
        f"        assert b'{SECRET}' not in seen\n"
    ),
    "files": "    from pathlib import Path\n\n    assert not Path({file!r}).exists()\n",
    "network": (
        "    import socket\n\n    try:\n        socket.create_connection(('127.0.0.1', {port}), 2).close()\n"
        "    except OSError:\n        return\n    raise AssertionError('sent')\n"
    ),
}


@pytest.fixture
def walls() -> None:
    program = bubblewrap.find()
    if program is None or bubblewrap.why_not(program):
        pytest.skip("no user namespaces here")


@pytest.fixture
def loot(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, object]]:
    """A secret in the environment, in that of another process and in the home, and a server that hears of it."""
    key = tmp_path / "home" / ".ssh" / "id"
    key.parent.mkdir(parents=True, exist_ok=True)
    key.write_text(SECRET)
    monkeypatch.setenv("DEPLOY_TOKEN", SECRET)
    monkeypatch.setenv("LLM_REVIEW_BEHAVIOUR_TIMEOUT", "1")
    other = subprocess.Popen(["sleep", "300"], env=dict(os.environ))
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield {"file": str(key), "port": server.getsockname()[1]}
    other.kill()
    other.wait()


def _attacked(target: Target, names: Iterable[str], loot: dict[str, object]) -> None:
    test = "from m import add\n"
    for name in names:
        body = THEFTS[name]
        for key, value in loot.items():
            body = body.replace("{" + key + "!r}", repr(value)).replace("{" + key + "}", str(value))
        test += f"\n\ndef test_{name}():\n    assert add(1, 2) == 3\n{body}"
    head = CLEAN.replace("return", "total =") + "    return total\n"
    target.changed({"m.py": CLEAN}, {"m.py": head, "test_m.py": test})


@pytest.mark.usefixtures("walls")
def test_behind_walls_there_is_nothing_to_take(target: Target, loot: dict[str, object], lean: Path) -> None:
    _attacked(target, THEFTS, loot)
    said = target.executed(lean, "required")
    assert "bug/new-test-fails" not in said.rules
    assert said.report["tests"]["head"]["passed"] == len(THEFTS)
    assert said.report["receipt"]["isolation"]["network"] == "none"


@pytest.mark.parametrize("name", THEFTS)
def test_without_walls_the_theft_succeeds_and_the_receipt_says_that_there_are_none(
    target: Target, loot: dict[str, object], lean: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if name == "processes" and not Path("/proc/self/environ").exists():
        pytest.skip("no /proc here")
    _attacked(target, [name], loot)
    monkeypatch.setattr(limits, "ALLOWED", limits.ALLOWED | {"DEPLOY_TOKEN"})
    said = target.executed(lean, "none")
    assert "bug/new-test-fails" in said.rules
    assert said.report["receipt"]["isolation"]["name"] == "none"


def test_the_environment_is_an_allow_list_even_without_walls(
    target: Target, loot: dict[str, object], lean: Path
) -> None:
    _attacked(target, ["environment"], loot)
    assert target.executed(lean, "none").rules == set()
