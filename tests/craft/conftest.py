from __future__ import annotations

from pathlib import Path

import pytest

from reviewer.craft.box import Box, make_box


@pytest.fixture
def box(tmp_path: Path) -> Box:
    return make_box(tmp_path, "auto")
