from __future__ import annotations

from reviewer.tasks.anew import versions
from reviewer.tasks.session import Session
from tests.fakes import FakeProvider

TEXT = '    def f(self, n):\n        """Twice n."""\n        return n + n + 1\n'


def test_only_signature_and_docstring_are_shown() -> None:
    provider = FakeProvider([("def f(self, n):\n    return 2 * n", "```python\ndef f(): ...\n```")])
    assert versions(Session(provider), TEXT, 2) == ["def f(self, n):\n    return 2 * n", "def f(): ..."]
    (request,) = provider.requests
    assert "Twice n." in request.prompt
    assert "n + n" not in request.prompt
    assert (request.samples, request.temperature > 0) == (2, True)


def test_nothing_is_asked_of_what_is_not_documented() -> None:
    provider = FakeProvider()
    assert versions(Session(provider), "def f(n):\n    return n\n", 3) == []
    assert provider.requests == []
