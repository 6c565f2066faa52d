from __future__ import annotations

import contextlib
import struct
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reviewer.errors import ModelError
from reviewer.llm.gguf import read_header

Writer = Callable[[bytes], Path]


def _string(text: str) -> bytes:
    return struct.pack("<Q", len(text.encode())) + text.encode()


def _pair(key: str, kind: int, value: bytes) -> bytes:
    return _string(key) + struct.pack("<I", kind) + value


def _tensor(name: str, shape: tuple[int, ...], kind: int, offset: int) -> bytes:
    sizes = b"".join(struct.pack("<Q", n) for n in shape)
    return _string(name) + struct.pack("<I", len(shape)) + sizes + struct.pack("<IQ", kind, offset)


def gguf(pairs: tuple[bytes, ...] = (), tensors: tuple[bytes, ...] = (), data: int = 0, version: int = 3) -> bytes:
    head = b"GGUF" + struct.pack("<IQQ", version, len(tensors), len(pairs)) + b"".join(pairs) + b"".join(tensors)
    return head + b"\0" * (-len(head) % 32) + b"\0" * data


PAIRS = (
    _pair("general.name", 8, _string("Tiny")),
    _pair("general.architecture", 8, _string("llama")),
    _pair("llama.context_length", 4, struct.pack("<I", 2048)),
    _pair("tokenizer.ggml.tokens", 9, struct.pack("<IQ", 8, 2) + _string("a") + _string("b")),
    _pair("tokenizer.ggml.scores", 9, struct.pack("<IQ", 6, 2) + b"\0" * 8),
    _pair("tokenizer.chat_template", 8, _string("{{ messages }}")),
)
# 64 floats (256 bytes), then two blocks of Q4_K (288 bytes).
TENSORS = (_tensor("a", (8, 8), 0, 0), _tensor("b", (512,), 12, 256))
WHOLE = gguf(PAIRS, TENSORS, data=544)


@pytest.fixture
def write(tmp_path: Path) -> Writer:
    def make(data: bytes) -> Path:
        path = tmp_path / "m.gguf"
        path.write_bytes(data)
        return path

    return make


def test_a_header_tells_name_template_context_and_size(write: Writer) -> None:
    header = read_header(write(WHOLE))
    assert (header.name, header.architecture, header.context) == ("Tiny", "llama", 2048)
    assert header.chat_template
    assert (header.tensors, header.expected_size) == (2, len(WHOLE))


def test_a_model_without_a_template_says_so(write: Writer) -> None:
    assert not read_header(write(gguf(PAIRS[:2]))).chat_template


@pytest.mark.parametrize("cut", [1, 100, 544, 545, len(WHOLE) - 30])
def test_a_truncated_file_is_named_as_such(write: Writer, cut: int) -> None:
    with pytest.raises(ModelError, match="truncated model file") as caught:
        read_header(write(WHOLE[:-cut]))
    assert "pull" in caught.value.hint


def test_another_kind_of_file_is_refused(write: Writer) -> None:
    with pytest.raises(ModelError, match="not a GGUF"):
        read_header(write(b"PK\x03\x04" + b"\0" * 100))


def test_an_unknown_version_is_refused(write: Writer) -> None:
    with pytest.raises(ModelError, match="version 9"):
        read_header(write(gguf(version=9)))


def test_a_missing_file_is_an_expected_error(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="cannot read"):
        read_header(tmp_path / "no.gguf")


def test_a_length_beyond_the_file_reads_nothing(write: Writer) -> None:
    huge = b"GGUF" + struct.pack("<IQQ", 3, 0, 1) + struct.pack("<Q", 2**62)
    with pytest.raises(ModelError):
        read_header(write(huge))


@settings(max_examples=150, deadline=None)
@given(
    st.one_of(
        st.binary(max_size=200).map(lambda tail: b"GGUF\x03\0\0\0" + tail),
        st.tuples(st.integers(0, len(WHOLE) - 1), st.binary(min_size=1, max_size=12)).map(
            lambda edit: WHOLE[: edit[0]] + edit[1] + WHOLE[edit[0] + len(edit[1]) :]
        ),
    )
)
def test_garbage_raises_nothing_but_a_model_error(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "garbage.gguf"
    path.write_bytes(data)
    with contextlib.suppress(ModelError):
        read_header(path)
