"""What a GGUF file says of itself, read and checked before an engine is trusted with it (GGUF versions 2 and 3).

The layout (all little-endian): magic, version, number of tensors, number of key-values; the key-values; the tensors;
padding to `general.alignment`; the tensors' data. See the specification in the ggml project, `docs/gguf.md`.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import BinaryIO

from ..errors import ModelError

HEADER_LIMIT = 256 * 1024 * 1024
KEPT_STRING = 1024 * 1024
COUNT_LIMIT = 1_000_000
DEFAULT_ALIGNMENT = 32

_SCALARS = {0: "B", 1: "b", 2: "<H", 3: "<h", 4: "<I", 5: "<i", 6: "<f", 7: "?", 10: "<Q", 11: "<q", 12: "<d"}
_STRING, _ARRAY = 8, 9
# Bytes and elements of one block of each tensor type, by the type's number. A type that is not here is measured as
# nothing, so that a newer file is not refused.
_BLOCKS = {
    0: (4, 1), 1: (2, 1), 2: (18, 32), 3: (20, 32), 6: (22, 32), 7: (24, 32), 8: (34, 32), 9: (36, 32), 10: (84, 256),
    11: (110, 256), 12: (144, 256), 13: (176, 256), 14: (210, 256), 15: (292, 256), 16: (66, 256), 17: (74, 256),
    18: (98, 256), 19: (50, 256), 20: (18, 32), 21: (110, 256), 22: (82, 256), 23: (136, 256), 24: (1, 1), 25: (2, 1),
    26: (4, 1), 27: (8, 1), 28: (8, 1), 29: (56, 256), 30: (2, 1), 34: (54, 256), 35: (66, 256), 39: (17, 32),
}  # fmt: skip

Value = str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Header:
    """A GGUF file's own account: name and architecture ("" where it does not say), whether it brings a chat template,
    the context it was trained for (0: unknown), its tensors, and the size that the file must have at least."""

    version: int
    name: str
    architecture: str
    chat_template: bool
    context: int
    tensors: int
    expected_size: int


def read_header(path: Path) -> Header:
    """Read the header of a model file and check that the file is as long as its header says.

    Raises ModelError when the file cannot be read, is not GGUF, is damaged or is truncated.
    """
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            header = _parse(_Reader(file, size, path))
    except OSError as error:
        raise ModelError(f"cannot read the model file {path}: {error.strerror}") from error
    if header.expected_size > size:
        raise _truncated(path, f"{size:,} bytes, its header asks for {header.expected_size:,}")
    return header


class _Reader:
    """Bounded little-endian reads; every size is checked against what is left of the file before anything is read."""

    def __init__(self, file: BinaryIO, size: int, path: Path) -> None:
        self._file, self._left, self.path = file, min(size, HEADER_LIMIT), path
        self.position = 0

    def take(self, count: int) -> bytes:
        """The next `count` bytes."""
        self._spend(count)
        data = self._file.read(count)
        if len(data) != count:
            raise _truncated(self.path, "it ends within its header")
        return data

    def skip(self, count: int) -> None:
        """Step over `count` bytes."""
        self._spend(count)
        self._file.seek(count, 1)

    def _spend(self, count: int) -> None:
        if count > self._left:
            raise _truncated(self.path, "it ends within its header")
        self._left -= count
        self.position += count

    def number(self, code: str) -> int:
        """One number in `struct` code."""
        value: int = struct.unpack(code, self.take(struct.calcsize(code)))[0]
        return value

    def count(self) -> int:
        """A number of things, within reason."""
        value = self.number("<Q")
        if value > COUNT_LIMIT:
            raise _damaged(self.path)
        return value

    def string(self) -> str:
        """A string; one too long to be kept is skipped and "" is given."""
        length = self.number("<Q")
        if length > KEPT_STRING:
            self.skip(length)
            return ""
        return self.take(length).decode("utf-8", "replace")

    def value(self, kind: int) -> Value:
        """A key's value; arrays are stepped over."""
        if kind == _STRING:
            return self.string()
        if kind == _ARRAY:
            self._skip_array()
            return None
        if kind not in _SCALARS:
            raise _damaged(self.path)
        return self.number(_SCALARS[kind])

    def _skip_array(self) -> None:
        kind, count = self.number("<I"), self.count()
        if kind in _SCALARS:
            self.skip(count * struct.calcsize(_SCALARS[kind]))
        elif kind == _STRING:
            for _ in range(count):
                self.skip(self.number("<Q"))
        else:
            raise _damaged(self.path)


def _parse(reader: _Reader) -> Header:
    if reader.take(4) != b"GGUF":
        raise ModelError(f"{reader.path} is not a GGUF model file", "give a .gguf file or a name from the catalogue")
    version = reader.number("<I")
    if version not in {2, 3}:
        raise ModelError(f"{reader.path} has GGUF version {version}; only 2 and 3 are read")
    tensors, pairs = reader.count(), reader.count()
    values = {reader.string(): reader.value(reader.number("<I")) for _ in range(pairs)}
    alignment = _whole(values, "general.alignment") or DEFAULT_ALIGNMENT
    ends = [_tensor_end(reader) for _ in range(tensors)]
    start = -(-reader.position // alignment) * alignment
    architecture = _text(values, "general.architecture")
    return Header(
        version=version,
        name=_text(values, "general.name"),
        architecture=architecture,
        chat_template=bool(_text(values, "tokenizer.chat_template")),
        context=_whole(values, f"{architecture}.context_length"),
        tensors=tensors,
        expected_size=start + max(ends, default=0),
    )


def _tensor_end(reader: _Reader) -> int:
    """Where a tensor's data ends, counted from the beginning of the data."""
    reader.string()
    dimensions = reader.number("<I")
    if dimensions > 4:
        raise _damaged(reader.path)
    elements = prod(reader.number("<Q") for _ in range(dimensions))
    size, block = _BLOCKS.get(reader.number("<I"), (0, 1))
    return reader.number("<Q") + -(-elements // block) * size


def _text(values: dict[str, Value], key: str) -> str:
    value = values.get(key)
    return value if isinstance(value, str) else ""


def _whole(values: dict[str, Value], key: str) -> int:
    value = values.get(key)
    return value if isinstance(value, int) and value > 0 else 0


def _truncated(path: Path, detail: str) -> ModelError:
    return ModelError(f"truncated model file {path}: {detail}", "download it again: llm-review model pull NAME")


def _damaged(path: Path) -> ModelError:
    return ModelError(f"damaged model file {path}", "download it again: llm-review model pull NAME")
