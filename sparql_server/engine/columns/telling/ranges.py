"""Ranges in columns: where numbers stand in those of all properties, or of a few, at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from sparql_server.engine.columns.algebra import Kind
from sparql_server.engine.columns.solutions.arrays import find_distinct
from sparql_server.engine.columns.storage.triples import Columns

Numbers = NDArray[np.int32]
Places = NDArray[np.int64]

_FEW = 8  # numbers that are looked for in all properties at once


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows of columns: a property's place, and numbers of subjects, objects and graphs."""

    places: Places
    subjects: Numbers
    objects: Numbers
    graphs: Numbers

    def __len__(self) -> int:
        return len(self.places)

    def take(self, kept: NDArray[np.bool_] | Places) -> Rows:
        """Return the rows at these positions, or for which this is true."""
        return Rows(self.places[kept], self.subjects[kept], self.objects[kept], self.graphs[kept])


NO_ROWS = Rows(np.empty(0, np.int64), *(np.empty(0, np.int32) for _ in range(3)))


def join_rows(parts: Sequence[Rows]) -> Rows:
    """Return the rows of several parts."""
    if len(parts) < 2:
        return parts[0] if parts else NO_ROWS
    return Rows(
        *(
            np.concatenate([getattr(part, name) for part in parts])
            for name in ("places", "subjects", "objects", "graphs")
        )
    )


class Ranges:
    """The rows of columns, found by subject or by object.

    predicates: number of each property, by its place. with_blank_subjects, with_blank_objects:
    places of the properties that have any.
    """

    def __init__(self, columns: Columns) -> None:
        self.columns = columns
        self.terms = columns.terms
        self.starts = columns.starts
        self.predicates = np.array(columns.properties(), np.int64)
        self.first_iri = columns.terms.bounds[Kind.IRI]
        self.end_of_iris = columns.terms.bounds[Kind.IRI + 1]
        arrays = columns.by_object
        self._by_subject = (columns.subjects, columns.objects, columns.graphs)
        self._by_object = (arrays.objects, arrays.subjects, arrays.graphs)
        self.all_places = np.arange(len(self.predicates))
        self.with_blank_subjects = self._begin_blank(columns.subjects)
        self.with_blank_objects = self._begin_blank(arrays.objects)
        self._place_of = {number: place for place, number in enumerate(self.predicates.tolist())}

    def _begin_blank(self, keys: Numbers) -> Places:
        """Return the places of the properties whose first number is that of a blank node."""
        if not len(keys):
            return self.all_places
        return np.flatnonzero(keys[self.starts[:-1]] < self.first_iri)

    @cached_property
    def pointed_to_twice(self) -> Numbers:
        """Blank nodes that are objects of more than one triple, sorted; there are hardly any."""
        facts, blank = self.columns.facts, Kind.BLANK
        if facts["object_rows"][blank] == facts["objects"][blank]:
            return np.empty(0, np.int32)
        objects = self.columns.by_object.objects
        seen, again = np.zeros(self.first_iri, np.bool_), [np.empty(0, np.int32)]
        for place in self.with_blank_objects.tolist():
            here = objects[self.starts[place] : self.starts[place + 1]]
            here = here[: int(here.searchsorted(np.int32(self.first_iri)))]
            again += [here[1:][here[1:] == here[:-1]], here[seen[here]]]
            seen[here] = True
        return find_distinct(np.concatenate(again))

    def place(self, predicate: str) -> int:
        """Return the place of a property, -1 if nothing is said with it."""
        return self._place_of.get(self.columns.find_iri(predicate), -1)

    def places(self, predicates: Sequence[str]) -> Places:
        """Return the places of those properties with which anything is said."""
        found = (self.place(each) for each in predicates)
        return np.array([place for place in found if place >= 0], np.int64)

    def of_subjects(self, subjects: Numbers, places: Places | None = None) -> Rows:
        """Return the rows of subjects, which are sorted. places: of the properties; None: all."""
        return Rows(*self._read(self._by_subject, subjects, places))

    def of_objects(self, objects: Numbers, places: Places | None = None) -> Rows:
        """Return the rows of objects, which are sorted. places: as above."""
        where, keys, subjects, graphs = self._read(self._by_object, objects, places)
        return Rows(where, subjects, keys, graphs)

    def _read(
        self, arrays: tuple[Numbers, Numbers, Numbers], keys: Numbers, places: Places | None
    ) -> tuple[Places, Numbers, Numbers, Numbers]:
        """Return the rows of one order that have these keys: places, keys, others, graphs."""
        found = self._find(arrays[0], keys, places)
        rows, lengths = expand(found.begins, found.ends), found.ends - found.begins
        where, there = np.repeat(found.places, lengths), np.repeat(found.numbers, lengths)
        return where, there, arrays[1][rows], arrays[2][rows]

    def subjects_of(
        self, objects: Numbers, places: Places | None = None
    ) -> Iterator[tuple[int, Numbers]]:
        """Yield place and sorted subjects, as they stand there, for each property and object."""
        found = self._find(self._by_object[0], objects, places)
        subjects = self._by_object[1]
        ranges = found.places.tolist(), found.begins.tolist(), found.ends.tolist()
        for place, begin, end in zip(*ranges, strict=True):
            yield place, subjects[begin:end]

    def of_graph(self, graph: int) -> Rows:
        """Return the rows of a graph."""
        rows = self.columns.rows_of_graph(graph)
        places = self.starts.searchsorted(rows, "right") - 1
        subjects, objects, graphs = (array[rows] for array in self._by_subject)
        return Rows(places, subjects, objects, graphs)

    def _find(self, keys: Numbers, wanted: Numbers, places: Places | None) -> _Found:
        """Return where numbers stand among the keys of properties, as far as they do."""
        places = self.all_places if places is None else places
        begins, ends = self.starts[places], self.starts[places + 1]
        count = len(wanted)
        numbers = np.tile(wanted, len(places))
        low, high = np.repeat(begins, count), np.repeat(ends, count)
        if count <= _FEW < len(places):
            first = _find_lower(keys, low, high, numbers)
        else:
            pairs = zip(begins.tolist(), ends.tolist(), strict=True)
            none = [np.empty(0, np.int64)]
            found = [keys[begin:end].searchsorted(wanted) + begin for begin, end in pairs]
            first = np.concatenate(found or none)
        there = np.flatnonzero(first < high)
        there = there[keys[first[there]] == numbers[there]]
        first, numbers = first[there], numbers[there]
        last = _find_ends(keys, first, high[there], numbers)
        return _Found(np.repeat(places, count)[there], numbers, first, last)


@dataclass(frozen=True, slots=True)
class _Found:
    """Numbers, each with the property by which it stands somewhere, and where."""

    places: Places
    numbers: Numbers
    begins: Places
    ends: Places


def expand(begins: Places, ends: Places) -> Places:
    """Return all positions of ranges, one range after the other."""
    lengths = ends - begins
    total = int(lengths.sum())
    shift = begins - (np.cumsum(lengths) - lengths)
    return np.repeat(shift, lengths) + np.arange(total)


def _find_ends(keys: Numbers, first: Places, high: Places, numbers: Numbers) -> Places:
    """Return where numbers end that begin at these positions; most stand there once."""
    last = first + 1
    more = np.flatnonzero(last < high)
    more = more[keys[last[more]] == numbers[more]]
    last[more] = _find_lower(keys, last[more], high[more], numbers[more] + np.int32(1))
    return last


def _find_lower(keys: Numbers, low: Places, high: Places, wanted: Numbers) -> Places:
    """Return, of sorted ranges of keys, the first positions whose key isn't less."""
    order = np.argsort(low - high)  # the longest first: short ones take fewer steps
    place, ends, wanted = low[order], high[order], wanted[order]
    lengths = ends - place
    step = 1 << max(0, int(lengths[0]).bit_length() - 1) if len(lengths) else 0
    while step:
        count = int((lengths >= step).argmin()) or len(lengths)
        count = count if lengths[count - 1] >= step else 0
        ahead = place[:count] + step
        inside = ahead <= ends[:count]
        ahead[~inside] = 1  # whatever is there
        less = keys[ahead - 1] < wanted[:count]
        less &= inside
        place[:count] += less * step
        step >>= 1
    found = np.empty(len(place), np.int64)
    found[order] = place
    return found
