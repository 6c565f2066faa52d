from __future__ import annotations

import pytest

from .targets import TARGETS, Target

FEW = {"reports": 15, "trees": 5, "apply": 8}


@pytest.mark.parametrize("target", TARGETS, ids=lambda t: t.name)
def test_nothing_that_is_fed_breaks_it(target: Target) -> None:
    target.test(FEW.get(target.name, 60))()
