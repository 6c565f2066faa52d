from __future__ import annotations

import pytest

from .look import look

DEFINE = "import time, os, random, base64\ndef f(xs, ys, n, password, typed, queue):\n"
LAST = "while i <= len(xs):\n    xs[i] += 1\n    i += 1"


def said(body: str) -> list[str]:
    return look(DEFINE + "".join(f"    {line}\n" for line in body.splitlines()))


@pytest.mark.parametrize(
    "bad",
    [
        f"i = 0\n{LAST}",
        "for i in range(len(xs) + 1):\n    print(xs[i])",
        "for i in range(1, len(xs) + 1):\n    n += xs[i]",
        "i = 0\nwhile i <= len(xs.parts):\n    print(xs.parts[i])\n    i += 1",
    ],
)
def test_an_index_that_reaches_the_length(bad: str) -> None:
    assert said(bad) == ["index-past-end"]


@pytest.mark.parametrize(
    "good",
    [
        "i = 0\nwhile i < len(xs):\n    xs[i] += 1\n    i += 1",
        "for i in range(1, len(xs) + 1):\n    n += xs[i - 1]",
        "for i in range(len(xs) + 1):\n    print(ys[i])",
        "for i in range(len(xs) + 1):\n    print(xs[:i])",
        "for i in range(len(xs) + 1):\n    if i < len(xs):\n        print(xs[i])",
        "for i in range(len(xs) + 1):\n    try:\n        print(xs[i])\n    except IndexError:\n        pass",
        "for i in range(len(xs)):\n    print(xs[i])",
    ],
)
def test_an_index_that_stays_below_or_is_looked_at(good: str) -> None:
    assert said(good) == []


@pytest.mark.parametrize(
    "bad",
    [
        "i = 0\nwhile i < n:\n    print(i)",
        "i, total = 0, 0\nwhile i < 10 and total < n:\n    ys.append(i)",
        "a = b = 1\nwhile a <= n:\n    b = b + a",
    ],
)
def test_a_loop_whose_condition_nothing_changes(bad: str) -> None:
    assert said(bad) == ["endless-loop"]


@pytest.mark.parametrize(
    "good",
    [
        "i = 0\nwhile i < n:\n    i += 1",
        "while True:\n    print(n)",
        "while n:\n    time.sleep(1)",
        "i = 0\nwhile i < n:\n    queue.get()",
        "i = 0\nwhile i < n:\n    if xs[0]:\n        break",
        "i = 0\nwhile i < n:\n    yield i",
        "i = 0\nwhile i < n:\n    raise ValueError",
        "while LIMIT < n:\n    print(n)",
        "i = 0\nwhile i < n:\n    for i in xs:\n        print(i)",
        "i = 0\nwhile i < n:\n    i, j = i + 1, 2",
        "while queue.size < n:\n    print(1)",
        "i = 0\nwhile (i := i + 1) < n:\n    print(i)",
        "while xs < ys:\n    xs.add(1)",
    ],
)
def test_a_loop_that_may_end(good: str) -> None:
    assert said(good) == []


@pytest.mark.parametrize(
    ("bad", "good"),
    [
        ("print(time.clock())", "print(time.perf_counter())"),
        ("base64.encodestring(xs)", "base64.encodebytes(xs)"),
        ("os.getcwdu()", "os.getcwd()"),
        ("time.clock()", "time.clock() if hasattr(time, 'clock') else time.perf_counter()"),
        ("time.clock()", "try:\n    time.clock()\nexcept AttributeError:\n    pass"),
    ],
)
def test_functions_that_are_gone(bad: str, good: str) -> None:
    assert said(bad) == ["removed-function"]
    assert said(good) == []


def test_a_function_of_ones_own_with_that_name() -> None:
    assert look("time = Stopwatch()\ntime.clock()\n") == []


def test_a_name_that_is_imported_is_known() -> None:
    assert look("from fractions import gcd\ngcd(1, 2)\n") == ["removed-function"]


@pytest.mark.parametrize(
    "bad",
    [
        "for i in range(len(password)):\n    if password[i] != typed[i]:\n        return False",
        "for a, b in zip(password, typed):\n    if a != b:\n        return False",
    ],
)
def test_a_secret_compared_in_pieces(bad: str) -> None:
    assert said(bad) == ["secret-compared-in-pieces"]


@pytest.mark.parametrize(
    "good",
    [
        "for i in range(len(xs)):\n    if xs[i] != ys[i]:\n        return False",
        "for a, b in zip(xs, ys):\n    if a != b:\n        return False",
        "for i in range(len(password)):\n    n |= password[i] != typed[i]",
        "for a in password:\n    if a != 'x':\n        return False",
    ],
)
def test_other_comparisons(good: str) -> None:
    assert said(good) == []


def test_a_broken_cipher_behind_a_star() -> None:
    assert look("from Crypto.Cipher import *\ndef f(k):\n    return DES.new(k)\n") == ["broken-cipher"]
    assert look("from Crypto.Cipher import *\ndef f(k):\n    return AES.new(k)\n") == []
    assert look("from shop import *\ndef f(k):\n    return DES.new(k)\n") == []
