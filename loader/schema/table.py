"""Counts of classes by property by kind of value, in arrays."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from loader.text.naming import TYPE
from loader.text.triples import Pairs, Triples
from sparql_server.engine.columns.algebra import Kind

_TOGETHER = 1_000_000  # triples that are looked at at a time
_LANG_STRING = "http://www.w3.org/1999/02/22-rdf-syntax-ns#langString"
_STRING = "http://www.w3.org/2001/XMLSchema#string"

Codes = NDArray[np.int64]


@dataclass(slots=True)
class Values:
    """Counts of values by class, datatype or language.

    count: of the triples. untyped: those whose value is a node of no class.
    """

    count: int = 0
    untyped: int = 0
    classes: dict[str, int] = field(default_factory=dict)
    datatypes: dict[str, int] = field(default_factory=dict)
    languages: dict[str, int] = field(default_factory=dict)


class Table:
    """Counts what things of each class have. classes: those that are counted, by number."""

    def __init__(self, triples: Triples, classes: list[int]) -> None:
        self._triples = triples
        self._classes = classes
        nodes, self._places = _memberships(triples, classes)
        self._starts = _find_starts(nodes, triples.nodes)

    def of(self, number: int) -> dict[int, Values]:
        """Return class, by number, to what its things have as values of a property."""
        found: dict[int, Values] = {}
        subjects, objects = self._triples.pairs(number)
        for begin in range(0, len(subjects), _TOGETHER):
            piece = slice(begin, begin + _TOGETHER)
            self._count(Pairs(subjects[piece], objects[piece]), found)
        return found

    def _count(self, pairs: Pairs, found: dict[int, Values]) -> None:
        rows, own = self._classes_of(pairs.subjects)
        for place, times in _counted(own):
            found.setdefault(self._classes[place], Values()).count += times
        objects = pairs.objects[rows]
        is_node = objects < self._triples.nodes
        self._count_nodes(own[is_node], objects[is_node], found)
        self._count_literals(own[~is_node], objects[~is_node], found)

    def _count_nodes(
        self, own: Codes, objects: NDArray[np.int32], found: dict[int, Values]
    ) -> None:
        rows, theirs = self._classes_of(objects)
        size = len(self._classes)
        for code, times in _counted(own[rows] * size + theirs):
            values = found[self._classes[code // size]]
            _add(values.classes, self._name(self._classes[code % size]), times)
        without = np.ones(len(objects), np.bool_)
        without[rows] = False
        for place, times in _counted(own[without]):
            found[self._classes[place]].untyped += times

    def _count_literals(
        self, own: Codes, objects: NDArray[np.int32], found: dict[int, Values]
    ) -> None:
        terms = self._triples.terms
        tagged, typed = terms.bounds[Kind.LANGUAGE], terms.bounds[Kind.TYPED]
        size = len(terms.tag_names) + 1
        tags = np.zeros(len(objects), np.int64)
        has_tag = objects >= tagged
        tags[has_tag] = terms.tags[objects[has_tag] - tagged] + 1
        is_typed = (objects >= typed).astype(np.int64)
        for code, times in _counted((own * size + tags) * 2 + is_typed):
            values = found[self._classes[code // 2 // size]]
            tag = code // 2 % size
            if not tag:
                _add(values.datatypes, _STRING, times)
            elif code % 2:
                _add(values.datatypes, terms.tag_names[tag - 1], times)
            else:
                _add(values.datatypes, _LANG_STRING, times)
                _add(values.languages, terms.tag_names[tag - 1], times)

    def _classes_of(self, nodes: NDArray[np.int32]) -> tuple[Codes, Codes]:
        """Return places in ``nodes``, and the class of the node there: as many as it has."""
        begins = self._starts[nodes]
        counts = self._starts[nodes + 1] - begins
        rows = np.repeat(np.arange(len(nodes)), counts)
        within = np.arange(len(rows)) - np.repeat(np.cumsum(counts) - counts, counts)
        return rows, self._places[np.repeat(begins, counts) + within]

    def _name(self, number: int) -> str:
        return self._triples.terms.value(number)


def _memberships(triples: Triples, classes: list[int]) -> tuple[NDArray[np.int32], Codes]:
    """Return nodes, sorted, and the place of a class that each is of, among ``classes``."""
    subjects, objects = triples.of(TYPE)
    numbers = np.array(classes, np.int64)
    order = np.argsort(numbers)
    counted = np.isin(objects, numbers)
    subjects, objects = subjects[counted], objects[counted]
    return subjects, order[np.searchsorted(numbers[order], objects)].astype(np.int64)


def _find_starts(nodes: NDArray[np.int32], size: int) -> Codes:
    """Return where each of ``size`` nodes begins among sorted ones, and where the last one ends."""
    starts = np.zeros(size + 1, np.int64)
    np.cumsum(np.bincount(nodes, minlength=size), out=starts[1:])
    return starts


def _counted(codes: Codes) -> Iterator[tuple[int, int]]:
    """Yield each of these numbers, and how often it is there."""
    if len(codes):
        least = int(codes.min())
        counts = np.bincount(codes - least)
        places = np.flatnonzero(counts)
        yield from zip((places + least).tolist(), counts[places].tolist(), strict=True)


def _add(counts: dict[str, int], name: str, times: int) -> None:
    counts[name] = counts.get(name, 0) + times
