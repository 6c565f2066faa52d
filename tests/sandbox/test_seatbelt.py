"""The profile's text and the command: `sandbox-exec` itself exists on macOS alone, where the last test runs it."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from reviewer import process
from reviewer.errors import SandboxError
from reviewer.process import Done
from reviewer.sandbox import seatbelt
from reviewer.sandbox.choice import choose
from reviewer.sandbox.none import Reduced
from reviewer.sandbox.seatbelt import Seatbelt, profile, quoted

from .conftest import PREFIXES


def decision(text: str, operation: str, path: str) -> str:
    """What a profile says of a path: the last rule that fits."""
    said = "deny"
    for line in text.splitlines():
        if not (rule := re.match(r"\((allow|deny) ([a-z* -]+?)(?: \((?:subpath|literal)|\)$)", line)):
            continue
        named = any(re.fullmatch(word.replace("*", ".*"), operation) for word in rule[2].split())
        places = re.findall(r'\((subpath|literal) "((?:[^"\\]|\\.)*)"\)', line)
        fits = any(path == p or (kind == "subpath" and path.startswith(f"{p}/")) for kind, p in places)
        if named and (fits or not places):
            said = rule[1]
    return said


@pytest.fixture
def text(monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("HOME", "/Users/ada")
    return profile([Path("/Users/ada/.pyenv/versions/3.12"), Path("/Users")], [Path("/work/snapshot"), Path("/work/s")])


@pytest.mark.parametrize(
    ("operation", "path", "expected"),
    [
        ("file-read-data", "/usr/lib/libSystem.dylib", "allow"),
        ("file-read-data", "/Users/ada/.ssh/id_ed25519", "deny"),
        ("file-read-data", "/Users/ada/Library/Keychains/login.keychain-db", "deny"),
        ("file-read-data", "/Users/bob/notes", "deny"),
        ("file-read-data", "/Library/Keychains/System.keychain", "deny"),
        ("file-read-data", "/private/etc/master.passwd", "deny"),
        ("file-read-data", "/private/var/run/docker.sock", "deny"),
        ("file-read-data", "/Users/ada/.pyenv/versions/3.12/bin/python", "allow"),
        ("file-write-data", "/Users/ada/.pyenv/versions/3.12/bin/python", "deny"),
        ("file-read-data", "/work/snapshot/a.py", "allow"),
        ("file-write-create", "/work/snapshot/a.py", "allow"),
        ("file-write-create", "/work/snapshots/a.py", "deny"),
        ("file-write-create", "/usr/local/bin/x", "deny"),
        ("file-write-data", "/dev/null", "allow"),
        ("network-outbound", "/private/var/run/mDNSResponder", "deny"),
        ("network-outbound", "", "deny"),
        ("mach-priv-task-port", "", "deny"),
    ],
)
def test_the_last_rule_decides(text: str, operation: str, path: str, expected: str) -> None:
    assert decision(text, operation, path) == expected


def test_a_profile_is_whole_and_a_name_cannot_add_a_rule(tmp_path: Path) -> None:
    evil = tmp_path / 'a")(allow network*)("\\'
    text = profile([], [evil])
    assert text.startswith("(version 1)\n(deny default)\n")
    assert text.splitlines()[-1] == "(deny network*)"
    outside = re.sub(r'"(?:[^"\\]|\\.)*"', "", text)
    assert outside.count("(") == outside.count(")")
    assert "allow network" not in outside
    assert quoted('"\\') == '"\\"\\\\"'


def test_a_link_is_allowed_by_its_own_name_and_by_what_it_leads_to(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    text = profile([], [tmp_path / "link"])
    assert {decision(text, "file-write-data", f"{tmp_path}/{n}/x") for n in ("link", "real")} == {"allow"}


def test_the_command(folders: tuple[Path, Path, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[tuple[str, ...]] = []

    def run(argv: tuple[str, ...], *, cwd: Path, env: dict[str, str], timeout: float) -> Done:
        assert (cwd, env["HOME"], timeout) == (folders[1], str(folders[2] / "home"), 9)
        seen.append(argv)
        return Done(argv, 0, b"", b"", 0.1)

    monkeypatch.setattr(process, "run", run)
    done = Seatbelt(PREFIXES).run(("python", "x.py"), snapshot=folders[1], scratch=folders[2], timeout=9)
    assert done.argv == ("python", "x.py")
    text = profile(PREFIXES, folders[1:])
    assert seen[0][-6:] == ("supervise", "/usr/bin/sandbox-exec", "-p", text, "python", "x.py")


def test_it_is_chosen_on_macos_where_it_works(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    monkeypatch.setattr(seatbelt, "why_not", lambda: "")
    assert choose("required", tmp_path, PREFIXES) == Seatbelt(PREFIXES)
    assert choose("auto", tmp_path, ()).isolation["limits"].endswith("memory: none; processes: none")
    monkeypatch.setattr(seatbelt, "why_not", lambda: "sandbox-exec ended with 71")
    assert choose("auto", tmp_path, ()) == Reduced("sandbox-exec ended with 71")
    with pytest.raises(SandboxError, match="sandbox-exec ended with 71"):
        choose("required", tmp_path, ())


@pytest.mark.skipif(sys.platform != "darwin", reason="macOS alone has sandbox-exec")
def test_on_macos_itself(folders: tuple[Path, Path, Path]) -> None:
    assert seatbelt.why_not() == ""
    code = (
        "import pathlib, socket, sys\n"
        "pathlib.Path('mine').write_text('x')\n"
        "for attempt in (lambda: pathlib.Path(sys.argv[1]).touch(), lambda: list(pathlib.Path('/Users').iterdir()),\n"
        "                lambda: socket.create_connection(('127.0.0.1', 9), 1)):\n"
        "    try: attempt()\n"
        "    except PermissionError: print('denied')\n"
    )
    argv = (sys.executable, "-c", code, str(folders[0] / "x"))
    done = Seatbelt(PREFIXES).run(argv, snapshot=folders[1], scratch=folders[2], timeout=30)
    assert done.exit_code == 0, done.stderr
    assert done.stdout.count(b"denied") >= 2
    assert not (folders[0] / "x").exists()
