"""What one review may use: tokens, and money where an endpoint has prices."""

from __future__ import annotations

from dataclasses import dataclass

from ..review import Usage
from ..settings import Settings
from .base import Request

# Code has three to four characters a token with the usual vocabularies: this errs on the side of stopping early.
CHARACTERS_PER_TOKEN = 3
MILLION = 1_000_000


@dataclass(frozen=True, slots=True)
class Budget:
    """Limits, 0 for none; prices are for a million tokens, in whatever currency `cost` is meant in."""

    tokens: int = 0
    cost: float = 0.0
    prompt_price: float = 0.0
    completion_price: float = 0.0

    @classmethod
    def of(cls, settings: Settings) -> Budget:
        """The one that was set."""
        return cls(settings.max_tokens_per_review, settings.max_cost, settings.prompt_price, settings.completion_price)

    def price(self, usage: Usage) -> float:
        """What that has cost."""
        return (usage.prompt * self.prompt_price + usage.completion * self.completion_price) / MILLION

    def objection(self, used: Usage, request: Request) -> str:
        """Why a request may not be made: it could lead beyond a limit. "" when it may."""
        size = sum(len(part) for part in (request.system, request.shared, request.prompt, request.prefill))
        most = Usage(-(-size // CHARACTERS_PER_TOKEN), 0, request.max_tokens * request.samples)
        after = used + most
        if self.tokens and after.prompt + after.completion > self.tokens:
            return f"the budget of {self.tokens} tokens does not allow another question"
        if self.cost and self.price(after) > self.cost:
            return f"the budget of {self.cost:g} does not allow another question"
        return ""
