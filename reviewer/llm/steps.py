"""What happens between two tokens that Transformers generates: the schema, stop words, the time, the pieces shown."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from typing import Any

from ..errors import ModelError
from .base import OnText

# As Python's json writes it: free to choose, a small model may write white space for ever.
COMPACT = {"whitespace_flexible": False, "item_separator": ", ", "key_separator": ": "}


class Watch:
    """A stopping criterion: ends samples at stop words, shows the first sample, and raises ModelError at the deadline.

    `start` is the number of the prompt's tokens.
    """

    def __init__(
        self, tokenizer: Any, start: int, stop: Sequence[str], deadline: float, on_text: OnText | None
    ) -> None:
        """`deadline` is a monotonic time."""
        self.start = start
        self._tokenizer, self._stop, self._deadline, self._on_text = tokenizer, stop, deadline, on_text
        self._ends: dict[int, int] = {}
        self._shown = ""

    @property
    def pad(self) -> int:
        """What fills up samples that ended before others."""
        known = (self._tokenizer.pad_token_id, self._tokenizer.eos_token_id)
        return next((int(token) for token in known if token is not None), 0)

    def __call__(self, sequences: Any, *_: Any, **__: Any) -> Any:
        """Which samples are done, after each token."""
        import torch  # noqa: PLC0415

        if time.monotonic() > self._deadline:
            raise ModelError(
                "the model did not finish in time", "give it more time, a smaller change or a smaller model"
            )
        length = sequences.shape[1] - self.start
        for row in range(sequences.shape[0]):
            if row in self._ends:
                continue
            text = self._text(sequences[row, self.start :]) if self._stop or row == 0 else ""
            if self._cut(text) is not None or int(sequences[row, -1]) in self._ending():
                self._ends[row] = length
            if row == 0:
                self._show(text)
        return torch.tensor([row in self._ends for row in range(sequences.shape[0])], device=sequences.device)

    def lengths(self, sequences: Any) -> list[int]:
        """How many tokens each sample has."""
        most = sequences.shape[1] - self.start
        return [self._ends.get(row, most) for row in range(sequences.shape[0])]

    def ended(self, row: int, tokens: Any) -> tuple[str, str]:
        """A sample's text up to its stop word, and how it ended."""
        text = self._text(tokens)
        place = self._cut(text)
        return (text if place is None else text[:place]), "stop" if row in self._ends else "length"

    def _text(self, tokens: Any) -> str:
        return str(self._tokenizer.decode(tokens, skip_special_tokens=True))

    def _cut(self, text: str) -> int | None:
        return min((place for word in self._stop if (place := text.find(word)) >= 0), default=None)

    def _ending(self) -> set[int]:
        token = self._tokenizer.eos_token_id
        return set() if token is None else {int(token)}

    def _show(self, text: str) -> None:
        """What is new of the first sample; half a character is kept back until it is whole."""
        place = self._cut(text)
        text = text if place is None else text[:place]
        if self._on_text is not None and len(text) > len(self._shown) and not text.endswith("\ufffd"):
            self._on_text(text[len(self._shown) :])
            self._shown = text


class Constraint:
    """A logits processor: only tokens that a JSON Schema allows, by llguidance. `prefill` has been answered already."""

    def __init__(self, tokenizer: Any, schema: Mapping[str, Any], prefill: str, start: int) -> None:
        """Raises ModelError for a schema that llguidance cannot hold, or a `prefill` that breaks it."""
        try:
            import llguidance.hf  # noqa: PLC0415
        except ImportError as error:
            raise ModelError("llguidance is not installed", 'pip install "llm-review[transformers]"') from error
        self._tokenizer = llguidance.hf.from_tokenizer(tokenizer)
        bound = {**schema, "x-guidance": COMPACT}
        self._grammar = llguidance.LLMatcher.grammar_from_json_schema(json.dumps(bound))
        self._prefill = tokenizer(prefill, add_special_tokens=False)["input_ids"] if prefill else []
        self._start, self._end, self._matchers = start, int(tokenizer.eos_token_id), dict[int, Any]()
        self._matcher(0)

    def __call__(self, sequences: Any, scores: Any) -> Any:
        """The scores, with everything that the schema does not allow at minus infinity."""
        for row in range(sequences.shape[0]):
            matcher = self._matcher(row)
            if sequences.shape[1] > self._start and not matcher.is_stopped():
                matcher.consume_token(int(sequences[row, -1]))
            if matcher.is_stopped():
                scores[row] = _only(self._end, scores[row])
            else:
                scores[row] = _masked(matcher.compute_bitmask(), scores[row])
        return scores

    def _matcher(self, row: int) -> Any:
        import llguidance  # noqa: PLC0415

        if row not in self._matchers:
            matcher = llguidance.LLMatcher(self._tokenizer, self._grammar)
            accepted = matcher.consume_tokens(self._prefill) if self._prefill else True
            if matcher.is_error() or not accepted:
                raise ModelError(f"the schema cannot be held: {matcher.get_error() or 'the answer begins otherwise'}")
            self._matchers[row] = matcher
        return self._matchers[row]


def _only(token: int, scores: Any) -> Any:
    """All that is left when the answer is complete."""
    kept = scores[token].clone()
    scores = scores.new_full(scores.shape, float("-inf"))
    scores[token] = kept
    return scores


def _masked(mask: bytes, scores: Any) -> Any:
    """One bit for each token of the vocabulary, the lowest first; what is beyond the mask is not allowed."""
    import torch  # noqa: PLC0415

    packed = torch.frombuffer(bytearray(mask), dtype=torch.uint8).to(scores.device)
    bits = (packed[:, None] >> torch.arange(8, device=scores.device)) & 1
    allowed = torch.zeros(scores.shape[-1], dtype=torch.bool, device=scores.device)
    flat = bits.flatten()[: scores.shape[-1]].bool()
    allowed[: len(flat)] = flat
    return scores.masked_fill(~allowed, float("-inf"))
