"""argv -> command -> exit code, and the one boundary where errors become messages.

Thin: what is heavy is imported by the command that needs it.
"""

from __future__ import annotations

import contextlib
import errno
import gc
import io
import os
import sys
import time
from collections.abc import Sequence
from importlib import import_module

from . import __version__, interrupt
from .errors import ExitCode, ReviewError
from .evidence.ahead import bandit_ahead

SPACE_HINT = "free some space, or set TMPDIR to a folder on another disk"
# Not ci, which has a token in its environment until it takes it out.
REVIEWS = frozenset({"diff", "hook", "fix"})
FULL = 64 * 1024
# Modules and syntax trees are many objects and hardly any garbage: Python's own figures cost a tenth of a short review.
FEW_COLLECTIONS = (20_000, 20, 20)
REFUSALS = {
    errno.ENOSPC: SPACE_HINT,
    errno.EDQUOT: SPACE_HINT,
    errno.EROFS: "set TMPDIR to a folder that can be written",
    errno.EIO: "the terminal or the disk is gone",
    errno.EMFILE: "too many files are open: ulimit -n",
    errno.ENOMEM: "close other programs, or use --no-llm",
}


def run(argv: Sequence[str] | None = None) -> int:
    """Parse the command line, run its command, and give the exit code."""
    _accept_any_text()
    # A deadline counts from when the user began to wait.
    start = time.monotonic() - (_age() if argv is None else 0.0)
    with interrupt.handled():
        return _guarded(sys.argv[1:] if argv is None else argv, start)


def _age() -> float:
    """Seconds since this process was started, where the system tells; starting Python takes a good part of one."""
    try:
        ticks = int(_read("/proc/self/stat").rsplit(")", 1)[1].split()[19])
        return max(0.0, time.clock_gettime(time.CLOCK_BOOTTIME) - ticks / os.sysconf("SC_CLK_TCK"))
    except (OSError, ValueError, IndexError, AttributeError):
        return 0.0


def _read(name: str) -> str:
    with open(name) as file:  # noqa: PTH123 - pathlib takes longer to import than --help may
        return file.read()


def _guarded(words: Sequence[str], start: float) -> int:
    try:
        with bandit_ahead() if REVIEWS.intersection(words[:1]) else contextlib.nullcontext():
            code = _obey(words, start)
        sys.stdout.flush()
    except ReviewError as error:
        return _say(error)
    except KeyboardInterrupt:
        _tell("interrupted")
        return ExitCode.INTERRUPTED
    except BrokenPipeError:
        return _read_enough() if _is_unread() else _bug()
    except OSError as error:
        return _say(_refusal(error)) if error.errno in REFUSALS else _bug()
    except Exception:  # noqa: BLE001 - the boundary: a bug is reported as one
        return _bug()
    return code


def _obey(words: Sequence[str], start: float) -> int:
    gc.set_threshold(*FEW_COLLECTIONS)
    from .arguments import parser  # noqa: PLC0415 - bandit is to be started before anything else is imported

    arguments = parser().parse_args(words)
    arguments.start = start
    command = import_module(f".commands.{arguments.command}", __package__)
    return int(command.run(arguments))


def _read_enough() -> int:
    """Whatever is still written leads nowhere."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return ExitCode.OK


def _is_unread() -> bool:
    """Whether standard output leads to a reader that has gone (`| head`): any other broken pipe is a bug."""
    import select  # noqa: PLC0415 - only here

    watch = select.poll()
    watch.register(sys.stdout.fileno(), select.POLLOUT)
    return any(event & select.POLLERR for _, event in watch.poll(0))


def _accept_any_text() -> None:
    """A stream that lacks a character gets an escape in its place, not an error; a closed one leads nowhere."""
    for name, number in (("stdout", 1), ("stderr", 2)):
        if getattr(sys, name) is None:  # closed by the caller; what is opened next must not get its number
            setattr(sys, name, os.fdopen(_null(number), "w"))
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _null(number: int) -> int:
    """The null device as that file descriptor."""
    opened = os.open(os.devnull, os.O_RDWR)
    if opened != number:
        os.dup2(opened, number)
        os.close(opened)
    return number


def _refusal(error: OSError) -> ReviewError:
    """What the system refuses for want of space or rights, in words."""
    place = f": {error.filename}" if error.filename else ""
    return ReviewError(f"{error.strerror}{place}", REFUSALS[error.errno or 0])


def _say(error: ReviewError) -> int:
    hint = error.hint or (SPACE_HINT if _is_full() else "")
    _tell(f"error: {error.message}", *([f"hint: {hint}"] if hint else []))
    return error.exit_code


def _is_full() -> bool:
    """Whether the place for temporary files is full: git, for one, says that it cannot write, and not why."""
    import shutil  # noqa: PLC0415 - not needed for --help
    import tempfile  # noqa: PLC0415

    try:
        return shutil.disk_usage(tempfile.gettempdir()).free < FULL
    except OSError:
        return True


def _tell(*lines: str) -> None:
    """Lines on standard error, where there still is one."""
    with contextlib.suppress(OSError, ValueError):
        sys.stderr.write("".join(f"{_printable(line)}\n" for line in lines))
        sys.stderr.flush()


def _printable(text: str) -> str:
    """Names from a repository may hold escapes that a terminal would obey, and lines that a workflow's log would."""
    shown = "".join(c if c.isprintable() or c == "\n" else c.encode("unicode_escape").decode() for c in text)
    return shown.replace("\n", "\n  | ")


def _bug() -> int:
    import tempfile  # noqa: PLC0415 - not needed for --help
    import traceback  # noqa: PLC0415

    trace = traceback.format_exc()
    last = trace.splitlines()[-1]
    try:
        with tempfile.NamedTemporaryFile("w", prefix="llm-review-bug-", suffix=".log", delete=False) as log:
            log.write(f"llm-review {__version__}, Python {sys.version}\n{trace}")
    except OSError as error:
        _tell(f"this is a bug in llm-review, and its details could not be saved: {error.strerror}", last)
    else:
        _tell(f"this is a bug in llm-review; the details are in {log.name}", last)
    return ExitCode.BUG
