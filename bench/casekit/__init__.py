"""Benchmark cases: small git repositories with a staged change whose truth is known, and the tests that grade a fix.

A manifest holds facts alone (names, commits, test ids, line numbers); the code of a case is rebuilt from the public
repositories it comes from. `Kit` is all that a caller needs.
"""

from __future__ import annotations

from .case import BenchError, Case, Facts, Grade, Target, read_manifest
from .kit import Kit
from .workshop import Workshop

__all__ = ["BenchError", "Case", "Facts", "Grade", "Kit", "Target", "Workshop", "read_manifest"]
