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
    alone = [(name,) for name in names]
    for begin in range(first, end, _TOGETHER):
        numbers = np.arange(begin, min(begin + _TOGETHER, end))
        starts, users = _find_users(triples, begin, begin + len(numbers))
        rows = zip(numbers.tolist(), terms.values(numbers), starts, starts[1:], strict=False)
        for number, value, start, stop in rows:
            if start < stop and _LETTER.search(value):
                language = terms.tag(number) if number >= tagged else ""
                if stop == start + 1:
                    properties: tuple[str, ...] = alone[users[start]]
                else:
                    properties = tuple(names[place] for place in users[start:stop])
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


def _find_users(triples: Triples, begin: int, end: int) -> tuple[list[int], list[int]]:
    """Return the properties that have the literals with these numbers.

    Where each literal's begin, and the last one's end; and the places of them all, in order.
    """
    literals, users = [np.empty(0, np.int32)], [np.empty(0, np.int32)]
    for place, number in enumerate(triples.properties()):
        objects = triples.by_object(number)
        here = objects[slice(*find(objects, (begin, end)).tolist())]
        literals.append(here[np.flatnonzero(np.diff(here, prepend=np.int32(-1)))])
        users.append(np.full(len(literals[-1]), place, np.int32))
    found = np.concatenate(literals)
    order = np.argsort(found, kind="stable")
    starts = find(found[order], np.arange(begin, end + 1))
    return starts.tolist(), np.concatenate(users)[order].tolist()
