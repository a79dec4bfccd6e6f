"""Byte strings in one array: compared, sorted and copied all at once.

A string that is to be compared is read as words of eight bytes, the first of which weighs most;
what a word lacks at the end of a string is zero.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Integers = NDArray[np.int64]

_WORD = 8  # bytes
_PIECE = 1 << 16  # bytes that are copied at once: their places stay in a processor's cache
_APART = 8  # strings, on the average, that must follow each other to be copied together
_FEW = 64  # strings: so few are compared one by one


@dataclass(frozen=True, slots=True)
class Texts:
    """Byte strings: where each begins in ``blob``, and its length in bytes.

    blob: of bytes; at least seven more of them follow the last string.
    """

    blob: NDArray[np.uint8]
    starts: Integers
    lengths: Integers

    def __len__(self) -> int:
        return len(self.starts)

    def take(self, places: NDArray[np.integer]) -> Texts:
        """Return the strings at these places."""
        return Texts(self.blob, self.starts[places], self.lengths[places])

    def bytes_at(self, place: int) -> bytes:
        """Return one string."""
        start = int(self.starts[place])
        return self.blob[start : start + int(self.lengths[place])].tobytes()

    def read_words(self, number: int) -> NDArray[np.uint64]:
        """Return the word of this number, from 0, of each string; 0 where it has ended."""
        if not len(self.blob) or not len(self.starts):
            return np.zeros(len(self.starts), np.uint64)
        before = _WORD * number
        left = np.clip(self.lengths - before, 0, _WORD)
        places = np.where(left > 0, self.starts + before, 0)
        all_words = np.ndarray(len(self.blob) - 7, np.uint64, self.blob.data, strides=(1,))
        words: NDArray[np.uint64] = all_words[places].byteswap()
        lacking = ((_WORD - left) * 8).astype(np.uint64)
        kept = np.minimum(lacking, np.uint64(63))
        words = (words >> kept) << kept
        words[left == 0] = 0
        return words

    def join_pieces(self) -> Iterator[NDArray[np.uint8]]:
        """Yield the strings one after the other, in pieces."""
        ends = np.cumsum(self.lengths)
        begin = 0
        while begin < len(self.starts):
            done = int(ends[begin - 1]) if begin else 0
            end = max(begin + 1, int(np.searchsorted(ends, done + _PIECE, "right")))
            yield self._join(begin, end)
            begin = end

    def _join(self, begin: int, end: int) -> NDArray[np.uint8]:
        starts, lengths = self.starts[begin:end], self.lengths[begin:end]
        breaks = np.flatnonzero(starts[1:] != starts[:-1] + lengths[:-1])
        if len(breaks) * _APART < len(starts):
            firsts, lasts = np.append(0, breaks + 1), np.append(breaks, -1)
            places = zip(starts[firsts].tolist(), (starts + lengths)[lasts].tolist(), strict=True)
            return np.concatenate([self.blob[start:stop] for start, stop in places])
        shift = starts - (np.cumsum(lengths) - lengths)
        every = np.repeat(shift, lengths)
        every += np.arange(len(every))
        joined: NDArray[np.uint8] = self.blob[every]
        return joined


def rank(kinds: NDArray[np.integer], texts: Texts, tags: Integers) -> tuple[Integers, Integers]:
    """Return the order of strings, by kind, by their bytes, by tag; and the rank of each in it.

    The order has places; ranks are in the order of the places, from 0, equal for what is equal.
    """
    order = np.argsort(kinds, kind="stable")
    groups = _find_begins(kinds[order])
    open_ = np.flatnonzero(_find_shared(groups))  # positions in the order that aren't settled yet
    number = 0
    while len(open_) > _FEW:
        here = order[open_]
        rest = texts.take(here)
        if not (rest.lengths > _WORD * number).any():
            break
        open_ = _refine(order, groups, open_, rest.read_words(number))
        number += 1
    _finish(order, groups, open_, texts, tags, number)
    ranks = np.empty(len(order), np.int64)
    ranks[order] = np.cumsum(groups) - 1
    return order, ranks


def _find_begins(values: NDArray[np.integer]) -> NDArray[np.bool_]:
    """Tell of sorted values which differ from the one before."""
    begins = np.ones(len(values), np.bool_)
    np.not_equal(values[1:], values[:-1], out=begins[1:])
    return begins


def _find_shared(begins: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Tell of each position whether its group has others, too."""
    alone = begins.copy()
    alone[:-1] &= begins[1:]
    return ~alone


def _refine(
    order: Integers, groups: NDArray[np.bool_], open_: Integers, keys: NDArray[np.integer]
) -> Integers:
    """Sort what is at positions within their groups by keys; return what is still shared.

    groups: which positions begin one; those that the keys make are added to it.
    """
    number: Integers = np.cumsum(groups[open_])
    sorted_ = _sort_within(number, keys)
    order[open_] = order[open_][sorted_]
    keys = keys[sorted_]
    begins = groups[open_]
    begins[1:] |= keys[1:] != keys[:-1]
    groups[open_] = begins
    return open_[_find_shared(begins)]


def _sort_within(number: Integers, keys: NDArray[np.integer]) -> Integers:
    """Return the order by ascending number, then by key; the numbers are sorted already."""
    if number[-1] == number[0]:
        return np.argsort(keys)
    order = np.argsort(keys)
    for shift in range(0, int(number[-1]).bit_length(), 16):  # what has 16 bits is sorted fastest
        digits = (number[order] >> shift).astype(np.uint16)
        order = order[np.argsort(digits, kind="stable")]
    return order


def _finish(
    order: Integers,
    groups: NDArray[np.bool_],
    open_: Integers,
    texts: Texts,
    tags: Integers,
    number: int,
) -> None:
    """Settle what is equal so far: by the rest where that is little, by length, and by tag."""
    if len(open_) and len(open_) <= _FEW:
        values = [texts.bytes_at(place)[_WORD * number :] for place in order[open_].tolist()]
        known = {value: place for place, value in enumerate(sorted(set(values)))}
        open_ = _refine(order, groups, open_, np.array([known[value] for value in values]))
    for keys in (texts.lengths, tags):
        if len(open_):
            open_ = _refine(order, groups, open_, keys[order[open_]])
