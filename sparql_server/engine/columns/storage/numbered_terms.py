"""A release's terms, numbered in the order of their kinds, values and tags."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sparql_server.engine.columns.algebra import Kind, Term
from sparql_server.engine.columns.storage.instants import UNKNOWN
from sparql_server.engine.columns.storage.layout import Array

__all__ = ["UNKNOWN", "Terms"]


_KINDS = tuple(Kind)
_REMEMBERED = 4096  # terms that were looked for
_SHORT = 200  # characters of one that is remembered

_NEAR = 256  # terms that are looked at first, from where one is sought on
_FARTHER = 4  # times as many each time that it isn't among them
_APART = 8  # bytes that are read for each of the strings that are wanted, to read all at once
_SPACE, _TILDE = 0x20, 0x7E  # the first and the last of ASCII that are no control characters


class Terms:
    """Distinct terms, numbered from 0: by kind, by value as UTF-8, by tag.

    bounds: six numbers; terms of a kind have bounds[kind] <= number < bounds[kind + 1].
    offsets: where each value begins in the blob, and where the last one ends.
    blob: the values in UTF-8, unescaped, one after the other.
    tag_names: languages and the IRIs of datatypes.
    tags: indexes of ``tag_names``, of the numbers from bounds[Kind.LANGUAGE] on.
    instants: of the numbers from bounds[Kind.TYPED] on, microseconds since 1970 for an xsd:dateTime
    that has a time zone; ``UNKNOWN`` for all else, and for what Python's datetime can't say.
    """

    def __init__(self, arrays: Mapping[str, Array], facts: Mapping[str, Any]) -> None:
        self.bounds: tuple[int, ...] = tuple(facts["bounds"])
        self.tag_names: tuple[str, ...] = tuple(facts["tag_names"])
        self.offsets: NDArray[np.uint32] | NDArray[np.int64] = arrays["offsets"]
        self.blob: NDArray[np.uint8] = arrays["blob"]
        self.tags: NDArray[np.int32] = arrays["tags"]
        self.instants: NDArray[np.int64] = arrays["instants"]
        self.count = self.bounds[-1]
        # Single items come out of memoryviews in half the time that arrays take.
        self._offsets = self.offsets.data
        self._tags = self.tags.data
        self._text = self.blob.data
        self._found: dict[Term, int] = {}  # queries have the same properties and classes
        self._tag_numbers = {name: number for number, name in enumerate(self.tag_names)}

    def find(self, term: Term) -> int:
        """Return the number of a term, -1 if there is no such one."""
        if len(term.value) > _SHORT:
            return self._search(term)
        number = self._found.get(term)
        if number is None:
            if len(self._found) >= _REMEMBERED:
                self._found.clear()
            number = self._found[term] = self._search(term)
        return number

    def _search(self, term: Term) -> int:
        if term.tag and term.tag not in self._tag_numbers:
            return -1
        value, end = term.value.encode("utf-8", "surrogatepass"), self.bounds[term.kind + 1]
        number = self.find_lower(term.kind, value)
        while number < end and self.encoded(number) == value:
            if term.kind < Kind.LANGUAGE or self.tag(number) == term.tag:
                return number
            number += 1
        return -1

    def encoded(self, number: int) -> bytes:
        """Return a term's IRI, label or lexical form in UTF-8."""
        return self._text[self._offsets[number] : self._offsets[number + 1]].tobytes()

    def kind(self, number: int) -> Kind:
        """Return what a term is."""
        return _KINDS[bisect_right(self.bounds, number, 1, len(Kind)) - 1]

    def value(self, number: int) -> str:
        """Return a term's IRI, label or lexical form."""
        return str(self._text[self._offsets[number] : self._offsets[number + 1]], "utf-8")

    def tag(self, number: int) -> str:
        """Return a literal's language or its datatype's IRI; nothing for what has neither."""
        index = number - self.bounds[Kind.LANGUAGE]
        return self.tag_names[self._tags[index]] if index >= 0 else ""

    def values(self, numbers: Array) -> list[str]:
        """Return the values of terms, in the order of the numbers."""
        text = self._text
        starts, ends = self.offsets[numbers].tolist(), self.offsets[numbers + 1].tolist()
        return [str(text[start:end], "utf-8") for start, end in zip(starts, ends, strict=True)]

    def values_together(self, numbers: Array) -> tuple[str, list[int], list[int]] | None:
        """Return a text with the values of terms, and where each begins and ends in it.

        None where not all is ASCII without control characters, or too much stands between them.
        numbers: in order.
        """
        if not len(numbers):
            return None
        starts, ends = self.offsets[numbers], self.offsets[numbers + 1]
        first, last = int(starts[0]), int(ends[-1])
        if last - first > _APART * int((ends - starts).sum()):
            return None
        text = self.blob[first:last]
        if int(text.min(initial=_SPACE)) < _SPACE or int(text.max(initial=0)) > _TILDE:
            return None
        return str(text.data, "ascii"), (starts - first).tolist(), (ends - first).tolist()

    def find_lower(self, kind: Kind, value: bytes, begin: int = 0) -> int:
        """Return the first number of this kind whose value isn't less, else the next kind's.

        begin: a number before which there is none such; what is near it is found soonest.
        """
        low, end = max(begin, self.bounds[kind]), self.bounds[kind + 1]
        high = low + _NEAR if begin else end
        while high < end and self.encoded(high) < value:
            low, high = high + 1, high + _FARTHER * (high - low)
        return bisect_left(range(end), value, lo=low, hi=min(high, end), key=self.encoded)

    def find_prefixed(self, kind: Kind, prefix: str) -> tuple[int, int]:
        """Return the first number of this kind whose value begins so, and the last one's next."""
        begin = prefix.encode("utf-8", "surrogatepass")
        if not begin:
            return self.bounds[kind], self.bounds[kind + 1]
        after = begin[:-1] + bytes([begin[-1] + 1])  # no byte of UTF-8 is 255
        return self.find_lower(kind, begin), self.find_lower(kind, after)
