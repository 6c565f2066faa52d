"""The list of what is fuzzed: a name, what is fed, and what must hold for it."""

from __future__ import annotations

import functools
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from . import code, replies, reports, texts, tools, trees

ENVIRONMENT = st.dictionaries(
    st.sampled_from(
        ["LLM_REVIEW_DEADLINE", "LLM_REVIEW_SAMPLES", "LLM_REVIEW_LLM", "LLM_REVIEW_FAIL_ON", "LLM_REVIEW_X"]
    ),
    st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=12) | st.just("9" * 5000),
    max_size=2,
)
KEYS = st.sampled_from(
    ["deadline", "samples", "llm", "fail-on", "model", "hook", "allow_remote", "base_url", "max-cost", "x"]
)
VALUES = st.sampled_from(
    ["1", "true", '"tool"', "-1", "1e999", "nan", "inf", "[]", "{a=1}", "{deadline=1}", "9" * 400, "9" * 5000,
     "0x" + "f" * 9000, "[" * 3000, '"' + "x" * 50 + '"', "1979-05-27", "07:32:00", "'''\n'''"]
) | st.text(max_size=6)  # fmt: skip
TOML_LINES = (
    st.builds("{} = {}\n".format, KEYS, VALUES)
    | st.sampled_from(
        ["[tool.llm-review]\n", "[tool]\n", "tool = 1\n", "[[tool]]\n", "[tool.llm-review.hook]\n", "\ufeff", "\x00"]
    )
    | st.text(max_size=5)
)
TOML = st.builds(
    "{}{}".format, st.sampled_from(["[tool.llm-review]\n", ""]), st.lists(TOML_LINES, max_size=6).map("".join)
)


@functools.cache
def scratch() -> Path:
    """A folder for those that need one."""
    return Path(tempfile.mkdtemp(prefix="fuzz-"))


@dataclass(frozen=True)
class Target:
    """`check` is called with what the strategies give; whatever it raises is a bug.

    `share`: how many of a thousand inputs it gets; those with less than 10 start processes, and are not mutated.
    """

    name: str
    check: Callable[..., None]
    strategies: tuple[st.SearchStrategy[Any], ...]
    share: int

    def test(self, inputs: int, see: Callable[[tuple[Any, ...]], object] = id) -> Callable[[], None]:
        """The Hypothesis test of it; `see` is called with each input first."""

        def fed(values: tuple[Any, ...]) -> None:
            see(values)
            self.check(*values)

        calm = settings(max_examples=inputs, deadline=None, suppress_health_check=list(HealthCheck), database=None)
        return calm(given(st.tuples(*self.strategies))(fed))


SIDE = st.none() | texts.CODE
TARGETS = (
    Target(
        "diff-output", code.check_diff_output, (texts.PATCHES.map(lambda p: p.encode("utf-8", "surrogatepass")),), 110
    ),
    Target("units", code.check_units, (texts.CODE, SIDE, st.booleans()), 60),
    Target("new-units", code.check_units, (SIDE, texts.CODE, st.booleans()), 40),
    Target("patch-round-trip", code.check_round_trip, (texts.FILES, texts.FILES, texts.FILES), 60),
    Target("any-patch", code.check_any_patch, (texts.PATCHES, texts.FILES), 120),
    Target("replies", replies.check_reply, (texts.broken_json(replies.KEYS) | texts.CODE,), 60),
    Target("tool-output", tools.check_tool_output, (texts.broken_json(tools.TOOL_KEYS),), 100),
    Target("tool-values", tools.check_tool_values, (texts.json_like(tools.TOOL_KEYS),), 60),
    Target(
        "test-report",
        lambda lines, code: tools.check_test_report(scratch(), lines, code),
        (st.lists(texts.broken_json(tools.REPORT_KEYS), max_size=4), st.sampled_from([0, 1, None])),
        60,
    ),
    Target("settings", tools.check_settings, (TOML, ENVIRONMENT), 120),
    Target("kept", lambda text: tools.check_kept(scratch(), text), (texts.broken_json(tools.KEPT_KEYS),), 80),
    Target("escapes", reports.check_escapes, (texts.FOREIGN,), 100),
    Target("markdown", reports.check_marks, (texts.FOREIGN,), 20),
    Target("reports", reports.check_report, (texts.FOREIGN, texts.FILE_NAMES), 8),
    Target("trees", lambda base, head: trees.check_trees(scratch(), base, head), (trees.TREES, trees.TREES), 1),
    Target("apply", lambda patch: trees.check_apply(scratch(), patch), (texts.PATCHES,), 1),
)
