"""A pull request's life through Prism, which holds each request against GitHub's own description of its API."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from reviewer.finding import Location, Suggestion, Verdict
from reviewer.verify.patch import unified
from tests.forge.server import GitHub, served
from tests.forge.test_life import HEAD, LINES, TEXT, finding, publish, review

from .conftest import NODE

COMMENTS = "/repos/{owner}/{repo}/issues/comments/{comment_id}"
ISSUE = "/repos/{owner}/{repo}/issues/{issue_number}/comments"
REVIEWS = "/repos/{owner}/{repo}/pulls/{pull_number}/reviews"


@pytest.fixture(scope="module")
def description(modules: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """GitHub's description of the three resources that we write to; of all of them Prism would take half a minute."""
    whole = json.loads((modules / "@octokit/openapi/generated/api.github.com.deref.json").read_text("utf-8"))
    part = {name: whole[name] for name in ("openapi", "info", "servers")}
    part["paths"] = {path: whole["paths"][path] for path in (REVIEWS, ISSUE, COMMENTS)}
    # Queries are judged by GraphQL's own schema.
    part["paths"]["/graphql"] = {
        "post": {
            "requestBody": {"content": {"application/json": {"schema": {"type": "object"}}}},
            "responses": {"200": {"description": "data"}},
        }
    }
    file = tmp_path_factory.mktemp("description") / "github.json"
    file.write_text(json.dumps(part))
    return file


@dataclass
class Proxy:
    """Prism before a GitHub."""

    hub: GitHub
    log: Path
    address: str

    def violations(self) -> list[str]:
        """What it had against requests. Our GitHub's answers are shorter than the real ones, and nothing reads them."""
        return re.findall(r"Violation: (request.*)", self.log.read_text("utf-8"))

    def seen(self) -> set[tuple[str, str]]:
        return set(re.findall(r'Forwarding "(\w+)" request to http://[\d.:]+(\S+?)\.\.\.', self.log.read_text("utf-8")))


@pytest.fixture
def proxy(modules: Path, description: Path, tmp_path: Path) -> Iterator[Proxy]:
    log = tmp_path / "prism.log"
    with served(GitHub(HEAD, {"m.py": set(LINES)})) as hub, log.open("w") as stream:
        command = modules / "@stoplight" / "prism-cli" / "dist" / "index.js"
        words = [str(NODE), str(command), "proxy", "--host", "127.0.0.1", "--port", "0", str(description), hub.address]
        prism = subprocess.Popen(words, stdout=stream, stderr=subprocess.STDOUT, start_new_session=True)
        try:
            yield Proxy(hub, log, _address(prism, log))
        finally:
            os.killpg(prism.pid, signal.SIGKILL)
            prism.wait()


def _address(prism: subprocess.Popen[bytes], log: Path) -> str:
    end = time.monotonic() + 90
    while time.monotonic() < end and prism.poll() is None:
        if found := re.search(r"Prism is listening on (http://[\d.:]+)", log.read_text("utf-8")):
            return found[1]
        time.sleep(0.1)
    raise AssertionError(log.read_text("utf-8")[-2000:])


def test_githubs_description_allows_every_request_of_a_pull_requests_life(
    proxy: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    github, proxy.hub.address = proxy.hub, proxy.address
    old = "".join(f"{line}\n" for line in TEXT)
    fix = Suggestion(unified("m.py", old, old.replace("line 12\nline 13\n", "new\n")), "", Verdict.VERIFIED)
    moved = finding(14, "moved")
    assert publish(github, review(replace(finding(12), suggestion=fix), moved)) == "2 new comments, 0 threads resolved"
    later = replace(moved, location=Location("m.py", 20, 20))
    assert publish(github, review(later)) == "0 new comments, 1 thread resolved"
    many = [finding(10 + n % 10, f"number {n}") for n in range(60)]
    assert publish(github, review(*many)) == "30 new comments, 1 thread resolved"
    assert proxy.violations() == []
    assert proxy.seen() >= {
        ("post", "/repos/o/r/pulls/7/reviews"),
        ("post", "/repos/o/r/issues/7/comments"),
        ("patch", "/repos/o/r/issues/comments/1"),
        ("post", "/graphql"),
    }


def test_a_request_that_github_would_refuse_is_noticed(proxy: Proxy) -> None:
    for words in ({"event": "SHOUT"}, {"event": "COMMENT", "comments": [{"body": "without a path"}]}):
        wrong = urllib.request.Request(
            f"{proxy.address}/repos/o/another/pulls/7/reviews",
            json.dumps(words).encode(),
            {"Content-Type": "application/json", "Authorization": "token x"},
        )
        with pytest.raises(urllib.error.HTTPError):
            urllib.request.urlopen(wrong)
    said = " ".join(proxy.violations())
    assert "must be equal to one of the allowed values" in said
    assert "must have required property 'path'" in said
