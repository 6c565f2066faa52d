"""The one error tree: what was expected to go wrong, what the user can do about it, and the exit code."""

from __future__ import annotations

from enum import IntEnum


class ExitCode(IntEnum):
    """What the process says to its caller."""

    OK = 0
    BLOCKED = 1
    USAGE = 2
    INCOMPLETE = 3
    BUG = 70
    INTERRUPTED = 130


class ReviewError(Exception):
    """An expected failure: shown as its message and hint, never as a traceback.

    `hint` is one sentence that says what to do, or "".
    """

    exit_code = ExitCode.USAGE

    def __init__(self, message: str, hint: str = "") -> None:
        """Keep the message and the hint."""
        super().__init__(message)
        self.message = message
        self.hint = hint


class UsageError(ReviewError):
    """The command line or a setting is wrong."""


class GitError(ReviewError):
    """Git refused, or what was asked for is not in the repository."""


class ModelError(ReviewError):
    """No model could be had, or the engine failed."""


class AnswerError(ModelError):
    """One question got no usable answer (refused, too long, empty); the engine works, and others may be asked."""


class SandboxError(ReviewError):
    """Code could not be executed under the isolation that was asked for."""


class ToolError(ReviewError):
    """A tool that was run as a process is missing, crashed or printed what cannot be read."""


class ForgeError(ReviewError):
    """A forge cannot be reached, or does not let us write."""
