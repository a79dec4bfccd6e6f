"""The layout of arrays in one piece of memory that processes share.

A mark with the version, eight bytes; the length of what comes next, eight bytes, little-endian; a
description in JSON; then the arrays, each of which begins at a multiple of 64 bytes.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from mmap import mmap
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

_MARK = b"columns\x02"
_ALIGNED = 64  # bytes: a line of the processor's cache


def pack(arrays: Mapping[str, Array], facts: Mapping[str, Any]) -> Iterator[bytes | memoryview]:
    """Return what such a piece of memory consists of, in order. facts: what JSON can say."""
    places, end = {}, 0
    for name, array in arrays.items():
        places[name] = (array.dtype.str, end, len(array))
        end += _aligned(array.nbytes)
    described = json.dumps({"facts": facts, "arrays": places}).encode()
    head = _MARK + len(described).to_bytes(8, "little") + described
    yield head.ljust(_aligned(len(head)), b"\0")
    for array in arrays.values():
        yield np.ascontiguousarray(array).data.cast("B") if len(array) else b""
        yield bytes(_aligned(array.nbytes) - array.nbytes)


def unpack(buffer: bytes | memoryview | mmap) -> tuple[dict[str, Array], dict[str, Any]]:
    """Return arrays and facts. The arrays are views, which can't be written to.

    Raises ValueError if this is no such piece of memory.
    """
    view = memoryview(buffer).toreadonly()
    if view[:8] != _MARK:
        raise ValueError("no columns of this version")
    length = int.from_bytes(view[8:16], "little")
    described = json.loads(bytes(view[16 : 16 + length]))
    start = _aligned(16 + length)
    arrays = {
        name: np.frombuffer(view, np.dtype(kind), count, start + place)
        for name, (kind, place, count) in described["arrays"].items()
    }
    return arrays, described["facts"]


def _aligned(length: int) -> int:
    return -(-length // _ALIGNED) * _ALIGNED
