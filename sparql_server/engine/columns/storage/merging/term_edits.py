"""Reads the terms of columns, finds others' places among them, and puts these there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sparql_server.engine.columns.algebra import Kind
from sparql_server.engine.columns.storage.byte_strings import Integers, Texts
from sparql_server.engine.columns.storage.dictionary import DictionaryWriter, read_pieces
from sparql_server.engine.columns.storage.layout import ArrayWriter
from sparql_server.engine.columns.storage.merging.quad_edits import Part
from sparql_server.engine.columns.storage.numbered_terms import Terms

Mask = NDArray[np.bool_]

_PIECE = 1 << 18  # terms that are edited at once


def locate_terms(base: Terms, added: Terms) -> tuple[Integers, Mask]:
    """Return where each added term is in the base, or belongs; and whether it is there."""
    places, there = [], []
    for kind in Kind:
        place, end = base.bounds[kind : kind + 2]
        for number in range(*added.bounds[kind : kind + 2]):
            value, tag = added.encoded(number), added.tag(number).encode()
            place = base.find_lower(kind, value, place)
            while place < end and base.encoded(place) == value and base.tag(place).encode() < tag:
                place += 1
            places.append(place)
            there.append(
                place < end and base.encoded(place) == value and base.tag(place).encode() == tag
            )
    return np.array(places, np.int64), np.array(there, np.bool_)


class TermReader:
    """Reads values and tags of terms. names: those of tags, in whose places they are given."""

    def __init__(self, part: Part, names: Sequence[bytes]) -> None:
        terms = part.columns.terms
        self._files = part.files
        self._first = terms.bounds[Kind.LANGUAGE]
        known = {name: place for place, name in enumerate(names)}
        places = [known.get(name.encode(), -1) for name in terms.tag_names]
        self._places = np.array([*places, -1], np.int64)

    def read(self, kind: Kind, numbers: Integers) -> tuple[Texts, Integers]:
        """Return values and tags of terms, whose numbers are sorted."""
        if not len(numbers):
            return Texts(np.zeros(8, np.uint8), numbers, numbers), numbers
        begin, end = int(numbers[0]), int(numbers[-1]) + 1
        offsets = self._files["offsets"].read(begin, end + 1).astype(np.int64)
        values = self._files["blob"].read(int(offsets[0]), int(offsets[-1]))
        blob = np.concatenate([values, np.zeros(8, np.uint8)])
        offsets -= offsets[0]
        texts = Texts(blob, offsets[:-1], np.diff(offsets)).take(numbers - begin)
        tags = np.zeros(len(numbers), np.int64)
        if kind >= Kind.LANGUAGE:
            own = self._files["tags"].read(begin - self._first, end - self._first)
            tags = self._places[own[numbers - begin]]
        return texts, tags


def edit_terms(
    piece: tuple[Texts, Integers],
    removed: Integers,
    added: tuple[Texts, Integers],
    points: Integers,
) -> tuple[Texts, Integers]:
    """Return values and tags without those at some places, and with others at points."""
    (texts, tags), (new_texts, new_tags) = piece, added
    at = points - np.searchsorted(removed, points)
    starts, lengths, tags = (
        np.insert(np.delete(old, removed), at, new)
        for old, new in (
            (texts.starts, new_texts.starts + len(texts.blob)),
            (texts.lengths, new_texts.lengths),
            (tags, new_tags),
        )
    )
    return Texts(np.concatenate([texts.blob, new_texts.blob]), starts, lengths), tags


class TermEdits:
    """The terms of columns: which stay, go and come, and their new numbers.

    removed: terms of the base that go, sorted. points: before which of them others come.
    """

    def __init__(self, base: Part, added: Part, removed: Integers, points: Integers) -> None:
        self._base = base
        self._added = added
        self._removed = removed
        self._points = points

    def write(self, writer: ArrayWriter, scratch: ArrayWriter, new: Integers) -> dict[str, Any]:
        """Write the dictionary; return what there is to say of it.

        new: which of the added terms come.
        """
        names = self._list_tag_names()
        dictionary = DictionaryWriter(writer, scratch, names)
        base, added = (TermReader(part, names) for part in (self._base, self._added))
        for kind in Kind:
            first, last = np.searchsorted(new, _bounds(self._added, kind))
            texts, tags = added.read(kind, new[first:last])
            points = self._points[first:last]
            for start, stop, coming in _split(*_bounds(self._base, kind), points):
                places = np.searchsorted(self._removed, (start, stop))
                edited = edit_terms(
                    base.read(kind, np.arange(start, stop)),
                    self._removed[slice(*places)] - start,
                    (texts.take(np.arange(coming.start, coming.stop)), tags[coming]),
                    points[coming] - start,
                )
                dictionary.write(kind, *edited)
        return dictionary.finish()

    def _list_tag_names(self) -> list[bytes]:
        terms, removed = self._base.columns.terms, self._removed
        uses = np.zeros(len(terms.tag_names), np.int64)
        for piece in read_pieces(self._base.files["tags"]):
            uses += np.bincount(piece, minlength=len(uses))
        tagged = removed[removed >= terms.bounds[Kind.LANGUAGE]] - terms.bounds[Kind.LANGUAGE]
        uses -= np.bincount(terms.tags[tagged], minlength=len(uses))
        used = {name for name, count in zip(terms.tag_names, uses, strict=True) if count}
        return sorted(name.encode() for name in used | set(self._added.columns.terms.tag_names))


def _bounds(part: Part, kind: Kind) -> tuple[int, int]:
    begin, end = part.columns.terms.bounds[kind : kind + 2]
    return begin, end


def _split(begin: int, end: int, points: Integers) -> Iterator[tuple[int, int, slice]]:
    """Yield ranges of terms, at least one, and which of those that come belong to each."""
    first = 0
    for start in range(begin, end, _PIECE) or (begin,):
        stop = min(start + _PIECE, end)
        last = len(points) if stop == end else int(np.searchsorted(points, stop))
        yield start, stop, slice(first, last)
        first = last
