"""The program that runs pytest inside the sandbox and writes down what happened.

Copied to a scratch folder and run as `python llm_review_plugin.py SPEC`; never imports `reviewer`, works with Python
3.8 and pytest 7. SPEC is a JSON file, deleted once read: `arguments` for pytest, `report` (where to write), `nonce`,
`place` (the snapshot as seen here), `root` (the repository as the user has it), `prefixes` (the interpreter's),
`select` (node ids; empty: all), `changed` (relative paths), `trace` ({relative path: [lines]}),
`canary` (the mark under which traps in the code note in `sys` that they ran, and their number; "" and 0: no traps).

The report is one JSON object per line, by `kind`: begin, test, collect, collected, end. A line is written when its
event happens, so that what a crash or a kill leaves behind is true as far as it goes; `n` counts the lines.
"""

# Plain strings for paths: tests may replace what is in `pathlib` while this records them.
# ruff: noqa: PTH108, PTH112, PTH113, PTH118, PTH123
from __future__ import annotations

import json
import os
import re
import sys
import threading
import time
from typing import Any, Iterable  # noqa: UP035 - the file runs on Python 3.8

TEXT_LIMIT = 4096
FRAME_LIMIT = 200
VALUES, VALUE_LIMIT = 20, 300
MOST_CODES = 50_000
CLOCK = r"\d\d:\d\d(?::\d\d(?:\.\d+)?)?"
DATES = ("%Y-%m-%d", "%m-%d-%Y", "%d-%m-%Y", "%Y/%m/%d", "%m/%d/%Y", "%d/%m/%Y", "%d %b %Y", "%Y%m%d")
TODAY = "|".join({time.strftime(form, now) for form in DATES for now in (time.localtime(), time.gmtime())})
CHANGING = re.compile(rf"0x[0-9a-f]{{6,}}|(?:{CLOCK}[T ])?(?:{TODAY})(?:[T ]{CLOCK})?")


def clip(text: object, limit: int = TEXT_LIMIT) -> str:
    """The end of a text, where pytest puts what matters."""
    words = str(text)
    return words if len(words) <= limit else "... " + words[-limit:]


def safe_str(value: object) -> str:
    """`str(value)` for an exception whose `__str__` may itself raise."""
    try:
        return clip(value)
    except Exception as error:  # noqa: BLE001 - any code under review may be behind it
        return f"<{type(error).__name__} in __str__>"


def shown(value: object) -> str:
    """A function or class by its name, anything else by its `repr`, which may itself raise; "" where that is long."""
    try:
        words = str(getattr(value, "__name__", "")) if callable(value) else repr(value)
    except Exception:  # noqa: BLE001 - any code under review may be behind it
        return ""
    return words if len(words) <= VALUE_LIMIT else ""


class Paths:
    """Turns file names into paths relative to the snapshot."""

    def __init__(self, place: str) -> None:
        """Keep the snapshot's folder."""
        self.place = os.path.realpath(place)
        self._known: dict[str, str | None] = {}

    def relative(self, name: str) -> str | None:
        """The POSIX path below the snapshot, or None for a file elsewhere; cached."""
        if name not in self._known:
            real = os.path.realpath(name)
            inside = real.startswith(self.place + os.sep)
            self._known[name] = os.path.relpath(real, self.place).replace(os.sep, "/") if inside else None
        return self._known[name]


class Tracer:
    """Collects which of the given lines run. `take` returns and clears what ran since the last call."""

    def __init__(self, paths: Paths, lines: dict[str, list[int]]) -> None:
        """`lines` is {relative path: [lines]}."""
        self._paths = paths
        self._monitoring: Any = getattr(sys, "monitoring", None)
        self._lines = {path: frozenset(numbers) for path, numbers in lines.items() if numbers}
        self._hit: set[tuple[str, int]] = set()
        self._listeners: dict[int, tuple[Any, Any]] = {}

    def start(self) -> None:
        """Begin to listen, in all threads."""
        if not self._lines:
            return
        monitoring = self._monitoring
        if monitoring is None:
            sys.settrace(self._call)
            threading.settrace(self._call)
            return
        tool = next(i for i in (4, 3, 5, 0, 2) if monitoring.get_tool(i) is None)
        monitoring.use_tool_id(tool, "llm-review")
        monitoring.register_callback(tool, monitoring.events.LINE, self._line)
        monitoring.set_events(tool, monitoring.events.LINE)

    def take(self) -> dict[str, list[int]]:
        """{relative path: sorted lines} since the last call."""
        hit, self._hit = self._hit, set()
        found: dict[str, list[int]] = {}
        for path, line in sorted(hit):
            found.setdefault(path, []).append(line)
        return found

    def _line(self, code: Any, line: int) -> Any:
        path = self._paths.relative(code.co_filename)
        if path is None or line not in self._lines.get(path, ()):
            return self._monitoring.DISABLE
        self._hit.add((path, line))
        return None

    def _call(self, frame: Any, _event: str, _argument: Any) -> Any:
        """Who listens to the lines of a call. Called for every call of the tests: known pieces of code are looked up.

        By their `id`, as a code's hash is made of all of it; they are kept, so that no other gets it.
        """
        code = frame.f_code
        known = self._listeners.get(id(code))
        if known is None:
            if len(self._listeners) > MOST_CODES:
                self._listeners.clear()
            known = self._listeners[id(code)] = (code, self._listener(code))
        return known[1]

    def _listener(self, code: Any) -> Any:
        """Notes which of the wanted lines of a piece of code run; None where it has none of them."""
        path = self._paths.relative(code.co_filename) or ""
        wanted = self._lines.get(path, frozenset())
        if hasattr(code, "co_lines"):  # Python 3.10
            wanted = wanted.intersection(line for _, _, line in code.co_lines())
        if not wanted:
            return None

        def local(frame: Any, event: str, _argument: Any) -> Any:
            if event == "line" and frame.f_lineno in wanted:
                self._hit.add((path, frame.f_lineno))
            return local

        return local


class Recorder:
    """The pytest plugin: one JSON line per event."""

    def __init__(self, spec: dict[str, Any], file: Any) -> None:
        """`file` is the report, open for appending."""
        self.paths = Paths(spec["place"])
        self.tracer = Tracer(self.paths, spec["trace"])
        self._spec = spec
        self._file = file
        self._process = os.getpid()
        self._written = 0
        self._reports: list[Any] = []
        self._raised: dict[str, bool] = {}
        self._details: dict[str, dict[str, Any]] = {}
        self._names: dict[str, str] = {}
        self._session: Any = None
        self._hits: set[int] = set()
        self._stung = False

    def write(self, kind: str, **fields: Any) -> None:
        """Append one line; a forked child of the tests stays silent."""
        if os.getpid() == self._process:
            self._file.write(json.dumps(dict(fields, kind=kind, n=self._written)) + "\n")
            self._file.flush()
            self._written += 1

    def pytest_collection_modifyitems(self, config: Any, items: list[Any]) -> None:
        """Keep what was asked for: a node id, its parameters, or what lies in it."""
        self._names = steady_names([i.nodeid for i in items])
        if not self._spec["select"]:
            return
        wanted = frozenset(self._spec["select"])
        starts = tuple(w + end for w in wanted for end in ("::", "[", "/"))
        names = [self._named(i.nodeid) for i in items]
        keep = [name in wanted or name.startswith(starts) for name in names]
        config.hook.pytest_deselected(items=[i for i, kept in zip(items, keep) if not kept])  # noqa: B905
        items[:] = [i for i, kept in zip(items, keep) if kept]  # noqa: B905

    def pytest_collection_finish(self, session: Any) -> None:
        """Say what will run."""
        nodes = [self._named(i.nodeid) for i in session.items]
        self._session = session
        lines, hits = self.tracer.take(), self.take_hits()
        self.write("collected", nodeids=nodes, lines=lines, hits=hits, leaks=leaks(self._spec))

    def pytest_collectreport(self, report: Any) -> None:
        """A file that cannot be imported, a fixture error at collection, ..."""
        if report.failed:
            detail = self._details.pop(report.nodeid, {})
            self.write("collect", nodeid=report.nodeid, text=clip(report.longrepr), hits=self.take_hits(), **detail)

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        """A test begins."""
        self._reports, self._raised = [], {}
        self.write("begin", nodeid=self._named(nodeid))

    def pytest_runtest_makereport(self, call: Any) -> None:
        """See what really happened, before anybody rewrites the report."""
        self._raised[call.when] = call.excinfo is not None

    def pytest_runtest_logreport(self, report: Any) -> None:
        """Keep the phases of the running test."""
        self._reports.append(report)

    def pytest_exception_interact(self, call: Any, report: Any) -> None:
        """Keep type, message and traceback of a failure."""
        if call.excinfo is not None:
            detail = self._describe(call.excinfo.value)
            self._details[report.nodeid] = dict(detail, values=self._values(call.excinfo.value, report.nodeid))

    def pytest_runtest_logfinish(self, nodeid: str) -> None:
        """A test has ended."""
        outcome, deciding = _outcome(self._reports)
        raised = outcome == "passed" and any(self._raised.values())
        hits = self.take_hits()
        self.write(
            "test",
            nodeid=self._named(nodeid),
            outcome=outcome,
            phase=deciding.when if deciding else "",
            seconds=sum(getattr(r, "duration", 0) for r in self._reports),
            text=clip(deciding.longreprtext) if deciding and outcome in ("failed", "error") else "",
            rewritten=raised,
            lines=self.tracer.take(),
            hits=hits,
            **self._details.pop(nodeid, {}),
        )
        self._stung = self._stung or bool(hits and outcome in ("failed", "error"))
        if self._stung and len(self._hits) == self._spec["canary"][1]:
            self._session.shouldstop = "the canary is caught"

    def take_hits(self) -> list[int]:
        """The traps that ran since the last call."""
        noted: dict[int, int] = sys.__dict__.pop(self._spec["canary"][0], {})
        self._hits.update(noted)
        return sorted(noted)

    def _named(self, nodeid: str) -> str:
        return self._names.get(nodeid, nodeid)

    def _describe(self, error: BaseException) -> dict[str, Any]:
        # pytest wraps what stops a file's import; the cause is what the code under review raised.
        if type(error).__name__ == "CollectError" and error.__cause__ is not None:
            error = error.__cause__
        frames = self._frames(error.__cause__) if error.__cause__ is not None else []
        frames += self._frames(error)
        if isinstance(error, SyntaxError) and error.filename:
            frames.append((self.paths.relative(error.filename) or error.filename, error.lineno or 1))
        return {"exception": type(error).__name__, "message": safe_str(error), "frames": ends_of(frames)}

    def _values(self, error: BaseException, nodeid: str) -> dict[str, str]:
        """The local names of the test's own deepest frame, as code where they have such a form."""
        found: dict[str, Any] = {}
        step = error.__traceback__
        while step is not None:
            if self.paths.relative(step.tb_frame.f_code.co_filename) == nodeid.partition("::")[0]:
                found = step.tb_frame.f_locals
            step = step.tb_next
        return {name: shown(found[name]) for name in [n for n in found if n.isidentifier()][:VALUES]}

    def _frames(self, error: BaseException) -> list[tuple[str, int]]:
        found = []
        step = error.__traceback__
        while step is not None:
            name = step.tb_frame.f_code.co_filename
            found.append((self.paths.relative(name) or name, step.tb_lineno))
            step = step.tb_next
        return found


def ends_of(frames: list[Any]) -> list[Any]:
    """Both ends of a long traceback: the test, and where it was raised."""
    half = FRAME_LIMIT // 2
    return frames if len(frames) <= FRAME_LIMIT else frames[:half] + frames[-half:]


def _outcome(reports: list[Any]) -> tuple[str, Any]:
    """The word for a test, and the report that decides it."""
    failed = [r for r in reports if r.outcome == "failed"]
    for report in failed:
        if report.when == "call":
            return "failed", report
    if failed:
        return "error", failed[0]
    last = {r.when: r for r in reports if r.outcome != "rerun"}
    skipped = [r for r in last.values() if r.outcome == "skipped"]
    if skipped:
        return ("xfailed" if hasattr(skipped[0], "wasxfail") else "skipped"), skipped[0]
    call = last.get("call")
    if call is None:
        return "error", None
    return ("xpassed" if hasattr(call, "wasxfail") else "passed"), call


def steady_names(nodeids: list[str]) -> dict[str, str]:
    """A name for a test that is the same in every run: parameters may show an address in memory, or this moment."""
    names: dict[str, str] = {}
    seen: dict[str, int] = {}
    for nodeid in nodeids:
        name = CHANGING.sub("?", nodeid)
        if name != nodeid:
            seen[name] = seen.get(name, 0) + 1
            names[nodeid] = name if seen[name] == 1 else "%s#%d" % (name, seen[name])  # noqa: UP031
    return names


def leaks(spec: dict[str, Any]) -> list[str]:
    """Modules of the project that came from elsewhere than the snapshot, as "name: file"."""
    place, root = os.path.realpath(spec["place"]), os.path.realpath(spec["root"])
    allowed = [place] + [os.path.realpath(p) for p in spec["prefixes"]]
    names = {module_name(place, path) for path in spec["changed"]} - {""} - set(sys.builtin_module_names)
    names -= set(getattr(sys, "stdlib_module_names", ()))  # imported long before the tree was in reach
    found = []
    for name, module in sorted(sys.modules.items()):
        file = getattr(module, "__file__", None)
        if not isinstance(file, str):
            continue
        real = os.path.realpath(file)
        if not _under(real, [place]) and (name in names or (_under(real, [root]) and not _under(real, allowed))):
            found.append(f"{name}: {file}")
    return found


def module_name(place: str, path: str) -> str:
    """The dotted name under which a file is imported, or "" where that is not certain.

    Folders with an `__init__.py` are packages; a module outside of any must lie in the top folder, `src` or `lib`.
    """
    if not path.endswith(".py"):
        return ""
    folder, file = os.path.split(path)
    parts = [] if file == "__init__.py" else [file[:-3]]
    in_package = False
    while folder and os.path.isfile(os.path.join(place, folder, "__init__.py")):
        folder, name = os.path.split(folder)
        parts.insert(0, name)
        in_package = True
    return ".".join(parts) if in_package or folder in ("", "src", "lib") else ""


def only_installed_plugins(manager: Any, ours: list[str], spec: dict[str, Any]) -> None:
    """Plugins that announce themselves are those that are installed: the tree announces none, and hides none by a name.

    `ours` are the folders of the tree that were put on the path.
    """
    from importlib import metadata  # noqa: PLC0415 - after this program's own folder has left the path

    load, distributions = manager.load_setuptools_entrypoints, metadata.distributions
    place, prefixes = os.path.realpath(spec["place"]), [os.path.realpath(p) for p in spec["prefixes"]]

    def installed(**context: Any) -> list[Any]:
        where = [(os.path.realpath(str(d.locate_file(""))), d) for d in distributions(**context)]
        return [d for folder, d in where if not _under(folder, [place]) or _under(folder, prefixes)]

    def outside(self: Any, group: str, name: Any = None) -> int:
        kept = sys.path[:]
        for folder in ours:
            sys.path.remove(folder)
        metadata.distributions = installed
        try:
            return int(load(self, group, name))
        finally:
            metadata.distributions = distributions
            sys.path[:] = kept + [p for p in sys.path if p not in kept]

    manager.load_setuptools_entrypoints = outside


def _under(path: str, folders: Iterable[str]) -> bool:
    return any(path == f or path.startswith(f + os.sep) for f in folders)


def main() -> None:
    """Run pytest as the spec says; never returns."""
    with open(sys.argv[1], encoding="utf-8") as file:
        spec = json.load(file)
    os.unlink(sys.argv[1])
    sys.argv[:] = ["pytest", *spec["arguments"]]
    # pytest and pluggy are imported while only installed code is in reach: a `pluggy.py` in the tree stays out.
    del sys.path[0]
    import pytest  # noqa: PLC0415

    place = spec["place"]
    source = os.path.join(place, "src")
    ours = [source, place] if os.path.isdir(source) else [place]
    sys.path[:0] = ours
    only_installed_plugins(pytest.PytestPluginManager, ours, spec)
    with open(spec["report"], "a", encoding="utf-8") as report:
        recorder = Recorder(spec, report)
        recorder.tracer.start()
        code = int(pytest.main(spec["arguments"], plugins=[recorder]))
        recorder.write("end", nonce=spec["nonce"], exit=code, leaks=leaks(spec), hits=recorder.take_hits())
    sys.stdout.flush()
    sys.stderr.flush()
    # Nothing that the tests left for the interpreter's end (threads, atexit) may change the verdict or hang it.
    os._exit(code)


if __name__ == "__main__":
    main()
