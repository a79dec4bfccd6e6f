"""Tests on the bytes of many strings at once, without making each a string of its own."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from sparql_server.engine.columns.solutions.arrays import Mask, Numbers
from sparql_server.engine.columns.storage.numbered_terms import Terms
from sparql_server.engine.columns.storage.texts import Texts

_AT_ONCE = 200_000  # strings whose bytes are copied side by side

# What else is a letter of ASCII in another case: to Unicode, or to patterns in any case.
_LIKE_ASCII = [character.encode() for character in "\u0130\u0131\u017f\u212a"]

_Lengths = NDArray[np.int64]
_CONTINUED, _MASK = 0b1000_0000, 0b1100_0000  # a byte of UTF-8 that isn't a character's first


def count_characters(terms: Terms, numbers: Numbers) -> _Lengths:
    """Return how many characters the values of terms have."""
    found = []
    for blob, ends in _read_bytes(terms, numbers):
        continued = np.flatnonzero((blob & _MASK) == _CONTINUED)
        found.append(np.diff(ends - np.searchsorted(continued, ends), prepend=0))
    return np.concatenate(found) if found else np.empty(0, np.int64)


def find_containing(terms: Terms, numbers: Numbers, wanted: str) -> Mask:
    """Tell which values of terms contain a string.

    UTF-8 of one string contains that of another where the string does.
    """
    pattern = wanted.encode("utf-8", "surrogatepass")
    if not pattern:
        return np.ones(len(numbers), np.bool_)
    found = [_contain(blob.tobytes(), ends, pattern) for blob, ends in _read_bytes(terms, numbers)]
    return np.concatenate(found) if found else np.zeros(0, np.bool_)


def find_candidates(
    terms: Terms, numbers: Numbers, wanted: Sequence[str], *, any_case: bool
) -> Mask:
    """Tell which values of terms may contain one of some strings; the others don't.

    any_case: in upper or lower case, which the strings, of ASCII then, are looked for in lower
    case.
    """
    patterns = [text.encode("utf-8", "surrogatepass") for text in wanted]
    found = []
    for blob, ends in _read_bytes(terms, numbers):
        text = blob.tobytes()
        there = np.zeros(len(ends), np.bool_)
        for pattern in _LIKE_ASCII if any_case else ():
            there |= _contain(text, ends, pattern)
        text = text.lower() if any_case else text
        for pattern in patterns:
            there |= _contain(text, ends, pattern)
        found.append(there)
    return np.concatenate(found) if found else np.zeros(0, np.bool_)


def _contain(text: bytes, ends: _Lengths, pattern: bytes) -> Mask:
    starts = [match.start() for match in re.finditer(re.escape(pattern), text)]
    begins = np.array(starts, np.int64)
    places = np.searchsorted(ends, begins, "right")
    lasts = np.searchsorted(ends, begins + len(pattern) - 1, "right")
    contains = np.zeros(len(ends), np.bool_)
    contains[places[places == lasts]] = True
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
