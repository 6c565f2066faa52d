from __future__ import annotations

import pytest

from .look import look

IMPORTS = """
import hashlib, hmac, jwt, os, random, secrets, ssl, bcrypt
from Crypto.Cipher import AES
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.fernet import Fernet
from OpenSSL import SSL
import python_jwt
"""


@pytest.mark.parametrize(
    ("rule", "bad", "good"),
    [
        ("static-iv", "iv = b'0' * 16\n    AES.new(k, AES.MODE_CBC, iv)", "AES.new(k, AES.MODE_CBC, os.urandom(16))"),
        ("static-iv", "modes.CBC(b'0123456789abcdef')", "modes.CBC(iv)"),
        ("static-iv", "AES.new(k, AES.MODE_GCM, nonce=b'0' * 12)", "AES.new(k, AES.MODE_GCM)"),
        ("ecb-mode", "AES.new(k, AES.MODE_ECB)", "AES.new(k, AES.MODE_SIV)"),
        ("hard-coded-key", "AES.new(b'0123456789abcdef', m)", "AES.new(os.environ['KEY'], m)"),
        ("hard-coded-key", "Fernet('c2VjcmV0')", "Fernet(Fernet.generate_key())"),
        ("hard-coded-key", "jwt.encode(p, 'hush', algorithm='HS256')", "jwt.encode(p, KEY(), algorithm='HS256')"),
        (
            "static-salt",
            "hashlib.pbkdf2_hmac('sha256', p, b'salt', 9)",
            "hashlib.pbkdf2_hmac('sha256', p, os.urandom(16), 9)",
        ),
        (
            "static-salt",
            "salt = hashlib.sha256(user).digest()\n    hashlib.scrypt(p, salt=salt, n=2, r=8, p=1)",
            "hashlib.scrypt(p, salt=salt, n=2, r=8, p=1)",
        ),
        ("fast-password-hash", "hashlib.sha256(password.encode()).digest()", "hashlib.sha256(data).digest()"),
        (
            "fast-password-hash",
            "hashlib.sha1(password)",
            "bcrypt.hashpw(hashlib.sha1(password).digest(), bcrypt.gensalt())",
        ),
        ("predictable-token", "token = ''.join(random.choices(A, k=9))", "token = secrets.token_hex(9)"),
        ("digest-comparison", "return hmac.new(k, m, d).hexdigest() == given", "return hmac.compare_digest(a, b)"),
        (
            "unverified-token",
            "jwt.decode(t, options={'verify_signature': False})",
            "jwt.decode(t, k, algorithms=['HS256'])",
        ),
        ("unverified-token", "jwt.decode(t, k, algorithms=['none'])", "jwt.decode(t, k, algorithms=['RS256'])"),
        ("unverified-token", "python_jwt.process_jwt(t)", "python_jwt.process_jwt(t), python_jwt.verify_jwt(t, k)"),
        ("certificate-not-checked", "context.verify_mode = ssl.CERT_NONE", "context.verify_mode = ssl.CERT_REQUIRED"),
        ("certificate-not-checked", "SSL.Context(SSL.TLS_METHOD)", "c = SSL.Context(m)\n    c.set_verify(1, f)"),
    ],
)
def test_cryptography_that_does_not_protect(rule: str, bad: str, good: str) -> None:
    define = "def f(k, m, p, t, data, iv, salt, user, password, given, context):\n    "
    assert look(IMPORTS + define + bad + "\n") == [rule]
    assert look(IMPORTS + define + good + "\n") == []


def test_chance_that_guards_nothing_may_be_foretold() -> None:
    assert look("import random\ncolour = random.choice(C)\nsort_key = random.random()\n") == []
