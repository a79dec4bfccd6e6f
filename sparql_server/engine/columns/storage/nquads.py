"""Reads N-Quads as Oxigraph dumps them, and numbers terms as it meets them.

Such lines have one space between two terms, and a line break only at the end, so that terms are
found by where spaces are. https://www.w3.org/TR/n-quads/
"""

from __future__ import annotations

from collections import defaultdict
from itertools import count

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.int32]
_Places = tuple[NDArray[np.int64], NDArray[np.int64]]
_Named = NDArray[np.bool_]

DEFAULT = -1
"""The number of the default graph, which has no name."""

_ENOUGH = 1 << 20  # bytes to take apart at once: Oxigraph writes much less at a time
_LINE, _SPACE, _QUOTE = b'\n "'
_WORD = 8  # bytes that are compared at once
_NAME = b"<_"  # what an IRI or a blank node begins with


class Reader:
    """Takes N-Quads, in pieces of any length. size: how many were read and not yet returned.

    numbers: of each term as it is written, from 0 as they are met.
    """

    def __init__(self) -> None:
        self.numbers: defaultdict[bytes, int] = defaultdict(count().__next__)
        self.size = 0
        self._quads: list[tuple[Numbers, Numbers, Numbers, Numbers]] = []
        self._pieces: list[bytes] = []
        self._length = 0

    def write(self, piece: bytes) -> int:
        """Take a piece; return its length."""
        self._pieces.append(bytes(piece))
        self._length += len(piece)
        if self._length >= _ENOUGH:
            self._take()
        return len(piece)

    def take(self) -> tuple[list[bytes], tuple[Numbers, Numbers, Numbers, Numbers]]:
        """Return the terms that were read, as they are written, and the quads; forget them.

        The quads are numbers of subjects, predicates, objects and graphs: places among the terms.
        The graph of what stands in the default graph is ``DEFAULT``.
        """
        none = np.empty(0, np.int32)
        subjects, predicates, objects, graphs = map(
            np.concatenate, zip((none,) * 4, *self._quads, strict=True)
        )
        terms = list(self.numbers)
        self.numbers = defaultdict(count().__next__)
        self._quads, self.size = [], 0
        return terms, (subjects, predicates, objects, graphs)

    def end(self) -> None:
        """Read what is left. Raises ValueError if the last line isn't whole."""
        self._take()
        if self._length:
            raise ValueError("the last line of the N-Quads isn't whole")

    def _take(self) -> None:
        text = b"".join(self._pieces)
        end = text.rfind(b"\n") + 1
        self._pieces, self._length = [text[end:]], len(text) - end
        if end:
            places = _find_places(np.frombuffer(text, np.uint8, end))
            subject_places, predicate_places, object_places, (starts, ends), named = places
            subjects = self._number_repeated(text, *subject_places)
            predicates = self._number(text, *predicate_places)
            objects = self._number(text, *object_places)
            graphs = np.full(len(named), DEFAULT, np.int32)
            graphs[named] = self._number_repeated(text, starts[named], ends[named])
            self._quads.append((subjects, predicates, objects, graphs))
            self.size += len(graphs)

    def _number(self, text: bytes, starts: NDArray[np.int64], ends: NDArray[np.int64]) -> Numbers:
        terms = [text[start:end] for start, end in zip(starts.tolist(), ends.tolist(), strict=True)]
        return np.fromiter(map(self.numbers.__getitem__, terms), np.int32, len(terms))

    def _number_repeated(
        self, text: bytes, starts: NDArray[np.int64], ends: NDArray[np.int64]
    ) -> Numbers:
        """Return the numbers of terms, most of which are the same as the one before."""
        is_new = _differ_from_former(text, starts, ends)
        different = self._number(text, starts[is_new], ends[is_new])
        numbers: Numbers = different[np.cumsum(is_new) - 1]
        return numbers


def _differ_from_former(
    text: bytes, starts: NDArray[np.int64], ends: NDArray[np.int64]
) -> NDArray[np.bool_]:
    """Tell of strings which may differ from the one before: all of less than a word do."""
    lengths = ends - starts
    differ = np.ones(len(starts), np.bool_)
    words = np.ndarray(max(0, len(text) - _WORD + 1), np.uint64, text, strides=(1,))
    rest = 1 + np.flatnonzero((lengths[1:] == lengths[:-1]) & (lengths[1:] >= _WORD))
    begin = 0
    while len(rest):
        at = np.minimum(begin, lengths[rest] - _WORD)  # the last word may overlap with another
        rest = rest[words[starts[rest] + at] == words[starts[rest - 1] + at]]
        begin += _WORD
        differ[rest[lengths[rest] <= begin]] = False
        rest = rest[lengths[rest] > begin]
    return differ


def _find_places(text: NDArray[np.uint8]) -> tuple[_Places, _Places, _Places, _Places, _Named]:
    """Return where subjects, predicates, objects and graph names begin and end in whole lines.

    After the object there is a space and a full stop, or a graph's name before these: what comes
    after the last space, unless that is the end of a literal, which has a quotation mark. Last is
    which lines have a graph's name.
    """
    lines, spaces, quotes = (np.flatnonzero(text == byte) for byte in (_LINE, _SPACE, _QUOTE))
    starts = np.concatenate(([0], lines[:-1] + 1))
    before = np.searchsorted(spaces, starts)
    first, second = spaces[before], spaces[before + 1]
    last = spaces[np.searchsorted(spaces, lines) - 2]
    named = np.isin(text[last + 1], tuple(_NAME)) & (last > second)
    named &= np.searchsorted(quotes, last) == np.searchsorted(quotes, lines)
    ends = np.where(named, last, lines - 2)
    return (starts, first), (first + 1, second), (second + 1, ends), (last + 1, lines - 2), named
