"""A pytest plugin: writes what became of each phase of each test, one JSON line at a time, to CASEKIT_OUTCOMES."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest


def _tell(**line: object) -> None:
    with Path(os.environ["CASEKIT_OUTCOMES"]).open("a", encoding="utf-8") as file:
        file.write(json.dumps(line) + "\n")


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """One line per phase (setup, call, teardown)."""
    expected = report.skipped and hasattr(report, "wasxfail")
    _tell(test=report.nodeid, phase=report.when, outcome="xfailed" if expected else report.outcome)


def pytest_collectreport(report: pytest.CollectReport) -> None:
    """One line per module that cannot be collected."""
    if report.failed:
        _tell(broken=report.nodeid or "collection")


def pytest_sessionfinish(exitstatus: int) -> None:
    """The last line: without it the run was cut short."""
    _tell(finished=int(exitstatus))
