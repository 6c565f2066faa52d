from __future__ import annotations

import pytest

from reviewer.llm.base import Request
from reviewer.llm.redact import Redacted, secrets_in
from tests.fakes import FakeProvider

GITHUB = "ghp_" + "abcdefghijklmnopqrstuvwxyz0123456789"
AWS = "AKIA" + "IOSFODNN7EXAMPLQ"
SECRETS = [
    (f'token = "{GITHUB}"', GITHUB),
    (f"GITHUB_TOKEN={GITHUB}", GITHUB),
    (f'aws = "{AWS}"', AWS),
    ('password = "hunter2xyz"', "hunter2xyz"),
    ('password: str = "s3cr3t-value-9"', "s3cr3t-value-9"),
    ('url = "postgres://user:pa55word@host/db"', "pa55word"),
    ('if password == "letmein-9F3kd82":', "letmein-9F3kd82"),
    ('key = "0123456789abcdef0123456789abcdef"', "0123456789abcdef0123456789abcdef"),
    ("-----BEGIN RSA PRIVATE KEY-----\nMIIabc\n-----END RSA PRIVATE KEY-----", "MIIabc"),
]
CODE = [
    'token = os.environ["TOKEN"]', "def login(password, token): return password", "password = None",
    "    api_key=settings.api_key,", 'secret = get_secret("name")', 'auth = "Bearer " + token',
    'self.assertEqual(name, "calculate_total_price_of_basket")', 'token = request.headers.get("X-Token")',
    'db_password = config["db"]["password"]',
]  # fmt: skip


@pytest.mark.parametrize(("line", "secret"), SECRETS)
def test_a_secret_is_not_sent(line: str, secret: str) -> None:
    inner = FakeProvider(["fine"])
    reply = Redacted(inner).complete(Request("be", "", f"x = 1\n{line}\n"))
    assert secret not in inner.requests[0].prompt
    assert "REDACTED_SECRET_1" in inner.requests[0].prompt
    assert inner.requests[0].prompt.startswith("x = 1\n")
    assert reply.notes[0].what == "secrets"


@pytest.mark.parametrize("line", CODE)
def test_names_are_no_secrets(line: str) -> None:
    assert secrets_in(line) == {}


def test_the_answer_has_the_secret_back() -> None:
    inner = FakeProvider(['password = "REDACTED_SECRET_1"  # REDACTED_SECRET_12'])
    reply = Redacted(inner).complete(Request("", "", 'password = "hunter2xyz"'))
    assert reply.samples[0].text == 'password = "hunter2xyz"  # REDACTED_SECRET_12'


def test_a_name_that_is_a_secret_elsewhere_stays() -> None:
    inner = FakeProvider(["fine"])
    Redacted(inner).complete(Request("", "", 'password = "hunter2xyz"\nhunter2xyz = 3\n'))
    assert inner.requests[0].prompt == 'password = "REDACTED_SECRET_1"\nhunter2xyz = 3\n'


def test_without_secrets_nothing_is_changed() -> None:
    inner = FakeProvider(["fine"])
    request = Request("be", "s", "x = 1", prefill="```")
    assert Redacted(inner).complete(request).notes == ()
    assert inner.requests == [request]
