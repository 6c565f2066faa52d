"""Which of ruff's rules are listened to, and how bad each one is.

The selection holds what finds bugs, weaknesses and waste; nothing about layout, naming or taste: what else a project
selects, its own ruff reports already, and a reviewer that repeats it is noise. The table:

| severity | rules |
| --- | --- |
| error | `ERRORS`: raises whenever the line runs, or is no Python (undefined names, wrong format strings, ...) |
| warning | the other rules for bugs, `S` (security), `ASYNC` (blocks the event loop) |
| note | unused code (F401, F841), waste, weak hints of security |
"""

from __future__ import annotations

from dataclasses import dataclass

from ..finding import Category, Severity

SYNTAX = "invalid-syntax"
IO_ERROR = "E902"

SELECT = (
    *("F", "E722", "E902", "B", "PLE", "S", "ASYNC", "YTT", "T10", "INT"),
    *("PERF101", "PERF102", "PERF401", "PERF402", "PERF403", "C414", "C419", "RUF015", "RUF017"),
    *("PLR0124", "PLW0127", "PLW0128", "PLW0129", "PLW0131", "PLW0133", "PLW0211", "PLW0245"),
    *("PLW0602", "PLW0711", "PLW1501", "PLW1508", "PLW1509", "PLW2101"),
    *("RUF006", "RUF008", "RUF009", "RUF013", "RUF016", "RUF018", "RUF024", "RUF026", "RUF030", "RUF032", "RUF034"),
    *("SIM115", "SIM220", "SIM221", "SIM222", "SIM223"),
)
IGNORE = (
    *("F403", "F405", "F541", "F722", "F842"),
    *("B007", "B008", "B009", "B010", "B011", "B013", "B014", "B024", "B027", "B028", "B904", "B905"),
    *("S101", "S603", "S606", "S607", "S4", "ASYNC109"),
)
ERRORS = frozenset(
    {
        *(SYNTAX, "F404", "F407", "F502", "F503", "F505", "F506", "F507", "F508", "F509", "F521", "F524", "F525"),
        *("F621", "F622", "F631", "F633", "F634", "F701", "F702", "F704", "F706", "F707", "F821", "F822", "F823"),
        *("PLE0100", "PLE0101", "PLE0115", "PLE0116", "PLE0117", "PLE0118", "PLE0237", "PLE0241", "PLE1132"),
        *("PLE1142", "PLE1300", "PLE1307", "PLE1700", "PLE2502"),
    }
)
AT_A_DISTANCE = frozenset({"F401", "F821", "F822", "F823"})
NOTES = frozenset(
    {
        *("F401", "F504", "F522", "F523", "F841", "B033", "RUF013", "SIM115", "PLW0602"),
        *("S105", "S106", "S107", "S108", "S110", "S112", "S310", "S311"),
    }
)
UNUSED = frozenset({"F401", "F841"})
PERFORMANCE = ("PERF", "C414", "C419", "RUF015", "RUF017", "ASYNC")
# Comparing a thing with itself, naked expressions and waste are how tests are written.
FINE_IN_TESTS = ("S", "PERF", "SIM", "PLR0124", "B015", "B017", "B018", "RUF015", "C4")
INJECTED = frozenset({"get_ipython", "display", "dbutils", "spark", "reveal_type", "_", "ngettext", "WindowsError"})


@dataclass(frozen=True, slots=True)
class Rating:
    """What a remark is about and how bad it is."""

    category: Category
    severity: Severity


def rate(code: str, message: str, *, name: str, in_tests: bool) -> Rating | None:
    """How bad a remark is in a file of that base name; None where it is noise."""
    family = code.rstrip("0123456789")
    ours = code in SELECT or family in SELECT or code == SYNTAX
    if not ours or code.startswith(IGNORE) or _is_noise(code, message, name, in_tests):
        return None
    return Rating(_category(code, family), _severity(code, family, message))


def _category(code: str, family: str) -> Category:
    if family == "S" or code == "PLE2502":
        return Category.SECURITY
    if code.startswith(PERFORMANCE):
        return Category.PERFORMANCE
    return Category.STYLE if code in UNUSED else Category.BUG


def _severity(code: str, family: str, message: str) -> Severity:
    if code in ERRORS:
        return Severity.ERROR
    waste = code.startswith(PERFORMANCE) and family != "ASYNC"
    harmless = family == "S" and "seems safe" in message
    return Severity.NOTE if code in NOTES or waste or harmless else Severity.WARNING


def _is_noise(code: str, message: str, name: str, in_tests: bool) -> bool:
    """What is fine in tests, imports that are there for others, names that a host defines, pytest's fixtures."""
    if code == "F401":
        return name in {"__init__.py", "conftest.py"} or "importlib" in message
    if code == "F821":
        return any(f"`{injected}`" in message for injected in INJECTED)
    fixtures = code == "F811" and "`test" not in message
    return in_tests and (code.startswith(FINE_IN_TESTS) or fixtures)
