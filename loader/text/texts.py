"""The texts of a release: every literal of words, once, with the properties that have it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from loader.text.triples import Triples, find
from sparql_server.engine.columns.algebra import Kind
from sparql_server.engine.text.storage.layout import Literal

_TOGETHER = 50_000  # literals that are read at a time
_LETTER = re.compile(r"[^\W\d_]")


@dataclass(frozen=True, slots=True)
class Text:
    """A literal of words, and the IRIs of the properties that have it."""

    literal: Literal
    properties: tuple[str, ...]


def find_texts(triples: Triples) -> Iterator[Text]:
    """Yield the literals that have a letter in them: those of numbers and dates are no texts."""
    terms, first = triples.terms, triples.nodes
    end, tagged = terms.bounds[Kind.TYPED], terms.bounds[Kind.LANGUAGE]
    names = [terms.value(number) for number in triples.properties()]
    for begin in range(first, end, _TOGETHER):
        numbers = np.arange(begin, min(begin + _TOGETHER, end))
        used = _users(triples, begin, begin + len(numbers))
        for number, value in zip(numbers.tolist(), terms.values(numbers), strict=True):
            if number in used and _LETTER.search(value):
                language = terms.tag(number) if number >= tagged else ""
                properties = tuple(names[place] for place in used[number])
                yield Text(Literal(value, language), properties)


def find_some_texts(triples: Triples, numbers: NDArray[np.int64]) -> Iterator[Text]:
    """Yield those of these literals that are texts. numbers: sorted."""
    terms, tagged = triples.terms, triples.terms.bounds[Kind.LANGUAGE]
    names = [terms.value(number) for number in triples.properties()]
    used: dict[int, list[str]] = {}
    for place, number in enumerate(triples.properties()):
        objects = triples.by_object(number)
        if len(objects):
            at = np.minimum(find(objects, numbers), len(objects) - 1)
            for literal in numbers[objects[at] == numbers].tolist():
                used.setdefault(literal, []).append(names[place])
    for literal, value in zip(numbers.tolist(), terms.values(numbers), strict=True):
        if literal in used and _LETTER.search(value):
            language = terms.tag(literal) if literal >= tagged else ""
            yield Text(Literal(value, language), tuple(used[literal]))


def _users(triples: Triples, begin: int, end: int) -> dict[int, list[int]]:
    """Return which properties, by their places, have the literals with these numbers."""
    used: dict[int, list[int]] = {}
    for place, number in enumerate(triples.properties()):
        objects = triples.by_object(number)
        here = objects[slice(*find(objects, (begin, end)).tolist())]
        for literal in np.unique(here).tolist():
            used.setdefault(literal, []).append(place)
    return used
