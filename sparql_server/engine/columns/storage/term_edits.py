"""Reads the terms of columns, finds others' places among them, and puts these there."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from sparql_server.engine.columns.algebra import Kind
from sparql_server.engine.columns.storage.layout import ArrayFile
from sparql_server.engine.columns.storage.numbered_terms import Terms
from sparql_server.engine.columns.storage.texts import Integers, Texts

Mask = NDArray[np.bool_]


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

    def __init__(self, terms: Terms, files: dict[str, ArrayFile], names: Sequence[bytes]) -> None:
        self._files = files
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
