"""The triples of all graphs, subject by subject, in memory that doesn't grow with them."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyoxigraph as ox

from sparql_server.engine.columns.algebra import Kind
from sparql_server.engine.columns.results.graph_results import Statements
from sparql_server.engine.columns.solutions.arrays import Numbers, find_distinct, make_numbers
from sparql_server.engine.columns.solutions.query_terms import QueryTerms
from sparql_server.engine.columns.storage.nquads import DEFAULT
from sparql_server.engine.columns.storage.triples import Columns

_SUBJECTS = 20_000  # that are read at once, by their numbers


def read_triples(columns: Columns) -> Iterator[ox.Triple]:
    """Yield each triple once, whatever graphs it stands in."""
    for statements, graphs in _read_pieces(columns):
        new = np.ones(len(graphs), np.bool_)
        every = (statements.subjects, statements.predicates, statements.objects)
        new[1:] = np.logical_or.reduce([column[1:] != column[:-1] for column in every])
        yield from statements.take(new).triples()


def read_quads(columns: Columns) -> Iterator[ox.Quad]:
    """Yield each triple in each graph that it stands in."""
    for statements, graphs in _read_pieces(columns):
        names = {number: _name_graph(columns, number) for number in find_distinct(graphs).tolist()}
        for triple, graph in zip(statements.nodes(), graphs.tolist(), strict=True):
            yield ox.Quad(*triple, names[graph])


def _name_graph(columns: Columns, number: int) -> ox.NamedNode | ox.BlankNode | ox.DefaultGraph:
    if number == DEFAULT:
        return ox.DefaultGraph()
    value = columns.terms.value(number)
    return ox.NamedNode(value) if columns.terms.kind(number) == Kind.IRI else ox.BlankNode(value)


def _read_pieces(columns: Columns) -> Iterator[tuple[Statements, Numbers]]:
    """Yield triples with their graphs: all of some subjects, in order, by their predicates."""
    end = columns.terms.bounds[Kind.SIMPLE]  # no literal is a subject
    bounds = make_numbers([*range(0, end, _SUBJECTS), end])
    properties = [columns.property(number) for number in columns.properties()]
    numbers = np.array(columns.properties(), np.int64)
    places = np.array([pairs.subjects.searchsorted(bounds) for pairs in properties if pairs])
    terms = QueryTerms(columns.terms)
    for begins, ends in zip(places.T[:-1], places.T[1:], strict=True):
        these = np.flatnonzero(begins < ends).tolist()
        if not these:
            continue
        parts = [
            (found.subjects[here], found.objects[here], found.graphs[here])
            for place in these
            if (found := properties[place]) and (here := slice(begins[place], ends[place]))
        ]
        subjects, objects, graphs = map(np.concatenate, zip(*parts, strict=True))
        order = np.argsort(subjects, kind="stable")
        predicates = np.repeat(numbers[these], (ends - begins)[these])
        yield (
            Statements(
                subjects[order].astype(np.int64),
                predicates[order],
                objects[order].astype(np.int64),
                terms,
                columns.terms.count,
            ),
            graphs[order],
        )
