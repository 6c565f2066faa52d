from __future__ import annotations

from pathlib import Path

import pytest

from reviewer.errors import SandboxError
from reviewer.sandbox import bubblewrap
from reviewer.sandbox.bubblewrap import Bubblewrap
from reviewer.sandbox.choice import choose, layered


def test_auto_takes_walls_where_they_can_be_had(tmp_path: Path, walls: Bubblewrap) -> None:
    assert choose("auto", tmp_path, ()) == Bubblewrap(walls.program, tmp_path, layered=layered("auto"))
    assert choose("required", tmp_path, ()).isolation["network"] == "none"


def test_without_bwrap_auto_says_so_and_required_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bubblewrap, "find", lambda: None)
    assert choose("auto", tmp_path, ()).isolation["reason"] == "bwrap was not found"
    with pytest.raises(SandboxError, match="bwrap was not found") as caught:
        choose("required", tmp_path, ())
    assert "bubblewrap" in caught.value.hint


def test_none_is_honoured_and_an_unknown_mode_refused(tmp_path: Path) -> None:
    assert choose("none", tmp_path, ()).isolation["name"] == "none"
    with pytest.raises(SandboxError, match="chroot"):
        choose("chroot", tmp_path, ())


def test_layers_are_for_walls_alone(snapshots: Path, walls: Bubblewrap, monkeypatch: pytest.MonkeyPatch) -> None:
    assert layered("auto") is layered("required") is bubblewrap.can_layer(walls.program, snapshots)
    assert not layered("none")
    monkeypatch.setattr(bubblewrap, "find", lambda: None)
    assert not layered("auto")
