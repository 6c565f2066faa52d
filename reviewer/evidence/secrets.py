"""Secrets in the lines that a change adds: the formats that detect-secrets knows, and random text under a telling name.

Nothing is verified over a network: of detect-secrets only the patterns are used. `os.environ["TOKEN"]`, templates and
placeholders are no secrets. What was found is masked in every report.

| severity | what |
| --- | --- |
| error | the format of a provider's key, or a private key |
| warning | the same in a test; formats that other text may have; random text that is named password, token, key |
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import import_module

from ..change.change import Change, FileChange, Unit
from ..finding import Category, Finding, Location, Proof, Severity
from ..mask import masked
from ..review import Skipped
from .base import Evidence, Sides, Units
from .remarks import enclosing, split_lines
from .testfiles import DEFAULT_PATTERNS, serves_tests

LARGEST = 1_000_000
LONGEST_LINE = 4000
SURE = {
    "aws": "AWSKeyDetector",
    "azure_storage_key": "AzureStorageKeyDetector",
    "github_token": "GitHubTokenDetector",
    "gitlab_token": "GitLabTokenDetector",
    "npm": "NpmDetector",
    "openai": "OpenAIDetector",
    "pypi_token": "PypiTokenDetector",
    "sendgrid": "SendGridDetector",
    "slack": "SlackDetector",
    "square_oauth": "SquareOAuthDetector",
    "stripe": "StripeDetector",
}
LIKELY = {
    "basic_auth": "BasicAuthDetector",
    "discord": "DiscordBotTokenDetector",
    "jwt": "JwtTokenDetector",
    "mailchimp": "MailchimpDetector",
    "telegram_token": "TelegramBotTokenDetector",
}
# What a line must have for any of the formats: detect-secrets takes a tenth of a second to import.
HINT = re.compile(
    r"A3T|A[BCKS][CI]A|aws|AccountKey=|gh[opsur]_|gl[a-z]+-|GR1348941|_authToken|T3BlbkFJ|pypi-|SG\.|xox|hooks\.slack|sq0csp-"
    r"|k_live_|://[^/\s]*:[^/\s]*@|[\w-]{23,26}\.[\w-]{6}\.|eyJ|[0-9a-z]{32}-us\d|\d{8,10}:[\w-]{35}",
    re.IGNORECASE,
)
BEGIN = re.compile(r"-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----")
BODY = re.compile(r"[A-Za-z0-9+/=]{40,}")
NAMED = re.compile(
    r"(?P<name>[\w.-]*(?:password|passwd|pwd|secret|token|credential|key))[\"']?\]?\s*(?::\s*\w+\s*)?(?::=|=>|=|:)\s*"
    r"(?P<quote>[\"'])(?P<value>[A-Za-z0-9+/_=.~!@#%^&*-]{16,})(?P=quote)",
    re.IGNORECASE,
)
PLACEHOLDER = re.compile(
    r"example|change.?me|your|x{4}|\*{3}|dummy|test|sample|placeholder|fake|redacted|todo|insert|secret|password|abcd|1234",
    re.IGNORECASE,
)
WORDY = re.compile(r"^[a-z]+(?:[-_./:][a-z]+)+$|^[A-Za-z]+$|^[\d.:/-]+$", re.IGNORECASE)
LOCAL = re.compile(r"@(?:localhost|127\.0\.0\.1|0\.0\.0\.0|[\w.-]*example\.)|[{$<%]")


@dataclass(frozen=True, slots=True)
class Secret:
    """What was found on a line: the text itself, what it is in words, and whether its format is a provider's own."""

    line: int
    text: str
    kind: str
    sure: bool


class Secrets:
    """The collector; it reads every text file of the change, whatever its language."""

    name = "secrets"

    def __init__(self, read: Callable[[str], bytes], patterns: Sequence[str] = DEFAULT_PATTERNS) -> None:
        """`read` gives a blob's bytes."""
        self._read, self._patterns = read, patterns

    def collect(self, change: Change, sides: Sides, units: Units) -> Evidence:  # noqa: ARG002 - the Protocol
        """Look at the added lines; a secret that the file had before, on another line, is not reported."""
        findings: list[Finding] = []
        texts: dict[str, None] = {}
        skipped: list[Skipped] = []
        for file in change.files:
            if not file.hunks or not file.head_blob or file.binary:
                continue
            content = self._read(file.head_blob)
            if len(content) > LARGEST:
                skipped.append(Skipped(f"secrets: {file.path}", f"it is larger than {LARGEST:,} bytes", harmless=True))
                continue
            lines = split_lines(content.decode("utf-8", "replace"))
            for secret in self._new(file, lines):
                texts.update(dict.fromkeys((secret.text, *_rest_of_key(secret, lines))))
                findings.append(_finding(file, secret, lines, units(), serves_tests(file.path, self._patterns)))
        return Evidence(tuple(findings), tuple(skipped), secrets=tuple(texts))

    def _new(self, file: FileChange, lines: Sequence[str]) -> Iterator[Secret]:
        added = (n for hunk in file.hunks for n in hunk.head_lines if n <= len(lines))
        before: str | None = None
        for number in added:
            for secret in find(lines, number):
                if before is None:
                    before = self._read(file.base_blob).decode("utf-8", "replace") if file.base_blob else ""
                quiet = not secret.sure and serves_tests(file.path, self._patterns)
                if secret.text not in before and not quiet:
                    yield secret


def find(lines: Sequence[str], number: int) -> Iterator[Secret]:
    """The secrets on a line (1-based), each piece of text once."""
    line = lines[number - 1][:LONGEST_LINE]
    seen: set[str] = set()
    for secret in (*_private_key(lines, number), *_formats(line, number), *_named(line, number)):
        if not any(secret.text in other or other in secret.text for other in seen):
            seen.add(secret.text)
            yield secret


def _private_key(lines: Sequence[str], number: int) -> Iterator[Secret]:
    found = BEGIN.search(lines[number - 1])
    following = lines[number - 1][found.end() :] + (lines[number] if number < len(lines) else "") if found else ""
    body = BODY.search(following)
    if body:
        yield Secret(number, body[0], "a private key", sure=True)


def _formats(line: str, number: int) -> Iterator[Secret]:
    if not HINT.search(line):
        return
    for kind, pattern, sure in _patterns():
        for match in pattern.finditer(line):
            text = match[0]
            if not PLACEHOLDER.search(text) and not (kind == "Basic Auth Credentials" and LOCAL.search(line)):
                yield Secret(number, text, f"a secret of the kind {kind}", sure)


@cache
def _patterns() -> tuple[tuple[str, re.Pattern[str], bool], ...]:
    """Kind, pattern and whether it is a provider's own, from detect-secrets."""
    found = []
    for sure, detectors in ((True, SURE), (False, LIKELY)):
        for module, name in detectors.items():
            detector = getattr(import_module(f"detect_secrets.plugins.{module}"), name)
            found += [(str(detector.secret_type), pattern, sure) for pattern in detector.denylist]
    return tuple(found)


def _named(line: str, number: int) -> Iterator[Secret]:
    for match in NAMED.finditer(line):
        value, name = match["value"], match["name"].lower()
        short = not name.endswith(("password", "passwd", "secret", "token", "api_key", "apikey", "access_key"))
        if looks_random(value, 24 if short else 16, 4.0 if short else 3.3):
            yield Secret(number, value, f"random text under the name `{match['name']}`", sure=False)


def looks_random(value: str, length: int, entropy: float) -> bool:
    """Whether a text is long, mixed and uneven enough to be no word, number, path or placeholder."""
    is_hex = all(c in "0123456789abcdefABCDEF-" for c in value)
    mixed = any(c.isdigit() for c in value) and (
        is_hex or (any(map(str.isupper, value)) and any(map(str.islower, value)))
    )
    if len(value) < length or not mixed or WORDY.match(value) or PLACEHOLDER.search(value):
        return False
    counts = Counter(value).values()
    bits = -sum(n / len(value) * math.log2(n / len(value)) for n in counts)
    return bits >= (3.0 if is_hex else entropy)


def _rest_of_key(secret: Secret, lines: Sequence[str]) -> list[str]:
    """The further lines of a private key."""
    if secret.kind != "a private key":
        return []
    rest = []
    for line in lines[secret.line : secret.line + 200]:
        if "-----END" in line:
            break
        rest += [found[0] for found in re.finditer(r"[A-Za-z0-9+/=]{6,}", line)]
    return rest


def _finding(
    file: FileChange, secret: Secret, lines: Sequence[str], units: tuple[Unit, ...], in_tests: bool
) -> Finding:
    severity = Severity.ERROR if secret.sure and not in_tests else Severity.WARNING
    return Finding(
        rule_id="security/secret" if secret.sure else "security/likely-secret",
        category=Category.SECURITY,
        severity=severity,
        proof=Proof.TOOL,
        location=Location(file.path, secret.line, secret.line),
        quote=masked(lines[secret.line - 1].strip(), (secret.text,))[:300],
        message=f"{secret.kind} is in the change; once pushed it is known: take it out, make a new one (CWE-798)",
        sources=("llm-review",),
        unit=enclosing(units, file.path, secret.line),
        confidence=0.9 if secret.sure else 0.6,
    )
