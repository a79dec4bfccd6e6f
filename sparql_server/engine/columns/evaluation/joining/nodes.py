"""The nodes of triples, their subjects and objects: where a path of length zero leads (18.4)."""

from __future__ import annotations

import numpy as np

from sparql_server.engine.columns.evaluation.joining.datasets import Triples
from sparql_server.engine.columns.solutions.arrays import Mask, Numbers
from sparql_server.engine.columns.solutions.number_search import are_among, find, spread
from sparql_server.engine.columns.storage.triples import Columns

_NO: Numbers = np.empty(0, np.int32)


class Nodes:
    """The nodes of some of a release's triples."""

    def __init__(self, columns: Columns, triples: Triples) -> None:
        self._columns = columns
        self._triples = triples
        self._all: Numbers | None = None

    def find_all(self) -> Numbers:
        """Return every subject and object, sorted."""
        if self._all is None:
            met = np.zeros(self._columns.terms.count, np.bool_)
            for number in self._triples.properties():
                triples = self._triples.property(number)
                assert triples is not None
                met[triples.subjects] = True
                met[triples.objects] = True
            self._all = np.flatnonzero(met).astype(np.int32)
        return self._all

    def find_among(self, terms: Numbers) -> Numbers:
        """Return those of some terms that are nodes: only they are a variable's values (18.4)."""
        columns = self._columns
        known = terms[terms < columns.terms.count]
        unsure = np.ones(len(known), np.bool_)
        if self._triples is columns:
            unsure = np.isin(known, columns.properties()) | np.isin(known, columns.graph_names)
        unsure[unsure] = ~self._are_ends(known[unsure])
        return known[~unsure]

    def find_quads_of(self, terms: Numbers) -> tuple[Numbers, Numbers]:
        """Return terms with the graph of each triple that they are an end of. terms: in order."""
        ends, graphs = [_NO], [_NO]
        for number in self._triples.properties():
            triples = self._triples.property(number)
            assert triples is not None
            for ordered, of_graph in (
                (triples.subjects, triples.graphs),
                (triples.by_object_objects, triples.by_object_graphs),
            ):
                begin, end = find(ordered, terms)
                if (end > begin).any():
                    rows, places = spread(begin, end)
                    ends.append(terms[rows])
                    graphs.append(of_graph[places])
        return np.concatenate(ends), np.concatenate(graphs)

    def _are_ends(self, terms: Numbers) -> Mask:
        """Tell which terms stand in a triple as its subject or its object."""
        met = np.zeros(len(terms), np.bool_)
        for number in self._triples.properties():
            triples = self._triples.property(number)
            assert triples is not None
            for ordered in (triples.subjects, triples.by_object_objects):
                lacking = np.flatnonzero(~met)
                if not len(lacking):
                    return met
                met[lacking] = are_among(ordered, terms[lacking])
        return met
