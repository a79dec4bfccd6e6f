"""Joins solutions with a triple pattern or a property path (18.3, 18.4)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from sparql_server.engine.columns.algebra import (
    Alternative,
    Inverse,
    Node,
    Path,
    Repeat,
    Sequence,
    Term,
    Variable,
)
from sparql_server.engine.columns.evaluation.joining.datasets import Dataset, Triples
from sparql_server.engine.columns.evaluation.joining.pairs import (
    Pairs,
    find_members,
    find_objects,
    find_objects_of,
    make_pairs,
    match_both,
)
from sparql_server.engine.columns.evaluation.joining.paths import Known, Paths, list_name
from sparql_server.engine.columns.evaluation.joining.quads import match_quads
from sparql_server.engine.columns.solutions.arrays import (
    Numbers,
    Rows,
    check_size,
    find_distinct,
    make_numbers,
)
from sparql_server.engine.columns.solutions.query_terms import QueryTerms
from sparql_server.engine.columns.solutions.solutions import Solutions, concatenate


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
        self.paths = Paths(dataset, terms, self)

    # Triple patterns

    @property
    def size(self) -> int:
        """The number of triples."""
        return self.triples.size

    def match(
        self, table: Solutions, subject: Node, path: Path | Variable, object_: Node
    ) -> Solutions:
        """Join a table with a pattern. Raises Unsuited."""
        if isinstance(path, Variable):
            return self._match_any(table, subject, path, object_)
        if isinstance(path, Inverse):
            return self.match(table, object_, path.path, subject)
        if isinstance(path, Sequence):
            return self.paths.join_sequence(table, subject, path, object_)
        if isinstance(path, Alternative):
            return self.paths.join_alternative(table, subject, path, object_)
        if isinstance(path, Repeat):
            return self.paths.repeat(table, subject, path, object_)
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
        self, table: Solutions, subject: Node, pairs: Pairs, object_: Node
    ) -> Solutions:
        """Join a table with pairs."""
        known_subject, known_object = (
            self.find_known(table, subject),
            self.find_known(table, object_),
        )
        if self.graph:
            ends, known = (subject, object_), (known_subject, known_object)
            return match_quads(table, ends, known, pairs, self.graph, self.dataset)
        if known_subject is None and known_object is None:
            return _multiply(table, subject, object_, pairs)
        if known_subject is None:
            return self.match_pairs(table, object_, pairs.inverse(), subject)
        if known_object is None:
            return _extend(table, pairs, known_subject, object_)
        return table.take(_match_both(table, pairs, known_subject, known_object))

    def find_known(self, table: Solutions, node: Node) -> Known:
        """Return a constant's number, a variable's column, or None for one that is free."""
        if isinstance(node, Term):
            return self._terms.number_constant(node)
        return table.columns.get(node.name)

    def _match_any(
        self, table: Solutions, subject: Node, predicate: Variable, object_: Node
    ) -> Solutions:
        """Join a table with the triples of every predicate, one after the other."""
        found, size = [], 0
        for these in self.match_each_predicate(table, subject, predicate, object_):
            found.append(these)
            size += these.size
            check_size(size)
        return (
            concatenate(found) if found else self._make_nothing(table, subject, predicate, object_)
        )

    def match_each_predicate(
        self, table: Solutions, subject: Node, predicate: Variable, object_: Node
    ) -> Iterator[Solutions]:
        """Yield what a table and the triples of each predicate are together, where that is any."""
        known = self.find_known(table, predicate)
        for number in self._list_predicates(known):
            rows = table if known is None else table.take(np.equal(known, number))
            bound = rows.with_columns({predicate.name: np.full(rows.size, number, np.int32)})
            these = self.match_pairs(bound, subject, self.find_pairs_of(number), object_)
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


def _multiply(table: Solutions, subject: Node, object_: Node, pairs: Pairs) -> Solutions:
    """Join a table with all pairs; two variables that nothing is known of."""
    assert isinstance(subject, Variable)
    assert isinstance(object_, Variable)
    found = {subject.name: pairs.subjects, object_.name: pairs.objects}
    if subject == object_:
        found = {subject.name: pairs.subjects[pairs.subjects == pairs.objects]}
    size = len(found[subject.name])
    if table.size == 1:
        rows = np.zeros(size, np.intp)
        return table.take(rows).with_columns(found) if table.columns else Solutions(size, found)
    check_size(table.size * size)
    repeated = {name: np.tile(column, table.size) for name, column in found.items()}
    return table.take(np.repeat(np.arange(table.size), size)).with_columns(repeated)


def _extend(table: Solutions, pairs: Pairs, known: int | Numbers, free: Node) -> Solutions:
    assert isinstance(free, Variable)
    if not isinstance(known, int):
        rows, objects = find_objects(pairs, known)
        return table.take(rows).with_columns({free.name: objects})
    objects = find_objects_of(pairs, known)
    if table.size == 1 and not table.columns:
        return Solutions(len(objects), {free.name: objects})
    check_size(table.size * len(objects))
    rows = np.repeat(np.arange(table.size), len(objects))
    return table.take(rows).with_columns({free.name: np.tile(objects, table.size)})


def _match_both(
    table: Solutions, pairs: Pairs, subject: int | Numbers, object_: int | Numbers
) -> Rows:
    """Return the rows that a pattern matches both of whose ends are known."""
    if isinstance(subject, int) and isinstance(object_, int):
        times = find_members(find_objects_of(pairs, subject), make_numbers([object_]))
        return np.repeat(np.arange(table.size), len(times))
    if isinstance(subject, int):
        assert not isinstance(object_, int)
        return find_members(find_objects_of(pairs, subject), object_)
    if isinstance(object_, int):
        return find_members(find_objects_of(pairs.inverse(), object_), subject)
    return match_both(pairs, subject, object_)
