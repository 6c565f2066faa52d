from __future__ import annotations

from pathlib import Path

import pytest

from reviewer.evidence import secrets
from reviewer.evidence.base import Evidence
from reviewer.evidence.gather import gather
from reviewer.evidence.secrets import Secrets, find
from reviewer.finding import Severity

from .changes import Made, make

# Put together at run time, so that this file has no secret in it.
TOKEN = "ghp_" + "aB3dE5fG7h" * 3 + "Zq19xY"
RANDOM = "vQF6J15Kuh3Y6ut1Vh247dlVEIpTEbMn"
KEY = f"-----BEGIN RSA {'PRIVATE'} KEY-----\n" + "MIIEpAIBAAKCAQEA7bq3k9Z0" * 3 + "\n" + "Zm9vYmFy" * 8 + "\n-----END"
Texts = dict[str, str | bytes]


def collect(tmp_path: Path, base: Texts, head: Texts) -> tuple[Evidence, Made]:
    made = make(base, head)
    return made.collect(Secrets(made.blobs.__getitem__), tmp_path / "sides"), made


def test_a_provider_s_key_is_an_error_in_any_kind_of_file(tmp_path: Path) -> None:
    found, _ = collect(tmp_path, {}, {"conf.yml": f"a: 1\ntoken: {TOKEN}\n", "a.py": f"x = '{TOKEN}'\n"})
    assert [(f.rule_id, f.severity, f.location.path, f.location.start_line) for f in found.findings] == [
        ("security/secret", Severity.ERROR, "a.py", 1),
        ("security/secret", Severity.ERROR, "conf.yml", 2),
    ]
    assert found.secrets == (TOKEN,)


def test_a_private_key_is_found_with_all_its_lines(tmp_path: Path) -> None:
    found, _ = collect(tmp_path, {}, {"id": KEY})
    (one,) = found.findings
    assert "private key" in one.message
    assert len(found.secrets) == 2
    assert list(find([f"if '-----BEGIN {'PRIVATE'} KEY-----' in text:", "    pass"], 1)) == []


def test_the_secret_itself_is_in_no_report(tmp_path: Path) -> None:
    made = make({}, {"a.py": f"password = '{RANDOM}'\ngithub = '{TOKEN}'\nprint(undefined, '{RANDOM}')\n"})
    evidence = gather(made.change, made.blobs.__getitem__, (), {}, tmp_path)
    assert len(evidence.findings) >= 3
    assert RANDOM not in repr(evidence.findings)
    assert TOKEN not in repr(evidence.findings)
    assert "ghp[...]" in repr(evidence.findings)


def test_bandit_s_password_is_not_repeated(tmp_path: Path) -> None:
    made = make({}, {"a.py": "password = 'myPa55w'\n"})
    evidence = gather(made.change, made.blobs.__getitem__, (), {}, tmp_path)
    assert evidence.findings
    assert all("myPa55w" not in f.message for f in evidence.findings)


@pytest.mark.parametrize("line", [f"api_key = '{RANDOM}'", f'"secret": "{RANDOM}",', f"key: str = '{RANDOM}xQ7'"])
def test_random_text_under_a_telling_name(line: str) -> None:
    assert [s.sure for s in find([line], 1)] == [False]


@pytest.mark.parametrize(
    "line",
    [
        'token = os.environ["TOKEN"]',
        "token = get_token('aB3dE5fG7hJ9kL1m')",
        "password = '{{ vault.password }}'",
        "secret = 'change-me-please-123'",
        "key = 'user_profile_settings_v2'",
        "key = 'fflag_fix_back_lsdv_4719_improve_12032023_short'",
        "cache_key = 'users/list/by/name/2'",
        f"colour = '{RANDOM}'",
        "api_key = 'YOUR_API_KEY_1234567'",
        "url = 'postgres://user:pass1word@localhost/db'",
        "token: ${{ secrets.GITHUB_TOKEN }}",
        "sha256 = '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08'",
    ],
)
def test_what_is_no_secret_is_left_alone(line: str) -> None:
    assert list(find([line], 1)) == []


def test_old_and_unchanged_secrets_and_random_text_in_tests_are_not_reported(tmp_path: Path) -> None:
    base: Texts = {"a.py": f"t = '{TOKEN}'\n", "b.py": "x = 1\n"}
    head: Texts = {"a.py": f"\n\ntoken = '{TOKEN}'\n", "b.py": "x = 2\n", "tests/test_a.py": f"key = '{RANDOM}'\n"}
    found, _ = collect(tmp_path, base, head)
    assert found.findings == ()


def test_in_a_test_a_key_is_a_warning_and_a_huge_file_is_named(tmp_path: Path) -> None:
    found, _ = collect(tmp_path, {}, {"tests/test_a.py": f"t = '{TOKEN}'\n", "big.txt": "x" * 1_000_001})
    assert [f.severity for f in found.findings] == [Severity.WARNING]
    assert [(s.what, s.harmless) for s in found.skipped] == [("secrets: big.txt", True)]


def test_a_line_of_each_format_is_looked_at() -> None:
    """Were detect-secrets to learn another format, the hint would have to let it pass."""
    lower = "abcdefghijklmnopqrstuvwxyz0123456789"
    samples = (
        "AKIA" + "Z" * 16, "A3TX" + "Z" * 16, "aws_key = '" + "a/Z+" * 10 + "'", "AccountKey=" + "a" * 88,
        "ghs_" + "a" * 36, "glpat-" + "a" * 20, "glsoat-" + "a" * 20, "GR1348941" + "a" * 20, "glcbt-a1_" + "a" * 20,
        "glimt-" + "a" * 25, "glptt-" + "a" * 40, "glagent-" + "a" * 50, "gloas-" + "a" * 64,
        "//registry/:_authToken=npm_abc", "sk-" + "a" * 20 + "T3BlbkFJ" + "a" * 20,
        "pypi-AgEIcHlwaS5vcmc" + "a" * 70, "pypi-AgENdGVzdC5weXBpLm9yZw" + "a" * 70,
        "SG." + "a" * 22 + "." + "a" * 43, "xoxb-1-a", "https://hooks.slack.com/services/Ta/Ba/a",
        "sq0csp-" + "a" * 43, "rk_live_" + "a" * 24, "://user:word@", "M" + "a" * 23 + "." + "a" * 6 + "." + "a" * 27,
        "eyJa.b", lower[:32] + "-us1", "12345678:" + "a" * 35,
    )  # fmt: skip
    known = [pattern for _, pattern, _ in secrets._patterns()]
    assert len(known) == 25
    for pattern in known:
        assert any(pattern.search(sample) and secrets.HINT.search(sample) for sample in samples), pattern.pattern
    for sample in samples:
        assert any(pattern.search(sample) for pattern in known), sample
