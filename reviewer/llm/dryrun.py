"""What would be sent, shown in the place of sending it."""

from __future__ import annotations

from ..review import ModelInfo, Usage
from .base import OnText, Reply, Request, Sample
from .chat import messages

CUT = Sample("", "length")


class DryRun:
    """A Provider that answers nothing and adds the text of what it was asked to `shown`."""

    def __init__(self, info: ModelInfo, shown: list[str]) -> None:
        """`info` is the model that would be asked."""
        self._info, self._shown = info, shown

    @property
    def info(self) -> ModelInfo:
        """The model that would be asked."""
        return self._info

    def complete(self, request: Request, on_text: OnText | None = None) -> Reply:  # noqa: ARG002
        """Keep the question; the answer is empty and cut, so that nothing is made of it."""
        turns = "".join(f"[{turn['role']}]\n{turn['content']}\n" for turn in messages(request))
        info = self._info
        where = "on another machine" if info.remote else "on this machine"
        self._shown.append(f"--- to {info.name} ({info.provider}, {where}), up to {request.max_tokens} tokens\n{turns}")
        return Reply((CUT,) * request.samples, Usage(), 0.0)

    def close(self) -> None:
        """Nothing to release."""
