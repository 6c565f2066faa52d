from __future__ import annotations

import json
import os
import socket
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from reviewer.sandbox import bubblewrap
from reviewer.sandbox.bubblewrap import Bubblewrap
from reviewer.sandbox.limits import Limits

from .conftest import PREFIXES

Folders = tuple[Path, Path, Path]

LOOK = """
import json, os, pathlib, socket, sys
def attempt(action):
    try:
        return str(action())
    except OSError as error:
        return type(error).__name__
outside = pathlib.Path(sys.argv[1])
print(json.dumps({
    "cwd": os.getcwd(), "code": attempt(pathlib.Path("code.py").read_text), "mine": attempt(pathlib.Path("mine").write_text("x").bit_length),
    "neighbour": attempt((outside / "repo-secret").read_text), "home": attempt((pathlib.Path(sys.argv[2]) / ".bashrc").read_text),
    "homes": attempt(lambda: sorted(os.listdir("/home"))), "run": attempt(lambda: os.listdir("/run")),
    "write": attempt(lambda: pathlib.Path("/usr/x").write_text("x")), "prefix": attempt(lambda: (pathlib.Path(sys.prefix) / "x").write_text("x")),
    "network": attempt(lambda: socket.create_connection(("127.0.0.1", int(sys.argv[3])), 2)),
    "pids": len([p for p in os.listdir("/proc") if p.isdigit()]), "environment": sorted(os.environ),
    "capabilities": [l.split()[1] for l in open("/proc/self/status") if l.startswith("CapEff")][0],
}))
"""  # noqa: E501


def test_nothing_of_the_user_is_there_and_nothing_but_the_snapshot_can_be_written(
    walls: Bubblewrap, folders: Folders, monkeypatch: pytest.MonkeyPatch
) -> None:
    root, snapshot, scratch = folders
    (snapshot / "code.py").write_text("head")
    (root / "code.py").write_text("the user's")
    (root.parent / "repo-secret").write_text("secret")
    monkeypatch.setenv("API_TOKEN", "secret")
    with socket.create_server(("127.0.0.1", 0)) as server:
        argv = (sys.executable, "-c", LOOK, str(root.parent), str(Path.home()), str(server.getsockname()[1]))
        done = walls.run(argv, snapshot=snapshot, scratch=scratch, timeout=30)
    assert done.exit_code == 0, done.stderr
    seen = json.loads(done.stdout)
    assert Path(seen["cwd"]) == walls.place(snapshot) == root
    assert seen["code"] == "head"
    assert (snapshot / "mine").read_text() == "x"
    assert not (root / "mine").exists()
    assert seen["neighbour"] == seen["home"] == "FileNotFoundError"
    assert (seen["homes"], seen["run"]) == ("[]", "[]")
    assert seen["write"] == seen["prefix"] == "OSError"
    assert seen["network"] in {"ConnectionRefusedError", "OSError", "TimeoutError"}
    assert seen["pids"] <= 3
    assert "API_TOKEN" not in seen["environment"]
    assert int(seen["capabilities"], 16) == 0
    assert done.argv == argv


def _tried(walls: Bubblewrap, folders: Folders, *expressions: str) -> list[str]:
    """What each expression gave inside, or the name of its exception."""
    code = (
        "import glob, os, pathlib, socket, sys\n"
        "for text in sys.argv[1:]:\n"
        "    try: print(eval(text))\n"
        "    except OSError as error: print(type(error).__name__)\n"
    )
    done = walls.run(
        (sys.executable, "-c", code, *expressions), snapshot=folders[1], scratch=folders[2], timeout=30
    )  # fmt: skip
    assert done.exit_code == 0, done.stderr
    return done.stdout.decode().splitlines()


def test_keys_agents_and_sockets_are_not_there(
    walls: Bubblewrap, folders: Folders, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "home"
    (home / ".ssh").mkdir(parents=True)
    (home / ".ssh" / "id_ed25519").write_text("secret")
    (home / ".netrc").write_text("secret")
    agent = str(tmp_path / "agent.sock")
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("SSH_AUTH_SOCK", agent)
    monkeypatch.setenv("DOCKER_HOST", f"unix://{agent}")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(agent)
        server.listen()
        connect = "socket.socket(socket.AF_UNIX).connect({!r})"
        assert _tried(
            walls,
            folders,
            *(f"open({str(home / name)!r}).read()" for name in (".ssh/id_ed25519", ".netrc")),
            *(connect.format(name) for name in (agent, "/run/docker.sock", "/var/run/docker.sock")),
            "[n for n in os.environ if 'SOCK' in n or 'DOCKER' in n]",
        ) == ["FileNotFoundError"] * 5 + ["[]"]


def test_an_abstract_socket_of_the_user_is_not_reached(walls: Bubblewrap, folders: Folders) -> None:
    name = f"\0llm-review-{folders[0]}"
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(name)
        server.listen()
        connect = f"socket.socket(socket.AF_UNIX).connect({name!r})"
        assert _tried(walls, folders, connect) == ["ConnectionRefusedError"]


def test_environments_of_other_processes_hold_no_secret(
    walls: Bubblewrap, folders: Folders, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("API_TOKEN", "a-secret-token")
    everybody = "[n for n in glob.glob('/proc/*/environ') if b'a-secret-token' in open(n, 'rb').read()]"
    assert _tried(walls, folders, everybody, "len(glob.glob('/proc/[0-9]*/environ')) <= 3") == ["[]", "True"]


def test_what_only_the_user_may_read_of_the_system_is_covered(walls: Bubblewrap, folders: Folders) -> None:
    if not os.access("/etc/shadow", os.R_OK):
        pytest.skip("this user may not read it anyway")
    seen = _tried(walls, folders, "open('/etc/shadow').read()", "len(open('/etc/passwd').read()) > 0")
    assert seen[0] in {"", "PermissionError"}
    assert seen[1] == "True"


def test_only_temporary_folders_can_be_written_and_they_are_bounded(walls: Bubblewrap, folders: Folders) -> None:
    small = replace(walls, limits=Limits(file_bytes=1_000_000))
    full = "[pathlib.Path(f'/dev/shm/{n}').write_bytes(bytes(900_000)) for n in range(3)]"
    writes = [f"pathlib.Path({name!r}).write_text('x')" for name in ("/x", "/dev/x", "/run/x", "/home/x", "/etc/x")]
    assert _tried(small, folders, *writes, "pathlib.Path('/tmp/x').write_text('x')") == ["OSError"] * 5 + ["1"]
    if "--size" in bubblewrap.offers(walls.program):
        assert _tried(small, folders, full) == ["OSError"]


def test_an_environment_in_the_repository_is_seen_there_and_is_read_only(walls: Bubblewrap, folders: Folders) -> None:
    root, snapshot, scratch = folders
    (root / ".venv").mkdir()
    (root / ".venv" / "installed").write_text("yes")
    (root / "src").mkdir()
    sandbox = replace(walls, prefixes=(*PREFIXES, root / ".venv"))
    code = "print(open('.venv/installed').read()); open('.venv/new', 'w')"
    done = sandbox.run((sys.executable, "-c", code), snapshot=snapshot, scratch=scratch, timeout=30)
    assert done.stdout == b"yes\n"
    assert b"Read-only file system" in done.stderr


def test_an_environment_that_is_a_link_in_the_repository_is_seen_there(walls: Bubblewrap, folders: Folders) -> None:
    root, snapshot, scratch = folders
    elsewhere = root.parent / "environments"
    elsewhere.mkdir()
    (elsewhere / "installed").write_text("yes")
    (elsewhere / "chain").symlink_to("installed")
    (root / ".venv").symlink_to(elsewhere)
    sandbox = replace(walls, prefixes=(*PREFIXES, elsewhere, root / ".venv", root / ".venv" / "chain"))
    for _ in range(2):
        code = "print(open('.venv/installed').read())"
        done = sandbox.run((sys.executable, "-c", code), snapshot=snapshot, scratch=scratch, timeout=30)
        assert done.stdout == b"yes\n", done.stderr


def test_a_prefix_that_is_the_repository_or_holds_the_home_is_not_mounted(walls: Bubblewrap, folders: Folders) -> None:
    root, snapshot, scratch = folders
    (root / "code.py").write_text("the user's")
    sandbox = replace(walls, prefixes=(*PREFIXES, root, Path("/"), Path.home()))
    code = "import os; print(os.path.exists('code.py'), os.path.exists('/var/lib'))"
    done = sandbox.run((sys.executable, "-c", code), snapshot=snapshot, scratch=scratch, timeout=30)
    assert done.stdout == b"False False\n", done.stderr


def test_what_is_written_to_a_layered_snapshot_is_seen_by_that_run_alone(layered: Bubblewrap, folders: Folders) -> None:
    root, snapshot, scratch = folders
    (snapshot / "code.py").write_text("head")
    (snapshot / "gone.py").write_text("x")
    (snapshot / "pkg").mkdir()
    before = {p: p.lstat() for p in (snapshot, *snapshot.rglob("*"))}
    (scratch / "kept").write_text("")
    link = snapshot.parent / "link"
    link.symlink_to(snapshot)
    code = (
        "import os, pathlib\n"
        "file = pathlib.Path('code.py')\n"
        "print(os.getcwd(), file.read_text(), os.path.exists('new'), os.path.exists('.venv'))\n"
        "file.write_text('spoilt'); file.chmod(0o600); os.remove('gone.py'); open('pkg/new', 'w').close()\n"
        "os.mkdir('new'); os.rename('code.py', 'new/code.py'); open(os.environ['HOME'] + '/mine', 'w').close()\n"
        "print(open('new/code.py').read())\n"
    )
    sandbox = replace(layered, prefixes=(*PREFIXES, root / ".venv"))
    (root / ".venv").mkdir()
    for place in (snapshot, link):
        done = sandbox.run((sys.executable, "-c", code), snapshot=place, scratch=scratch, timeout=30)
        assert done.stdout.decode() == f"{root} head False True\nspoilt\n", done.stderr
    assert {p: p.lstat() for p in (snapshot, *snapshot.rglob("*"))} == before
    assert (scratch / "home" / "mine").exists()
    assert {p.name for p in scratch.parent.iterdir()} == {"repo", "snapshot", "scratch", "link"}


def test_the_layer_and_the_snapshot_are_not_there_by_another_name(layered: Bubblewrap, folders: Folders) -> None:
    everywhere = "[p for top in ('/tmp', '/oldroot', '/newroot') for p, _, n in os.walk(top) if 'marked' in n]"
    (folders[1] / "marked").write_text("")
    assert _tried(layered, folders, everywhere) == [str([str(folders[0])])]


def test_a_kernel_without_layers_is_told_apart(walls: Bubblewrap, tmp_path: Path) -> None:
    old = tmp_path / "bwrap"
    old.write_text(f"#!/bin/sh\ncase $1 in --help) echo '--bind';; *) exec {walls.program} \"$@\";; esac\n")
    refused = tmp_path / "refused"
    refused.write_text("#!/bin/sh\ncase $1 in --help) echo '--overlay-src';; *) exit 1;; esac\n")
    for program in (old, refused):
        program.chmod(0o755)
        assert not bubblewrap.can_layer(program, tmp_path)


def test_a_program_that_outlives_its_limit_is_killed_with_its_grandchildren(
    walls: Bubblewrap, folders: Folders
) -> None:
    _, snapshot, scratch = folders
    code = (
        "import os, time\n"
        "if os.fork() == 0:\n"
        "    os.setsid()\n"
        "    while True:\n"
        "        open('beat', 'w').write(str(time.monotonic())); time.sleep(0.01)\n"
        "time.sleep(60)\n"
    )
    done = walls.run((sys.executable, "-I", "-S", "-c", code), snapshot=snapshot, scratch=scratch, timeout=3)
    assert done.exit_code is None
    time.sleep(0.1)
    last = (snapshot / "beat").read_text()
    time.sleep(0.1)
    assert (snapshot / "beat").read_text() == last


def test_a_bwrap_that_does_not_work_says_why(tmp_path: Path) -> None:
    broken = tmp_path / "bwrap"
    broken.write_text("#!/bin/sh\necho 'No permissions to create new namespace' >&2\nexit 1\n")
    broken.chmod(0o755)
    assert bubblewrap.why_not(broken) == "No permissions to create new namespace"
    assert "cannot start" in bubblewrap.why_not(tmp_path / "none")
