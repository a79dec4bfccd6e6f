"""Reads N-Quads as Oxigraph dumps them, and numbers terms as it meets them.

Such lines have one space between two terms, and a line break only at the end, so that terms are
found by where spaces are. https://www.w3.org/TR/n-quads/
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from itertools import count

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.int32]

_ENOUGH = 1 << 20  # bytes to take apart at once: Oxigraph writes much less at a time
_LINE, _SPACE, _QUOTE = b'\n "'
_NAME = b"<_"  # what an IRI or a blank node begins with


class Unrepresentable(Exception):
    """Columns can't hold this dataset."""


class Reader:
    """Takes N-Quads, in pieces of any length; graph names are dropped.

    numbers: of each term as it is written, from 0 as they are met. ``write`` and ``triples`` raise
    Unrepresentable if these are too many.
    """

    def __init__(self) -> None:
        self.numbers: defaultdict[bytes, int] = defaultdict(count().__next__)
        self._triples: list[tuple[Numbers, Numbers, Numbers]] = []
        self._pieces: list[bytes] = []
        self._length = 0

    def write(self, piece: bytes) -> int:
        """Take a piece; return its length."""
        self._pieces.append(bytes(piece))
        self._length += len(piece)
        if self._length >= _ENOUGH:
            self._take()
        return len(piece)

    def triples(self) -> tuple[Numbers, Numbers, Numbers]:
        """Return the numbers of subjects, predicates and objects, and keep them no longer.

        Raises ValueError if the last line isn't whole.
        """
        self._take()
        if self._length:
            raise ValueError("the last line of the N-Quads isn't whole")
        none = np.empty(0, np.int32)
        subjects, predicates, objects = zip((none,) * 3, *self._triples, strict=True)
        self._triples = []
        return np.concatenate(subjects), np.concatenate(predicates), np.concatenate(objects)

    def _take(self) -> None:
        text = b"".join(self._pieces)
        end = text.rfind(b"\n") + 1
        self._pieces, self._length = [text[end:]], len(text) - end
        if end:
            subjects, predicates, objects = _places(np.frombuffer(text, np.uint8, end))
            self._triples.append(
                (
                    self._number(text, *subjects),
                    self._number(text, *predicates),
                    self._number(text, *objects),
                )
            )

    def _number(self, text: bytes, starts: NDArray[np.int64], ends: NDArray[np.int64]) -> Numbers:
        terms = [text[start:end] for start, end in zip(starts.tolist(), ends.tolist(), strict=True)]
        try:
            return np.fromiter(map(self.numbers.__getitem__, terms), np.int32, len(terms))
        except OverflowError:
            raise Unrepresentable("it has more terms than 32 bits can number") from None


def _places(
    text: NDArray[np.uint8],
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Return where subjects, predicates and objects begin and end in whole lines.

    After the object there is a space and a full stop, or a graph's name before these: what comes
    after the last space, unless that is the end of a literal, which has a quotation mark.
    """
    lines, spaces, quotes = (np.flatnonzero(text == byte) for byte in (_LINE, _SPACE, _QUOTE))
    starts = np.concatenate(([0], lines[:-1] + 1))
    before = np.searchsorted(spaces, starts)
    first, second = spaces[before], spaces[before + 1]
    last = spaces[np.searchsorted(spaces, lines) - 2]
    named = np.isin(text[last + 1], tuple(_NAME)) & (last > second)
    named &= np.searchsorted(quotes, last) == np.searchsorted(quotes, lines)
    yield starts, first
    yield first + 1, second
    yield second + 1, np.where(named, last, lines - 2)
