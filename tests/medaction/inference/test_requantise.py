"""Q4_1 → Q8_0 keeps every weight to within half a step, and makes a file that llama.cpp can serve."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medaction.inference.gguf import Q4_1, Q8_0, GGUFError, read_outline
from medaction.inference.requantise import q4_1_to_q8_0, q8_0_parts

HALVES = st.floats(-8, 8, width=16)


def q4_1_values(block: bytes) -> list[float]:
    scale, minimum, packed = struct.unpack("<ee16s", block)
    return [scale * (b & 15) + minimum for b in packed] + [scale * (b >> 4) + minimum for b in packed]


@given(HALVES, HALVES, st.binary(min_size=16, max_size=16))
def test_every_weight_stays(scale: float, minimum: float, packed: bytes) -> None:
    block = struct.pack("<ee16s", scale, minimum, packed)
    step, *numbers = struct.unpack("<e32b", q4_1_to_q8_0(block))
    largest = max(abs(minimum), abs(minimum + 15 * scale))
    # Half a step, and what the step itself loses as a half float (2⁻¹¹, or 2⁻²⁵ below the normal range).
    allowed = step / 2 + 127 * max(step * 2**-11, 2**-25) + 1e-9
    for before, number in zip(q4_1_values(block), numbers, strict=True):
        assert abs(before - step * number) <= allowed
    assert step == pytest.approx(largest / 127, rel=2**-10, abs=2**-24)


def small_file() -> bytes:
    """A GGUF file with one Q4_1 tensor of two blocks and one of 32 floats."""
    key = b"general.file_type"
    metadata = struct.pack("<4sIQQ", b"GGUF", 3, 2, 1) + struct.pack("<Q", len(key)) + key + struct.pack("<II", 4, 3)
    infos = struct.pack("<Q1sI2QIQ", 1, b"a", 2, 32, 2, Q4_1, 0) + struct.pack("<Q1sIQIQ", 1, b"b", 1, 32, 0, 64)
    head = metadata + infos
    blocks = struct.pack("<ee16s", 0.5, -1.0, bytes(range(16))) * 2
    return head + bytes(-len(head) % 32) + blocks + bytes(24) + struct.pack("<32f", *range(32))


def test_the_new_file_is_laid_out_anew() -> None:
    written = memoryview(b"".join(q8_0_parts(small_file())))
    outline = read_outline(written)
    first, second = outline.tensors
    assert (first.kind, first.size, second.offset) == (Q8_0, 68, 96)
    assert struct.unpack_from("<I", written, outline.file_type_at) == (7,)
    assert struct.unpack_from("<32f", written, outline.data_start + second.offset) == tuple(range(32))


@pytest.mark.parametrize("length", [0, 3, 20, 60, 140, 200])
def test_a_file_that_is_cut_short(length: int) -> None:
    with pytest.raises(GGUFError):
        list(q8_0_parts(small_file()[:length]))
