from __future__ import annotations

import importlib
import os
import signal
import sys
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from reviewer import interrupt, process

# Says that it runs by making a file; ends by itself long after the test's own limit.
SLEEPER = "import pathlib, sys, time; pathlib.Path(sys.argv[1]).touch(); time.sleep(170)"
STUBBORN = f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); {SLEEPER}"


def _when(condition: Callable[[], bool], *signals: signal.Signals) -> threading.Thread:
    """Send this process the signals as soon as the condition holds."""

    def wait() -> None:
        while not condition():
            time.sleep(0.01)
        for number in signals:
            os.kill(os.getpid(), number)

    thread = threading.Thread(target=wait, daemon=True)
    thread.start()
    return thread


@pytest.fixture(autouse=True)
def _handled() -> Iterator[None]:
    # Whoever runs the tests may have them ignored, as nohup does.
    before = {number: signal.signal(number, signal.default_int_handler) for number in interrupt.SIGNALS}
    with interrupt.handled():
        yield
    for number, handler in before.items():
        signal.signal(number, handler)
    with interrupt.handled():  # forget what came
        pass


@pytest.mark.parametrize("number", interrupt.SIGNALS)
@pytest.mark.parametrize("code", [SLEEPER, STUBBORN])
def test_a_signal_ends_what_the_main_thread_waits_for(tmp_path: Path, code: str, number: signal.Signals) -> None:
    thread = _when((tmp_path / "a").exists, number)
    with pytest.raises(KeyboardInterrupt):
        process.run([sys.executable, "-c", code, str(tmp_path / "a")], timeout=170)
    thread.join()


@pytest.mark.parametrize("code", [SLEEPER, STUBBORN])
def test_a_signal_ends_what_other_threads_wait_for(tmp_path: Path, code: str) -> None:
    names = [tmp_path / "a", tmp_path / "b"]
    thread = _when(lambda: all(name.exists() for name in names), signal.SIGINT)
    argv = [[sys.executable, "-c", code, str(name)] for name in names]
    with pytest.raises(KeyboardInterrupt), ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda words: process.run(words, timeout=170), argv))
    thread.join()
    with pytest.raises(KeyboardInterrupt):
        process.run([sys.executable, "-c", ""])


def test_a_second_signal_does_not_break_off_the_end() -> None:
    with pytest.raises(KeyboardInterrupt):
        os.kill(os.getpid(), signal.SIGINT)
    os.kill(os.getpid(), signal.SIGINT)
    assert interrupt.arrived()


def test_a_second_signal_in_the_handler_of_the_first_does_not_hide_it(monkeypatch: pytest.MonkeyPatch) -> None:
    more = iter([signal.SIGINT])

    def end_groups() -> None:
        for number in more:
            os.kill(os.getpid(), number)

    monkeypatch.setattr(interrupt._state, "end_groups", end_groups)
    with pytest.raises(KeyboardInterrupt):
        os.kill(os.getpid(), signal.SIGINT)


def test_what_is_deferred_is_done_first() -> None:
    done = []

    def deferring() -> None:
        with interrupt.deferred():
            os.kill(os.getpid(), signal.SIGTERM)
            done.append("all of it")

    with pytest.raises(KeyboardInterrupt):
        deferring()
    assert done


def test_a_module_is_imported_to_its_end_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = "import os, signal, time\nos.kill(os.getpid(), signal.SIGTERM)\ntime.sleep(0.02)\nwhole = True\n"
    (tmp_path / "struck.py").write_text(source)
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(KeyboardInterrupt):
        _imported("struck")
    assert sys.modules.pop("struck").whole


def _imported(name: str) -> None:
    importlib.import_module(name)
    time.sleep(5)


def test_a_lock_that_is_being_taken_is_not_left_behind() -> None:
    source = (
        "def enter():\n    kill(me, 15)\n    done.append('all of it')\n\n\ndef within():\n    enter()\n    sleep(5)\n"
    )
    names: dict[str, Any] = {"done": [], "kill": os.kill, "me": os.getpid(), "sleep": time.sleep}
    first, second = source.split("\n\n\n")
    exec(compile(first, "/lib/threading.py", "exec"), names)
    exec(compile(second, "/elsewhere.py", "exec"), names)
    with pytest.raises(KeyboardInterrupt):
        names["within"]()
    assert names["done"]


def test_the_end_of_an_object_is_no_place_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    lost: list[object] = []
    monkeypatch.setattr(sys, "unraisablehook", lost.append)

    class Dying:
        def __del__(self) -> None:
            os.kill(os.getpid(), signal.SIGTERM)

    def dying() -> None:
        Dying()
        time.sleep(5)

    with pytest.raises(KeyboardInterrupt):
        dying()
    assert not lost


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_an_interrupt_that_was_lost_comes_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(interrupt, "GRACE", 0.1)
    monkeypatch.setattr(sys, "unraisablehook", lambda _: None)

    def dying() -> None:
        dead = threading.Event()
        seen = weakref.ref(dead, lambda _: os.kill(os.getpid(), signal.SIGTERM))
        del dead  # what is raised here is lost
        time.sleep(5)
        seen()

    with pytest.raises(KeyboardInterrupt):
        dying()


def test_what_waits_for_nothing_ends_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """A lock of Python's own that nobody opens again."""
    monkeypatch.setattr(interrupt, "GRACE", 0.1)
    lock = threading.Lock()
    rescue = threading.Timer(5, lock.release)
    names: dict[str, Any] = {"lock": lock, "kill": os.kill, "me": os.getpid()}
    exec(compile("def held():\n    kill(me, 15)\n    with lock:\n        pass\n", "/lib/threading.py", "exec"), names)
    lock.acquire()
    rescue.start()
    with pytest.raises(KeyboardInterrupt):
        names["held"]()
    rescue.cancel()
    assert lock.locked()


def test_a_signal_that_was_ignored_stays_ignored() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with interrupt.handled():
            os.kill(os.getpid(), signal.SIGHUP)
            assert not interrupt.arrived()
    finally:
        signal.signal(signal.SIGHUP, before)


def test_the_handlers_are_put_back() -> None:
    before = signal.getsignal(signal.SIGTERM)
    with interrupt.handled():
        pass
    assert signal.getsignal(signal.SIGTERM) == before


def _interrupted() -> None:
    with interrupt.handled():
        os.kill(os.getpid(), signal.SIGTERM)


def test_after_an_interrupt_a_late_signal_does_not_change_the_exit_code() -> None:
    with pytest.raises(KeyboardInterrupt):
        _interrupted()
    os.kill(os.getpid(), signal.SIGTERM)
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_IGN


def test_the_time_limit_ends_what_runs_and_then_all_is_as_before(tmp_path: Path) -> None:
    def run() -> None:
        with interrupt.time_limit(0.5):
            process.run([sys.executable, "-c", STUBBORN, str(tmp_path / "a")], timeout=170)

    with pytest.raises(interrupt.TimeUpError):
        run()
    assert interrupt.is_late()
    assert process.run([sys.executable, "-c", "print(1)"]).stdout == b"1\n"


@pytest.mark.parametrize("code", [SLEEPER, STUBBORN])
def test_the_time_limit_ends_what_other_threads_wait_for(tmp_path: Path, code: str) -> None:
    def run() -> None:
        with interrupt.time_limit(0.5), ThreadPoolExecutor(2) as pool:
            argv = [sys.executable, "-c", code, str(tmp_path / "a")]
            list(pool.map(lambda words: process.run(words, timeout=170), (argv, argv)))

    with pytest.raises(interrupt.TimeUpError):
        run()


def test_a_time_limit_that_is_not_reached_does_nothing() -> None:
    with interrupt.time_limit(60):
        pass
    assert not interrupt.is_late()
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)


def test_what_is_deferred_is_done_before_the_time_limit_is_felt() -> None:
    done = []

    def run() -> None:
        with interrupt.time_limit(0.05), interrupt.deferred():
            time.sleep(0.3)
            done.append("all of it")

    with pytest.raises(interrupt.TimeUpError):
        run()
    assert done
