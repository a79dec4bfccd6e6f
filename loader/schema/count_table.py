"""Counts of classes by property by kind of value, in arrays.

Nodes of the same classes are counted as one kind of nodes, of which there are few.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from loader.schema.node_kinds import NodeKinds
from loader.text.triples import Pairs, Triples
from sparql_server.engine.columns.algebra import Kind

_TOGETHER = 1 << 18  # triples that are looked at at a time: a processor's cache has room for them
_FEW = 1 << 16
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
        self._kinds = NodeKinds.of(triples, classes)
        # A value is a node of a kind, or a literal: with a tag or none, and with a type or not.
        self._values = self._kinds.size + 2 * (len(triples.terms.tag_names) + 1)

    def of(self, number: int) -> dict[int, Values]:
        """Return class, by number, to what its things have as values of a property."""
        found: dict[int, Values] = {}
        subjects, objects = self._triples.pairs(number)
        for begin in range(0, len(subjects), _TOGETHER):
            piece = slice(begin, begin + _TOGETHER)
            self._count(Pairs(subjects[piece], objects[piece]), found)
        return found

    def _count(self, pairs: Pairs, found: dict[int, Values]) -> None:
        codes = self._kinds.of_nodes[pairs.subjects].astype(np.int64)
        codes *= self._values
        codes += self._describe(pairs.objects)
        codes, times = _count_each(codes)
        kinds, values = np.divmod(codes, self._values)
        rows, own = self._kinds.list_classes(kinds)
        times, values = times[rows], values[rows]
        for place, total in _sum(own, times):
            found.setdefault(self._classes[place], Values()).count += total
        is_node = values < self._kinds.size
        self._count_nodes(own[is_node], values[is_node], times[is_node], found)
        literals = values[~is_node] - self._kinds.size
        self._count_literals(own[~is_node], literals, times[~is_node], found)

    def _describe(self, objects: NDArray[np.int32]) -> Codes:
        """Return of each object the kind of node it is; of a literal, its tag and type."""
        terms = self._triples.terms
        tagged, typed = terms.bounds[Kind.LANGUAGE], terms.bounds[Kind.TYPED]
        values = np.full(len(objects), self._kinds.size, np.int64)
        is_node, has_tag = objects < self._triples.nodes, objects >= tagged
        values[is_node] = self._kinds.of_nodes[objects[is_node]]
        tags = terms.tags[objects[has_tag] - tagged].astype(np.int64) + 1
        values[has_tag] += 2 * tags + (objects[has_tag] >= typed)
        return values

    def _count_nodes(
        self, own: Codes, kinds: Codes, times: Codes, found: dict[int, Values]
    ) -> None:
        rows, theirs = self._kinds.list_classes(kinds)
        size = len(self._classes)
        for code, total in _sum(own[rows] * size + theirs, times[rows]):
            values = found[self._classes[code // size]]
            _add(values.classes, self._name(self._classes[code % size]), total)
        without = np.ones(len(kinds), np.bool_)
        without[rows] = False
        for place, total in _sum(own[without], times[without]):
            found[self._classes[place]].untyped += total

    def _count_literals(
        self, own: Codes, literals: Codes, times: Codes, found: dict[int, Values]
    ) -> None:
        names = self._triples.terms.tag_names
        size = 2 * (len(names) + 1)
        for code, total in _sum(own * size + literals, times):
            values = found[self._classes[code // size]]
            tag = code % size // 2
            if not tag:
                _add(values.datatypes, _STRING, total)
            elif code % 2:
                _add(values.datatypes, names[tag - 1], total)
            else:
                _add(values.datatypes, _LANG_STRING, total)
                _add(values.languages, names[tag - 1], total)

    def _name(self, number: int) -> str:
        return self._triples.terms.value(number)


def _count_each(codes: Codes) -> tuple[Codes, Codes]:
    """Return different numbers, sorted, and how often each is there."""
    most = int(codes.max()) if len(codes) else 0
    if most > _FEW + len(codes):
        codes, counts = np.unique(codes, return_counts=True)
        return codes, counts
    counts = np.bincount(codes)
    places = np.flatnonzero(counts)
    return places, counts[places]


def _sum(codes: Codes, times: Codes) -> Iterator[tuple[int, int]]:
    """Yield each of these numbers, and the sum of the times it is there."""
    each, places = np.unique(codes, return_inverse=True)
    sums = np.zeros(len(each), np.int64)
    np.add.at(sums, places, times)
    yield from zip(each.tolist(), sums.tolist(), strict=True)


def _add(counts: dict[str, int], name: str, times: int) -> None:
    counts[name] = counts.get(name, 0) + times
