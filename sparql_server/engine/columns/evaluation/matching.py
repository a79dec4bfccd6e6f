"""Joins solutions with a triple pattern or a property path (18.3, 18.4)."""

from __future__ import annotations

import numpy as np

from sparql_server.engine.columns.algebra import (
    Alternative,
    Inverse,
    Node,
    Path,
    Repeat,
    Sequence,
    Term,
    Unsuited,
    Variable,
)
from sparql_server.engine.columns.evaluation.pairs import (
    Pairs,
    both,
    constant,
    members,
    objects_of,
    of_property,
)
from sparql_server.engine.columns.evaluation.paths import Known, Paths, names_of
from sparql_server.engine.columns.solutions.arrays import Numbers, Rows, check_size, numbers
from sparql_server.engine.columns.solutions.query_terms import QueryTerms
from sparql_server.engine.columns.solutions.solutions import Solutions, concatenate
from sparql_server.engine.columns.storage.triples import Columns

_MANY = 1000  # rows from which on every predicate is looked at for what each of them has


class Matching:
    """Matches patterns with a release's triples."""

    def __init__(self, columns: Columns, terms: QueryTerms) -> None:
        self._columns = columns
        self._terms = terms
        self._pairs: dict[Path, Pairs] = {}
        self.paths = Paths(columns, terms, self)

    # Triple patterns

    @property
    def size(self) -> int:
        """The number of triples."""
        return self._columns.size

    def match(
        self, table: Solutions, subject: Node, path: Path | Variable, object_: Node
    ) -> Solutions:
        """Join a table with a pattern. Raises Unsuited."""
        if isinstance(path, Variable):
            return self._match_any(table, subject, path, object_)
        if isinstance(path, Inverse):
            return self.match(table, object_, path.path, subject)
        if isinstance(path, Sequence):
            return self.paths.sequence(table, subject, path, object_)
        if isinstance(path, Alternative):
            return self.paths.alternative(table, subject, path, object_)
        if isinstance(path, Repeat):
            return self.paths.repeat(table, subject, path, object_)
        return self.match_pairs(table, subject, self.property(path), object_)

    def property(self, predicate: Term) -> Pairs:
        """Return the pairs of a predicate."""
        pairs = self._pairs.get(predicate)
        if pairs is None:
            number = self._terms.constant(predicate)
            pairs = self._pairs[predicate] = of_property(self._columns.property(number))
        return pairs

    def of_number(self, number: int) -> Pairs:
        """Return the pairs of a predicate by its number."""
        return of_property(self._columns.property(number))

    def match_pairs(
        self, table: Solutions, subject: Node, pairs: Pairs, object_: Node
    ) -> Solutions:
        """Join a table with pairs."""
        known_subject, known_object = self.known(table, subject), self.known(table, object_)
        if known_subject is None and known_object is None:
            return _cross(table, subject, object_, pairs)
        if known_subject is None:
            return self.match_pairs(table, object_, pairs.inverse(), subject)
        if known_object is None:
            return _extended(table, pairs, known_subject, object_)
        return table.take(_both(table, pairs, known_subject, known_object))

    def known(self, table: Solutions, node: Node) -> Known:
        """Return a constant's number, a variable's column, or None for one that is free."""
        if isinstance(node, Term):
            return self._terms.constant(node)
        table.certain((node.name,))
        return table.columns.get(node.name)

    def _match_any(
        self, table: Solutions, subject: Node, predicate: Variable, object_: Node
    ) -> Solutions:
        """Join a table with the triples of every predicate, one after the other."""
        if predicate in (subject, object_):
            raise Unsuited("a variable twice in a triple, as predicate")
        ends = self.known(table, subject), self.known(table, object_)
        if table.size < _MANY and any(end is not None for end in ends):
            raise Unsuited("the triples of few terms")
        known = self.known(table, predicate)
        found, size = [], 0
        for number in self._columns.properties():
            rows = table if known is None else table.take(np.equal(known, number))
            if rows.size:
                pairs = self.of_number(number)
                these = self.match_pairs(rows, subject, pairs, object_)
                column = np.full(these.size, number, np.int32)
                found.append(these.with_columns({predicate.name: column}))
                size += these.size
                check_size(size)
        return concatenate(found) if found else self._nothing(table, subject, predicate, object_)

    def _nothing(self, table: Solutions, *nodes: Node) -> Solutions:
        none = np.empty(0, np.int32)
        names = {name: none for node in nodes for name in names_of(node)}
        return table.cut(0, 0).with_columns(names)


def _cross(table: Solutions, subject: Node, object_: Node, pairs: Pairs) -> Solutions:
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


def _extended(table: Solutions, pairs: Pairs, known: int | Numbers, free: Node) -> Solutions:
    assert isinstance(free, Variable)
    if not isinstance(known, int):
        rows, objects = objects_of(pairs, known)
        return table.take(rows).with_columns({free.name: objects})
    objects = constant(pairs, known)
    if table.size == 1 and not table.columns:
        return Solutions(len(objects), {free.name: objects})
    check_size(table.size * len(objects))
    rows = np.repeat(np.arange(table.size), len(objects))
    return table.take(rows).with_columns({free.name: np.tile(objects, table.size)})


def _both(table: Solutions, pairs: Pairs, subject: int | Numbers, object_: int | Numbers) -> Rows:
    """Return the rows that a pattern matches both of whose ends are known."""
    if isinstance(subject, int) and isinstance(object_, int):
        times = members(constant(pairs, subject), numbers([object_]))
        return np.repeat(np.arange(table.size), len(times))
    if isinstance(subject, int):
        assert not isinstance(object_, int)
        return members(constant(pairs, subject), object_)
    if isinstance(object_, int):
        return members(constant(pairs.inverse(), object_), subject)
    return both(pairs, subject, object_)
