"""The rules: what each one says, its CWE, and how bad it is.

| severity | when |
| --- | --- |
| error | data of a request runs, unchecked, as code, command, query, template or object: whoever sends it, commands |
| warning | a weakness that is there, and that an attacker must still reach or combine |
| note | worth a look: harm needs another mistake |
"""

from __future__ import annotations

from dataclasses import dataclass

from ...finding import Severity

ERROR, WARNING, NOTE = Severity.ERROR, Severity.WARNING, Severity.NOTE


@dataclass(frozen=True, slots=True)
class Rule:
    """`slug` follows the category ("security/", or "bug/") in the rule id; `text` is the message
    without its CWE; confidence is 0 to 1.
    """

    slug: str
    cwe: int
    severity: Severity
    text: str
    confidence: float = 0.8

    @property
    def message(self) -> str:
        """The text with its CWE, as bandit's are written."""
        return f"{self.text} (CWE-{self.cwe})"


# Data of a request, unchecked, in a place where it decides.
CODE = Rule("code-injection", 94, ERROR, "data of a request is executed as code", 0.9)
COMMAND = Rule("command-injection", 78, ERROR, "data of a request becomes part of a command", 0.9)
SQL = Rule("sql-injection", 89, ERROR, "data of a request becomes part of an SQL text; pass it as a parameter", 0.9)
TEMPLATE = Rule("template-injection", 1336, ERROR, "data of a request is compiled as a template", 0.9)
OBJECT = Rule("unsafe-deserialisation", 502, ERROR, "data of a request is turned into objects that may run code", 0.9)
PATH = Rule("path-traversal", 22, WARNING, "data of a request names a file, and nothing keeps it inside a folder")
UPLOAD = Rule("unrestricted-upload", 434, WARNING, "an upload is stored under the name that its sender chose")
REDIRECT = Rule("open-redirect", 601, WARNING, "data of a request decides where the user is sent")
SSRF = Rule("request-forgery", 918, WARNING, "data of a request decides which host this server calls")
SSRF_PATH = Rule(
    "request-path-forgery", 918, NOTE, "data of a request is part of a URL that is called, not quoted", 0.6
)
XSS = Rule("cross-site-scripting", 79, WARNING, "data of a request is sent back as HTML, not escaped")
XPATH = Rule("xpath-injection", 643, WARNING, "data of a request becomes part of an XPath query")
XPATH_BUILT = Rule(
    "xpath-built-from-text", 643, WARNING, "an XPath query is put together from text; pass variables", 0.6
)
LDAP = Rule("ldap-injection", 90, WARNING, "data of a request becomes part of an LDAP query; escape it")
LDAP_BUILT = Rule("ldap-built-from-text", 90, WARNING, "an LDAP filter is put together from text, not escaped", 0.6)
REGEX = Rule("regex-injection", 1333, WARNING, "data of a request is used as a regular expression: it can run for ever")
LOG = Rule("log-injection", 117, NOTE, "data of a request is logged with its line breaks: entries can be forged", 0.7)
HEADER = Rule("header-from-request", 113, NOTE, "data of a request becomes a header of the response", 0.6)
ATTRIBUTE = Rule("attribute-from-request", 915, WARNING, "data of a request chooses which attribute is used")
FORMAT = Rule("format-from-request", 134, WARNING, "data of a request is a format string: it can read attributes", 0.7)
XXE_REQUEST = Rule("xml-of-request", 611, WARNING, "XML of a request goes to lxml's default parser, which before lxml 5"
                   " reads the files that entities name; pass XMLParser(resolve_entities=False)", 0.7)  # fmt: skip

# What is shown to a client.
TRACEBACK = Rule("traceback-in-response", 209, WARNING, "the traceback is sent to the client", 0.9)
EXCEPTION = Rule("exception-in-response", 209, NOTE, "the exception's own text is sent to the client", 0.6)
SECRET_LOGGED = Rule("secret-in-log", 532, WARNING, "a secret is written to the log in clear text", 0.7)
COOKIE = Rule("cookie-flags", 614, WARNING, "a session cookie without secure=True and httponly=True", 0.7)
COOKIE_OFF = Rule("cookie-flag-off", 614, WARNING, "a cookie's protection is switched off")
CORS = Rule("cors-any-origin-with-credentials", 942, WARNING, "any site may read answers with the user's credentials")
CSRF = Rule("csrf-check-off", 352, WARNING, "the check against forged requests is switched off", 0.7)

# Cryptography.
IV = Rule("static-iv", 329, WARNING, "the initialisation vector or nonce is a constant; take os.urandom")
SALT = Rule("static-salt", 760, WARNING, "the salt can be foretold; take os.urandom for each password")
ECB = Rule("ecb-mode", 327, WARNING, "ECB shows which blocks are equal; take an authenticated mode such as GCM", 0.9)
KEY = Rule("hard-coded-key", 321, WARNING, "the key is written in the code", 0.9)
CIPHER = Rule(
    "broken-cipher", 327, WARNING, "this cipher is broken or too short; take AES in an authenticated mode", 0.9
)
PASSWORD_HASH = Rule("fast-password-hash", 916, WARNING, "a fast hash of a password is guessed quickly;"
                     " take scrypt, argon2 or bcrypt", 0.7)  # fmt: skip
WEAK_RANDOM = Rule("predictable-token", 330, WARNING, "a secret from `random` can be foretold; take `secrets`")
TIMING = Rule("digest-comparison", 208, WARNING, "comparing with == tells by its time how much agrees;"
              " take hmac.compare_digest")  # fmt: skip
JWT = Rule("unverified-token", 347, WARNING, "the token's signature is not checked")
CERTIFICATE = Rule("certificate-not-checked", 295, WARNING, "the other side's certificate or name is not checked")

# Parsers, checks that do not check, payloads.
XXE = Rule("xml-external-entities", 611, WARNING, "this parser reads what entities name: files, and with network URLs")
HOST_SUBSTRING = Rule("host-checked-as-substring", 20, WARNING, "a host is looked for anywhere in the text: `evil.com/?"
                      "x=host` passes; parse the URL and compare its host", 0.7)  # fmt: skip
HOST_REGEX = Rule("host-regex-dot", 20, NOTE, "an unescaped dot in a host's pattern matches any character", 0.7)
REDUCE = Rule("pickle-payload", 502, WARNING, "an object that runs a command when it is unpickled", 0.9)
