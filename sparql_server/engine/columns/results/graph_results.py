"""Triples that a CONSTRUCT makes and a DESCRIBE finds (SPARQL 1.1 Query, 16.2, 16.4)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np
import pyoxigraph as ox
from numpy.typing import NDArray

from sparql_server.engine.columns.algebra import Kind, Node, Term, Triple, Variable
from sparql_server.engine.columns.evaluation.joining.datasets import Dataset
from sparql_server.engine.columns.evaluation.joining.matching import Matching
from sparql_server.engine.columns.solutions.arrays import (
    Numbers,
    factorize,
    find_distinct,
    make_numbers,
    pair,
)
from sparql_server.engine.columns.solutions.query_terms import QueryTerms
from sparql_server.engine.columns.solutions.solutions import Solutions
from sparql_server.engine.columns.storage.nquads import DEFAULT
from sparql_server.engine.columns.storage.triples import Columns

_PART = 10_000  # triples whose terms are made at once

_Numbers = NDArray[np.int64]
_Mask = NDArray[np.bool_]
_Resource = ox.NamedNode | ox.BlankNode
_Node = _Resource | ox.Literal


@dataclass(frozen=True, slots=True)
class Statements:
    """Triples as columns of numbers; those from ``first`` on are blank nodes of their own."""

    subjects: _Numbers
    predicates: _Numbers
    objects: _Numbers
    terms: QueryTerms
    first: int

    def triples(self) -> Iterator[ox.Triple]:
        """Yield the triples."""
        return (ox.Triple(*nodes) for nodes in self.nodes())

    def nodes(self) -> Iterator[tuple[_Resource, ox.NamedNode, _Node]]:
        """Yield the subject, the predicate and the object of each."""
        for begin in range(0, len(self.subjects), _PART):
            here = slice(begin, begin + _PART)
            subjects = cast(list[_Resource], self._make_nodes(self.subjects[here]))
            predicates = cast(list[ox.NamedNode], self._make_nodes(self.predicates[here]))
            yield from zip(subjects, predicates, self._make_nodes(self.objects[here]), strict=True)

    def take(self, rows: _Mask) -> Statements:
        """Return those triples where a mask is true."""
        subjects, predicates, objects = (column[rows] for column in self._columns())
        return Statements(subjects, predicates, objects, self.terms, self.first)

    def _columns(self) -> tuple[_Numbers, _Numbers, _Numbers]:
        return self.subjects, self.predicates, self.objects

    def _make_nodes(self, column: _Numbers) -> list[_Node]:
        each, places = np.unique(column, return_inverse=True)
        nodes = [self._make_node(number) for number in each.tolist()]
        return [nodes[place] for place in places.tolist()]

    def _make_node(self, number: int) -> _Node:
        if number >= self.first:
            return ox.BlankNode(f"c{number - self.first}")
        return make_node(self.terms.term(number))


def make_node(term: Term) -> _Node:
    """Return a term as pyoxigraph has it."""
    if term.kind == Kind.IRI:
        return ox.NamedNode(term.value)
    if term.kind == Kind.BLANK:
        return ox.BlankNode(term.value)
    if term.kind == Kind.SIMPLE:
        return ox.Literal(term.value)
    if term.kind == Kind.LANGUAGE:
        return ox.Literal(term.value, language=term.tag)
    return ox.Literal(term.value, datatype=ox.NamedNode(term.tag))


# CONSTRUCT


def construct(template: Sequence[Triple], solutions: Solutions, terms: QueryTerms) -> Statements:
    """Return what a template makes of solutions, each triple once, blank nodes for each of them."""
    nodes = [each for triple in template for each in (triple.subject, triple.path, triple.object)]
    labels = {
        label: place
        for place, label in enumerate(
            dict.fromkeys(
                each.name
                for each in nodes
                if isinstance(each, Variable) and each.name[0] == "_" and each.name[1:2] == ":"
            )
        )
    }
    constants = {each: terms.number_constant(each) for each in nodes if isinstance(each, Term)}
    first = terms.count
    columns = [_make_column(each, solutions, constants, labels, first) for each in nodes]
    shape = (solutions.size, len(template))
    subjects, predicates, objects = (_interleave(columns[place::3], shape) for place in range(3))
    kept = _are_triples(subjects, predicates, objects, terms, first)
    return _drop_repeated(subjects[kept], predicates[kept], objects[kept], terms, first)


def _make_column(
    node: object,
    solutions: Solutions,
    constants: dict[Term, int],
    labels: dict[str, int],
    first: int,
) -> _Numbers:
    if isinstance(node, Term):
        return np.full(solutions.size, constants[node], np.int64)
    assert isinstance(node, Variable)
    if node.name in labels:
        rows = np.arange(solutions.size, dtype=np.int64)
        return first + rows * len(labels) + labels[node.name]
    return solutions.column(node.name).astype(np.int64)


def _interleave(columns: list[_Numbers], shape: tuple[int, int]) -> _Numbers:
    if not columns:
        return np.empty(0, np.int64)
    return np.stack(columns, 1).reshape(shape[0] * shape[1])


def _are_triples(
    subjects: _Numbers, predicates: _Numbers, objects: _Numbers, terms: QueryTerms, first: int
) -> _Mask:
    """Tell which are triples: others aren't made (16.2)."""
    return (
        _are(subjects, Kind.BLANK, Kind.IRI, terms, first)
        & _are(predicates, Kind.IRI, Kind.IRI, terms, first)
        & (objects >= 0)
    )


def _are(column: _Numbers, lowest: Kind, highest: Kind, terms: QueryTerms, first: int) -> _Mask:
    made = column >= first
    known = np.where(made, -1, column).astype(np.int32)
    found = terms.are(known, highest)
    if lowest != highest:
        found |= terms.are(known, lowest) | made
    return found


def _drop_repeated(
    subjects: _Numbers, predicates: _Numbers, objects: _Numbers, terms: QueryTerms, first: int
) -> Statements:
    if len(subjects):
        pairs = factorize((subjects << 32) | predicates)[1].astype(np.int64)
        rows = np.sort(factorize((pairs << 32) | objects)[0])
        subjects, predicates, objects = subjects[rows], predicates[rows], objects[rows]
    return Statements(subjects, predicates, objects, terms, first)


# Graphs


def read_graph(columns: Columns, name: Term | None) -> Statements | None:
    """Return the triples of a graph, subject by subject; None if there are none.

    name: None: of the default graph alone.
    """
    number = columns.terms.find(name) if name else DEFAULT
    is_there = number >= 0 or name is None
    rows = columns.rows_of_graph(number) if is_there else columns.graph_rows[:0]
    if not len(rows):
        return None
    places = columns.starts.searchsorted(rows, "right") - 1
    predicates = np.array(columns.properties(), np.int64)[places]
    order = np.argsort(columns.subjects[rows], kind="stable")
    subjects, objects = columns.subjects[rows][order], columns.objects[rows][order]
    return Statements(
        subjects.astype(np.int64),
        predicates[order],
        objects.astype(np.int64),
        QueryTerms(columns.terms),
        columns.terms.count,
    )


# DESCRIBE


def describe(
    nodes: Sequence[Node], solutions: Solutions, dataset: Dataset, terms: QueryTerms
) -> Statements:
    """Return the triples of resources, and of the blank nodes that these lead to."""
    left = _find_resources(nodes, solutions, terms)
    matching = Matching(dataset, terms, dataset.default_graph)
    seen = left
    found: list[tuple[Numbers, Numbers, Numbers]] = []
    while len(left):
        table = Solutions(len(left), {"s": left})
        for rows in matching.match_each_predicate(
            table, Variable("s"), Variable("p"), Variable("o")
        ):
            found.append((rows.columns["s"], rows.columns["p"], rows.columns["o"]))
        level = [objects for _, _, objects in found]
        objects = find_distinct(np.concatenate(level)) if level else left[:0]
        left = objects[terms.are(objects, Kind.BLANK)]
        left = left[~np.isin(left, seen)]
        seen = np.concatenate((seen, left))
    return _sort(found, seen, terms)


def _find_resources(nodes: Sequence[Node], solutions: Solutions, terms: QueryTerms) -> Numbers:
    """Return the terms to be described, each once: constants, and values of variables."""
    constants = [terms.number_constant(each) for each in nodes if isinstance(each, Term)]
    columns = [make_numbers(constants), *solutions.columns.values()]
    every = np.concatenate(columns) if columns else make_numbers([])
    every = every[terms.are_resources(every)]
    return every[np.sort(factorize(every)[0])] if len(every) else every


def _sort(
    found: list[tuple[Numbers, Numbers, Numbers]], seen: Numbers, terms: QueryTerms
) -> Statements:
    """Return triples in the order in which their subjects were met, each once."""
    if not found:
        none = np.empty(0, np.int64)
        return Statements(none, none, none, terms, terms.count)
    subjects, predicates, objects = (np.concatenate(column) for column in zip(*found, strict=True))
    order = np.argsort(seen)
    place = order[np.searchsorted(seen[order], subjects)]
    rows = np.lexsort((pair(predicates, objects), place))
    return _drop_repeated(
        subjects[rows].astype(np.int64),
        predicates[rows].astype(np.int64),
        objects[rows].astype(np.int64),
        terms,
        terms.count,
    )
