"""How likely a changed unit is to be wrong or dangerous: what the time is spent on first where there is not enough."""

from __future__ import annotations

import math
import re

from ..change.change import Unit

# Words of code that decide (each one is a path that a test may not take), and of code that reaches outside.
_BRANCH = re.compile(r"\b(?:if|elif|for|while|except|and|or|case|assert|lambda|yield|await)\b")
_OUTSIDE = re.compile(
    r"\b(?:subprocess|system|popen|eval|exec|compile|pickle|marshal|yaml|sql|execute|cursor|request|requests|urlopen|"
    r"socket|open|unlink|remove|rmtree|chmod|password|token|secret|key|hash|crypt|random|thread|lock|async)\w*",
    re.IGNORECASE,
)
OUTSIDE_WEIGHT, BRANCH_WEIGHT = 3.0, 1.0


def risk(unit: Unit) -> float:
    """Grows with the changed lines, with the decisions in the unit and with what its changed lines reach; 0 at least.

    Deleted code has the size of what was there.
    """
    span = unit.head or unit.base
    if span is None:
        return 0.0
    lines = span.text.split("\n")
    changed = [lines[n - span.start] for n in unit.changed if 0 <= n - span.start < len(lines)] or lines
    branches = len(_BRANCH.findall(span.text))
    outside = len({word.lower() for line in changed for word in _OUTSIDE.findall(line)})
    return len(changed) + BRANCH_WEIGHT * math.sqrt(branches * len(changed)) + OUTSIDE_WEIGHT * outside
