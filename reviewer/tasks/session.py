"""One review's conversation with a provider: counts the tokens and keeps the deadline."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

from ..errors import AnswerError, ModelError
from ..llm.base import Provider, Reply, Request, Sample
from ..llm.budget import Budget
from ..review import Skipped, Usage

SYSTEM = "You are a careful senior Python engineer who reviews code changes. You are brief and exact."
REQUEST_LIMIT = 180.0
MARGIN = 0.5
CUT = Skipped("an answer of the model", "it was longer than it may be, and was cut", harmless=True)
LANGUAGES = {"en": "English", "zh": "Chinese", "de": "German", "fr": "French", "es": "Spanish", "ja": "Japanese"}


class DeadlineError(ModelError):
    """The time for this review is spent; `reason` is why what is left was not done."""

    reason = "deadline"


class BudgetError(DeadlineError):
    """The tokens or the money for this review are spent."""

    reason = "budget"


class Session:
    """Asks a provider until `deadline` (a `time.monotonic()` value, or None); `usage` is the sum so far.

    `notes` are what the provider had to say besides its answers, each thing once.
    """

    def __init__(
        self,
        provider: Provider,
        deadline: float | None = None,
        on_text: Callable[[str], None] | None = None,
        language: str = "en",
        budget: Budget | None = None,
    ) -> None:
        """Keep the provider; nothing is loaded yet."""
        self.provider = provider
        self.usage = Usage()
        self.notes: dict[Skipped, None] = {}
        self.language = LANGUAGES.get(language, language)
        self._deadline = deadline
        self._on_text = on_text
        self._budget = budget or Budget()

    def ask(self, request: Request) -> Reply:
        """Answer a request. Raises DeadlineError without time left, BudgetError, ModelError when the engine fails.

        A question that alone cannot be answered (refused, too long) has empty, cut answers, and a note that says so.
        """
        if objection := self._budget.objection(self.usage, request):
            raise BudgetError(objection)
        left = REQUEST_LIMIT if self._deadline is None else self._deadline - time.monotonic()
        if left <= MARGIN:
            raise DeadlineError("the deadline was reached")
        try:
            reply = self.provider.complete(replace(request, timeout=min(left, REQUEST_LIMIT)), self._on_text)
        except AnswerError as error:
            self.notes[Skipped("an answer of the model", error.message)] = None
            return Reply((Sample("", "length"),) * request.samples, Usage(), 0.0)
        except ModelError as error:
            if self._deadline is not None and time.monotonic() >= self._deadline - MARGIN:
                raise DeadlineError("the deadline was reached") from error
            raise
        self.usage += replace(reply.usage, requests=1, cost=self._budget.price(reply.usage))
        self.notes.update(dict.fromkeys(reply.notes))
        if any(sample.finish == "length" for sample in reply.samples):
            self.notes[CUT] = None
        return reply
