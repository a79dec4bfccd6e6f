"""The dataset of a query: a default graph, and named graphs (SPARQL 1.1 Query, 13)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np

from sparql_server.engine.columns.solutions.arrays import Mask, Numbers, pair
from sparql_server.engine.columns.solutions.number_search import are_among
from sparql_server.engine.columns.storage.nquads import DEFAULT
from sparql_server.engine.columns.storage.numbered_terms import Terms
from sparql_server.engine.columns.storage.triples import Columns, Property


class Triples(Protocol):
    """Triples, property by property: those of a graph, or of several."""

    @property
    def size(self) -> int:
        """The number of triples."""

    def properties(self) -> tuple[int, ...]:
        """Return the numbers of the predicates, in their order."""

    def property(self, number: int) -> Property | None:
        """Return the triples of a predicate, None if there are none."""


class Graphs:
    """The triples of some graphs as if these were one: what stands in several is there once."""

    def __init__(self, columns: Columns, graphs: Iterable[int]) -> None:
        parts = [columns.rows_of_graph(graph) for graph in graphs]
        self._columns = columns
        self._merged = len(parts) > 1
        self._rows = np.sort(np.concatenate(parts)) if parts else columns.graph_rows[:0]
        self._bounds = self._rows.searchsorted(columns.starts).tolist()
        self._places = {number: place for place, number in enumerate(columns.properties())}
        self._properties: dict[int, Property] = {}

    @property
    def size(self) -> int:
        """The number of triples, where none stands in two of the graphs."""
        return len(self._rows)

    def properties(self) -> tuple[int, ...]:
        """Return the numbers of the predicates, in their order."""
        bounds = self._bounds
        return tuple(
            number for number, place in self._places.items() if bounds[place] < bounds[place + 1]
        )

    def property(self, number: int) -> Property | None:
        """Return the triples of a predicate, None if there are none."""
        if number not in self._properties:
            place = self._places.get(number)
            if place is None or self._bounds[place] == self._bounds[place + 1]:
                return None
            self._properties[number] = self._make_property(place)
        return self._properties[number]

    def _make_property(self, place: int) -> Property:
        rows = self._rows[self._bounds[place] : self._bounds[place + 1]]
        columns = self._columns
        subjects, objects = columns.subjects[rows], columns.objects[rows]
        graphs = columns.graphs[rows]
        if self._merged:
            first = np.ones(len(rows), np.bool_)
            first[1:] = (subjects[1:] != subjects[:-1]) | (objects[1:] != objects[:-1])
            subjects, objects, graphs = subjects[first], objects[first], graphs[first]
        order = np.argsort(pair(objects, subjects), kind="stable")
        return Property(
            subjects,
            objects,
            subjects[order],
            objects[order],
            _count_distinct(subjects),
            _count_distinct(objects[order]),
            graphs,
            graphs[order],
        )


def _count_distinct(ordered: Numbers) -> int:
    return 1 + int(np.count_nonzero(np.diff(ordered)))


@dataclass(frozen=True)
class Dataset:
    """A release's triples as a query's dataset.

    default: the graphs that are merged to the default graph, None for all there are; ``DEFAULT`` is
    the release's own. named: the graphs that GRAPH finds, None for all that have a name.
    """

    columns: Columns
    default: tuple[int, ...] | None = None
    named: tuple[int, ...] | None = None

    @property
    def terms(self) -> Terms:
        """The terms of all triples."""
        return self.columns.terms

    @cached_property
    def default_graph(self) -> Triples:
        """The triples of the default graph."""
        if self.default is None:
            return self.columns
        return Graphs(self.columns, sorted(set(self.default)))

    @cached_property
    def named_graphs(self) -> Numbers:
        """The numbers of the named graphs, in order."""
        if self.named is not None:
            return np.unique(np.array(self.named, np.int32))
        names = self.columns.graph_names
        return names[names.searchsorted(DEFAULT + 1) :]

    def find_graph(self, number: int) -> Triples | None:
        """Return the triples of a named graph; None if there is no such one."""
        if not are_among(self.named_graphs, np.array([number], np.int32))[0]:
            return None
        return Graphs(self.columns, (number,))

    @cached_property
    def is_all_named(self) -> bool:
        """Each triple stands in a named graph of this dataset."""
        names = self.columns.graph_names
        return self.named is None and not (len(names) and names[0] == DEFAULT)

    def are_named(self, graphs: Numbers) -> Mask | None:
        """Tell which of some triples' graphs are named ones of this dataset; None: all are."""
        if self.named is None:
            return None if self.is_all_named else graphs > DEFAULT
        return are_among(self.named_graphs, graphs)
