"""The kinds of the records in columns: what tells them is found for all graphs at once."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
from numpy.typing import NDArray

from loader.transform.context import KBV
from sparql_server.engine.columns.algebra import Kind, Term
from sparql_server.engine.columns.storage.triples import Columns
from sparql_server.records.kinds import FULL_LEVEL, Traits, find_kind

_TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
_NOTHING = -1

Places = NDArray[np.int64]


def find_kinds(columns: Columns) -> list[str]:
    """Return the kind of each graph, in the order of ``graph_names``."""
    seen = _Graphs(columns)
    types = seen.types()
    items, instances = (seen.says_of_main(name) for name in ("itemOf", "instanceOf"))
    full = seen.has_level(FULL_LEVEL)
    return [
        find_kind(
            Traits(
                types.get(place, ()), bool(items[place]), bool(instances[place]), bool(full[place])
            )
            if main != _NOTHING
            else None
        )
        for place, main in enumerate(seen.mains.tolist())
    ]


class _Graphs:
    """Graphs by their places. mains: numbers of the main entities, ``_NOTHING`` without one."""

    def __init__(self, columns: Columns) -> None:
        self._columns = columns
        self.mains = np.full(len(columns.graph_names), _NOTHING, np.int64)
        _, objects, places = self._read(f"{KBV}mainEntity")
        first, end = columns.terms.bounds[Kind.IRI : Kind.IRI + 2]
        named = (first <= objects) & (objects < end)
        # The first of several counts: what is written last stays.
        self.mains[places[named][::-1]] = objects[named][::-1]
        self.mains[columns.graph_names < 0] = _NOTHING  # the default graph is no record

    def _read(self, iri: str) -> tuple[NDArray[np.int32], NDArray[np.int32], Places]:
        """Return subjects, objects and places of the graphs of a property's statements."""
        number = self._columns.terms.find(Term(Kind.IRI, iri))
        found = self._columns.property(number)
        if found is None:
            none = np.zeros(0, np.int32)
            return none, none, np.zeros(0, np.int64)
        return found.subjects, found.objects, self._columns.graph_names.searchsorted(found.graphs)

    def types(self) -> dict[int, list[str]]:
        """Return the names of the main entity's classes in KBV, by place."""
        subjects, objects, places = self._read(_TYPE)
        own = self.mains[places] == subjects
        found: dict[int, list[str]] = defaultdict(list)
        for place, number in zip(places[own].tolist(), objects[own].tolist(), strict=True):
            name = self._columns.terms.value(number)
            if name.startswith(KBV):
                found[place].append(name.removeprefix(KBV))
        return found

    def says_of_main(self, name: str) -> NDArray[np.bool_]:
        """Tell, by place, whether a property of KBV is said of the main entity."""
        subjects, _, places = self._read(f"{KBV}{name}")
        return self._mark(places[self.mains[places] == subjects])

    def has_level(self, level: str) -> NDArray[np.bool_]:
        """Tell, by place, whether anything there has an encoding level."""
        _, objects, places = self._read(f"{KBV}encodingLevel")
        return self._mark(places[objects == self._columns.terms.find(Term(Kind.IRI, level))])

    def _mark(self, places: Places) -> NDArray[np.bool_]:
        marks = np.zeros(len(self.mains), np.bool_)
        marks[places] = True
        return marks
