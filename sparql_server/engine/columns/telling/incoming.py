"""Finds what points to things in columns: by which paths of properties, how often, which things.

A path leads from a thing with an IRI over blank nodes. The members of a list (rdf:first) are
pointed to by whatever has the list: how far on in it they stand is no matter.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from sparql_server.engine.columns.solutions.arrays import find_distinct
from sparql_server.engine.columns.telling.ranges import NO_ROWS, Numbers, Places, Ranges
from sparql_server.sparql.namespaces import RDF_FIRST, RDF_REST

_STEPS = 3  # properties that lead to a thing from one with an IRI, beside that of a list
_SAMPLE = 8  # blank nodes by which it is found out what points to all of them
_LONGEST = 10_000  # members of a list that are gone along

Path = tuple[int, ...]
"""The places of properties, from the thing that points."""


@dataclass(slots=True)
class Sources:
    """Things that point by a path: sorted numbers, in pieces. own: things that don't count."""

    pieces: list[Numbers]
    own: Numbers
    is_distinct: bool

    def count(self) -> int:
        """Return how many there are."""
        every = self.join()
        inside = every.searchsorted(self.own, "right") - every.searchsorted(self.own)
        return len(every) - int(inside.sum())

    def part(self, offset: int, limit: int) -> list[int]:
        """Return some of them, in order."""
        every = self.join()
        places = every.searchsorted(self.own)
        if (every.searchsorted(self.own, "right") > places).any():
            every = every[~np.isin(every, self.own)]
        numbers: list[int] = every[offset : offset + limit].tolist()
        return numbers

    def keep(self, others: Sequence[Numbers]) -> None:
        """Keep those that stand in one of several sorted arrays."""
        every = self.join()
        kept = np.zeros(len(every), np.bool_)
        for numbers in others:
            kept |= numbers.searchsorted(every, "right") > numbers.searchsorted(every)
        self.pieces = [every[kept]]

    def join(self) -> Numbers:
        """Return all of them, each once; done once."""
        if len(self.pieces) > 1 or not self.is_distinct:
            self.pieces = [find_distinct(np.concatenate(self.pieces))]
            self.is_distinct = True
        return self.pieces[0]


class Incoming:
    """Finds what points to things.

    targets: their numbers, sorted. only: the path by which; None: all paths.
    """

    def __init__(self, ranges: Ranges, targets: Numbers, only: Path | None = None) -> None:
        self._ranges = ranges
        self._targets = targets
        self._only = only
        self._first, self._rest = ranges.place(RDF_FIRST), ranges.place(RDF_REST)
        facts = ranges.columns.facts
        self._is_distinct = facts["quads"] == facts["triples"]

    def find(self) -> dict[Path, Sources]:
        """Return the things that point, by the path."""
        found: dict[Path, Sources] = {}
        waiting = list(self._start(found))
        while waiting:
            path, blank = waiting.pop()
            if path[0] == self._first:
                blank = self._add_list_heads(blank)
            if sum(place != self._first for place in path) < _STEPS:
                waiting += self._climb(path, blank, found)
        return found

    def _start(self, found: dict[Path, Sources]) -> Iterator[tuple[Path, Numbers]]:
        """Note what points directly; yield which blank nodes do, by the path."""
        ranges = self._ranges
        blank: dict[int, list[Numbers]] = {}
        for place, subjects in ranges.subjects_of(self._targets, self._wanted(())):
            split = int(subjects.searchsorted(np.int32(ranges.first_iri)))
            if split < len(subjects):
                self._note(found, (place,), subjects[split:], self._is_distinct)
            if split and place != self._rest:
                blank.setdefault(place, []).append(subjects[:split])
        for place, pieces in blank.items():
            yield (place,), Sources(pieces, self._targets, self._is_distinct).join()

    def _note(
        self, found: dict[Path, Sources], path: Path, subjects: Numbers, is_distinct: bool
    ) -> None:
        if self._only is not None and path != self._only:
            return
        there = found.setdefault(path, Sources([], self._targets, is_distinct))
        there.pieces.append(subjects)

    def _wanted(self, path: Path) -> Places | None:
        """Return the places of the properties that may come before a path; None: all."""
        if self._only is None:
            return None
        return np.array(self._only[: len(self._only) - len(path)][-1:], np.int64)

    def _climb(
        self, path: Path, blank: Numbers, found: dict[Path, Sources]
    ) -> Iterator[tuple[Path, Numbers]]:
        """Note what points to blank nodes; yield the blank nodes among that, by the path."""
        ranges = self._ranges
        wanted = self._wanted(path)
        if wanted is None:
            wanted = ranges.with_blank_objects
            wanted = wanted[wanted != self._rest]
            if self._first in path:
                wanted = wanted[wanted != self._first]
        for place, subjects in find_parents(ranges, blank, wanted):
            subjects = find_distinct(subjects)
            split = int(subjects.searchsorted(np.int32(ranges.first_iri)))
            if split < len(subjects):
                self._note(found, (place, *path), subjects[split:], True)
            if split:
                yield (place, *path), subjects[:split]

    def _add_list_heads(self, cells: Numbers) -> Numbers:
        """Return cells of lists, and those before them in their lists."""
        place = np.array([self._rest] if self._rest >= 0 else [], np.int64)
        new = every = cells
        for _ in range(_LONGEST):
            before = self._ranges.of_objects(new, place).subjects
            new = np.setdiff1d(before[before < self._ranges.first_iri], every)
            if not len(new):
                break
            every = np.union1d(every, new)
        return every


def find_parents(ranges: Ranges, blank: Numbers, wanted: Places) -> Iterator[tuple[int, Numbers]]:
    """Yield place and subjects of the properties that have blank nodes as objects."""
    several = ranges.pointed_to_twice
    for place in _find_usual(ranges, blank, wanted) if len(blank) > _SAMPLE else ():
        rows = ranges.of_objects(blank, np.array([place]))
        yield place, rows.subjects
        waiting = np.ones(len(blank), np.bool_)
        waiting[blank.searchsorted(rows.objects)] = False
        waiting[_find_positions(blank, several)] = True
        blank = blank[waiting]
        wanted = wanted[wanted != place]
    rows = ranges.of_objects(blank, wanted) if len(blank) else NO_ROWS
    for place in find_distinct(rows.places).tolist():
        yield place, rows.subjects[rows.places == place]


def _find_positions(numbers: Numbers, wanted: Numbers) -> Places:
    """Return where those of the wanted stand in sorted numbers that are there."""
    places = numbers.searchsorted(wanted)
    inside = places < len(numbers)
    places = places[inside]
    found: Places = places[numbers[places] == wanted[inside]]
    return found


def _find_usual(ranges: Ranges, blank: Numbers, wanted: Places) -> list[int]:
    """Return the places of properties that have many of the blank nodes as objects."""
    sample = blank[:: len(blank) // _SAMPLE][:_SAMPLE]
    places, counts = np.unique(ranges.of_objects(sample, wanted).places, return_counts=True)
    order: list[int] = places[np.argsort(-counts, kind="stable")].tolist()
    return order
