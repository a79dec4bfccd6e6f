"""Tests on the bytes of many strings at once, without making each a string of its own."""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from sparql_server.engine.columns.solutions.arrays import Mask, Numbers
from sparql_server.engine.columns.storage.numbered_terms import Terms
from sparql_server.engine.columns.storage.texts import Texts

_AT_ONCE = 200_000  # strings whose bytes are copied side by side

_Lengths = NDArray[np.int64]
_CONTINUED, _MASK = 0b1000_0000, 0b1100_0000  # a byte of UTF-8 that isn't a character's first


def count_characters(terms: Terms, numbers: Numbers) -> _Lengths:
    """Return how many characters the values of terms have."""
    found = []
    for blob, ends in _read_bytes(terms, numbers):
        continued = np.concatenate(([0], np.cumsum((blob & _MASK) == _CONTINUED)))
        found.append(np.diff(ends, prepend=0) - np.diff(continued[ends], prepend=0))
    return np.concatenate(found) if found else np.empty(0, np.int64)


def find_containing(terms: Terms, numbers: Numbers, wanted: str) -> Mask:
    """Tell which values of terms contain a string.

    UTF-8 of one string contains that of another where the string does.
    """
    pattern = wanted.encode("utf-8", "surrogatepass")
    if not pattern:
        return np.ones(len(numbers), np.bool_)
    found = [_contain(blob, ends, pattern) for blob, ends in _read_bytes(terms, numbers)]
    return np.concatenate(found) if found else np.zeros(0, np.bool_)


def _contain(blob: NDArray[np.uint8], ends: _Lengths, pattern: bytes) -> Mask:
    starts = [match.start() for match in re.finditer(re.escape(pattern), blob.data)]
    begins = np.array(starts, np.int64)
    places = np.searchsorted(ends, begins, "right")
    lasts = np.searchsorted(ends, begins + len(pattern) - 1, "right")
    contains = np.zeros(len(ends), np.bool_)
    contains[places[places == lasts]] = True
    text = blob.tobytes() if (places != lasts).any() else b""
    for place in lasts[places != lasts].tolist():  # half of it was of another string
        begin = int(ends[place - 1])
        contains[place] |= text.find(pattern, begin, int(ends[place])) >= 0
    return contains


def _read_bytes(terms: Terms, numbers: Numbers) -> Iterator[tuple[NDArray[np.uint8], _Lengths]]:
    """Yield the bytes of values one after the other, and where each ends, some at a time."""
    for begin in range(0, len(numbers), _AT_ONCE):
        here = numbers[begin : begin + _AT_ONCE]
        starts = terms.offsets[here].astype(np.int64)
        lengths = terms.offsets[here + 1].astype(np.int64) - starts
        pieces = list(Texts(terms.blob, starts, lengths).join_pieces())
        yield np.concatenate([np.empty(0, np.uint8), *pieces]), np.cumsum(lengths)
