"""A release's triples, property by property."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sparql_server.engine.columns.algebra import Kind, Term
from sparql_server.engine.columns.storage.layout import Array, ColumnsError, map_arrays
from sparql_server.engine.columns.storage.numbered_terms import Terms

Numbers = NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Property:
    """The triples of one predicate, twice; what several graphs have is there as many times.

    subjects, objects: sorted by subject, then by object. by_object_subjects, by_object_objects:
    sorted by object, then by subject. graphs, by_object_graphs: numbers of the graphs that these
    stand in, ``DEFAULT`` for the default graph.
    """

    subjects: Numbers
    objects: Numbers
    by_object_subjects: Numbers
    by_object_objects: Numbers
    distinct_subjects: int
    distinct_objects: int
    graphs: Numbers
    by_object_graphs: Numbers

    @property
    def single(self) -> bool:
        """No subject stands in two of the triples."""
        return self.distinct_subjects == len(self.subjects)


@dataclass(frozen=True, slots=True)
class ByObject:
    """All triples, predicate by predicate, each sorted by object, then by subject."""

    objects: Numbers
    subjects: Numbers
    graphs: Numbers


class Columns:
    """The triples of all graphs. size: how many. A property's arrays are views.

    facts: what is counted when columns are made. ``quads``; ``triples``, each once whatever graphs
    it stands in; ``graphs``, the default one included if it has triples; ``subjects`` and
    ``objects``: of each kind, how many different ones; ``subject_rows`` and ``object_rows``: of
    each kind, in how many quads.

    subjects, objects, graphs: of all of them, predicate by predicate in the order of
    ``properties``, each as ``Property`` has them; starts: where each predicate begins, and the end.
    by_object: the same in the other order. graph_names: numbers of the graphs that have triples,
    sorted. graph_rows: positions in these
    arrays, graph by graph; graph_starts: where each graph begins among them, and the end.
    """

    def __init__(self, arrays: Mapping[str, Array], facts: Mapping[str, Any]) -> None:
        self._arrays = arrays
        self.facts = facts
        self.terms = Terms(self._arrays, facts)
        self.subjects: Numbers = self._arrays["subjects"]
        self.objects: Numbers = self._arrays["objects"]
        self.graphs: Numbers = self._arrays["graphs"]
        self.starts: NDArray[np.int64] = self._arrays["starts"]
        self.by_object = ByObject(
            *(self._arrays[f"by_object_{name}"] for name in ("objects", "subjects", "graphs"))
        )
        self.graph_names: Numbers = self._arrays["graph_names"]
        self.graph_starts: NDArray[np.int64] = self._arrays["graph_starts"]
        self.graph_rows: NDArray[np.int32] | NDArray[np.int64] = self._arrays["graph_rows"]
        self.size = len(self.subjects)
        predicates = self._arrays["predicates"].tolist()
        self._places = {number: place for place, number in enumerate(predicates)}
        self._properties: dict[int, Property] = {}

    @classmethod
    def of(cls, folder: Path) -> Columns:
        """Return the columns in a folder, mapped. Raises ColumnsError."""
        arrays, facts = map_arrays(folder)
        try:
            return cls(arrays, facts)
        except (KeyError, TypeError, ValueError, IndexError) as error:
            raise ColumnsError(f"{folder} has no columns: {error!r}") from error

    def properties(self) -> tuple[int, ...]:
        """Return the numbers of the predicates, in their order."""
        return tuple(self._places)

    def property(self, number: int) -> Property | None:
        """Return the triples of a predicate, None if there are none."""
        if number not in self._properties:
            place = self._places.get(number)
            if place is None:
                return None
            self._properties[number] = self._property(place)
        return self._properties[number]

    def find_iri(self, iri: str) -> int:
        """Return the number of an IRI, -1 if it isn't there."""
        return self.terms.find(Term(Kind.IRI, iri))

    def rows_of_graph(self, graph: int) -> NDArray[np.int32] | NDArray[np.int64]:
        """Return the positions of a graph's triples in ``subjects`` and the like, in order."""
        # Of the same type, or all of the names would be converted.
        place = int(self.graph_names.searchsorted(np.int32(graph)))
        if place == len(self.graph_names) or self.graph_names[place] != graph:
            return self.graph_rows[:0]
        return self.graph_rows[self.graph_starts[place] : self.graph_starts[place + 1]]

    def _property(self, place: int) -> Property:
        arrays = self._arrays
        here = slice(*arrays["starts"][place : place + 2].tolist())
        return Property(
            arrays["subjects"][here],
            arrays["objects"][here],
            arrays["by_object_subjects"][here],
            arrays["by_object_objects"][here],
            int(arrays["distinct_subjects"][place]),
            int(arrays["distinct_objects"][place]),
            arrays["graphs"][here],
            arrays["by_object_graphs"][here],
        )
