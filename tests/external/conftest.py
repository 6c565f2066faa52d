"""Node and the packages of package.json, which `make build/external/ready` installs."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
MODULES = HERE.parents[1] / "build" / "external" / "node_modules"
NODE = shutil.which("node")

Ask = Callable[[str, str], Any]


@pytest.fixture(scope="session")
def modules() -> Path:
    if NODE is None:
        pytest.skip("there is no node")
    if not MODULES.parent.joinpath("ready").exists():
        pytest.skip("the packages of tests/external are not installed: make test-external")
    return MODULES


@pytest.fixture
def ask(modules: Path) -> Ask:
    """What one of the scripts here says of a text."""

    def asked(script: str, text: str) -> Any:
        words = [str(NODE), str(HERE / script)]
        env = os.environ | {"MODULES": str(modules)}
        done = subprocess.run(words, input=text, env=env, capture_output=True, text=True, check=True)
        return json.loads(done.stdout)

    return asked
