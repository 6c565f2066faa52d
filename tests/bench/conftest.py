"""The bench is a folder of scripts: its modules are found as they are when `bench/quality.py` runs."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "bench"))
