"""Joins solutions with a triple pattern or a property path (18.3, 18.4)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from sparql_server.engine.columns.algebra import (
    Alternative,
    Inverse,
    Negated,
    Node,
    Path,
    Repeat,
    Sequence,
    Term,
    Triple,
    Variable,
)
from sparql_server.engine.columns.evaluation.joining.datasets import Dataset, Triples
from sparql_server.engine.columns.evaluation.joining.pair_tables import (
    Names,
    extend,
    match_ends,
    multiply,
    narrow_ends,
)
from sparql_server.engine.columns.evaluation.joining.pairs import (
    Pairs,
    make_pairs,
)
from sparql_server.engine.columns.evaluation.joining.paths import Known, Paths, list_name
from sparql_server.engine.columns.evaluation.joining.quads import End, match_quads
from sparql_server.engine.columns.evaluation.joining.restrictions import (
    Restrictions,
    is_within,
    spans_of,
)
from sparql_server.engine.columns.solutions.arrays import (
    check_size,
    find_distinct,
    make_numbers,
)
from sparql_server.engine.columns.solutions.query_terms import QueryTerms
from sparql_server.engine.columns.solutions.solutions import Solutions, concatenate

_ANY: Restrictions = {}


class Matching:
    """Matches patterns with the triples of a graph, or of each named graph.

    graph: the column that has the graph which a row's patterns stand in; None where all stand in
    the same one, ``triples``.
    """

    def __init__(
        self, dataset: Dataset, terms: QueryTerms, triples: Triples, graph: str | None = None
    ) -> None:
        self.graph = graph
        self.dataset = dataset
        self.triples = triples
        self._terms = terms
        self._pairs: dict[int, Pairs] = {}
        self.paths = Paths(dataset, self)

    # Triple patterns

    @property
    def size(self) -> int:
        """The number of triples."""
        return self.triples.size

    def match_triple(self, table: Solutions, triple: Triple, kept: Names = None) -> Solutions:
        """Join a table with a pattern. Raises Unsuited.

        kept: the variables that are wanted of it, and need no more than be there; None: all.
        """
        subject, path, object_, spans = triple.subject, triple.path, triple.object, spans_of(triple)
        if isinstance(path, Term):
            pairs = self.find_pairs(path)
            return self.match_pairs(table, subject, pairs, object_, spans, kept)
        if spans and isinstance(path, Variable):
            return self._match_any(table, subject, path, object_, spans)
        return self.match(table, subject, path, object_)

    def match(
        self, table: Solutions, subject: Node, path: Path | Variable, object_: Node
    ) -> Solutions:
        """Join a table with a path between two nodes. Raises Unsuited."""
        if isinstance(path, Variable):
            return self._match_any(table, subject, path, object_, {})
        if isinstance(path, Inverse):
            return self.match(table, object_, path.path, subject)
        if isinstance(path, Sequence):
            return self.paths.join_sequence(table, subject, path, object_)
        if isinstance(path, Alternative):
            return self.paths.join_alternative(table, subject, path, object_)
        if isinstance(path, Repeat):
            return self.paths.repeat(table, subject, path, object_)
        if isinstance(path, Negated):
            return self._match_others(table, subject, path, object_)
        return self.match_pairs(table, subject, self.find_pairs(path), object_)

    def find_pairs(self, predicate: Term) -> Pairs:
        """Return the pairs of a predicate."""
        return self.find_pairs_of(self._terms.number_constant(predicate))

    def find_pairs_of(self, number: int) -> Pairs:
        """Return the pairs of a predicate by its number."""
        pairs = self._pairs.get(number)
        if pairs is None:
            pairs = self._pairs[number] = make_pairs(self.triples.property(number))
        return pairs

    def match_pairs(
        self,
        table: Solutions,
        subject: Node,
        pairs: Pairs,
        object_: Node,
        spans: Restrictions = _ANY,
        kept: Names = None,
    ) -> Solutions:
        """Join a table with pairs."""
        known_subject, known_object = (
            self.find_known(table, subject),
            self.find_known(table, object_),
        )
        if known_subject is None and known_object is None:
            subject, pairs, object_ = narrow_ends(subject, pairs, object_, spans)
        if self.graph:
            ends = End(subject, known_subject), End(object_, known_object)
            return match_quads(table, ends, pairs, self.graph, self.dataset, kept)
        if known_subject is None and known_object is None:
            return multiply(table, subject, object_, pairs)
        if known_subject is None:
            assert known_object is not None
            return extend(table, pairs.inverse(), known_object, subject, kept)
        if known_object is None:
            return extend(table, pairs, known_subject, object_, kept)
        rows = match_ends(table, pairs, known_subject, known_object)
        return (table if kept is None else table.only(kept)).take(rows)

    def find_known(self, table: Solutions, node: Node) -> Known:
        """Return a constant's number, a variable's column, or None for one that is free."""
        if isinstance(node, Term):
            return self._terms.number_constant(node)
        return table.columns.get(node.name)

    def _match_any(
        self,
        table: Solutions,
        subject: Node,
        predicate: Variable,
        object_: Node,
        spans: Restrictions,
    ) -> Solutions:
        """Join a table with the triples of every predicate, one after the other."""
        found, size = [], 0
        for these in self.match_each_predicate(table, subject, predicate, object_, spans):
            found.append(these)
            size += these.size
            check_size(size)
        return (
            concatenate(found) if found else self._make_nothing(table, subject, predicate, object_)
        )

    def _match_others(
        self, table: Solutions, subject: Node, path: Negated, object_: Node
    ) -> Solutions:
        """Join a table with the triples of every predicate but some (18.4, NegatedPropertySet)."""
        found, size = [self._make_nothing(table, subject, object_)], 0
        for pairs in self.find_others(path):
            these = self.match_pairs(table, subject, pairs, object_)
            size += these.size
            check_size(size)
            if these.size:
                found.append(these)
        return concatenate(found)

    def find_others(self, path: Negated) -> list[Pairs]:
        """Return the pairs of each predicate but some."""
        excluded = {self._terms.number_constant(predicate) for predicate in path.predicates}
        every = self.triples.properties()
        return [self.find_pairs_of(number) for number in every if number not in excluded]

    def match_each_predicate(
        self,
        table: Solutions,
        subject: Node,
        predicate: Variable,
        object_: Node,
        spans: Restrictions = _ANY,
    ) -> Iterator[Solutions]:
        """Yield what a table and the triples of each predicate are together, where that is any."""
        known = self.find_known(table, predicate)
        for number in self._list_predicates(known):
            if not is_within(number, spans.get(predicate.name)):
                continue
            rows = table if known is None else table.take(np.equal(known, number))
            bound = rows.with_columns({predicate.name: np.full(rows.size, number, np.int32)})
            pairs = self.find_pairs_of(number)
            these = self.match_pairs(bound, subject, pairs, object_, spans)
            if these.size:
                yield these

    def _list_predicates(self, known: Known) -> Iterable[int]:
        if known is None:
            return self.triples.properties()
        found: list[int] = find_distinct(
            make_numbers([known]) if isinstance(known, int) else known
        ).tolist()
        return found

    def _make_nothing(self, table: Solutions, *nodes: Node) -> Solutions:
        none = np.empty(0, np.int32)
        names = {name: none for node in nodes for name in list_name(node)}
        if self.graph:
            names[self.graph] = none
        return table.cut(0, 0).with_columns(names)
