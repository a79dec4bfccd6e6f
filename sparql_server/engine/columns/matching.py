"""Joins solutions with a triple pattern or a property path (18.3, 18.4)."""

from __future__ import annotations

from itertools import count

import numpy as np
from numpy.typing import NDArray

from sparql_server.engine.columns.algebra import (
    Alternative,
    Inverse,
    Node,
    Path,
    Repeat,
    Sequence,
    Term,
    Triple,
    Unsuited,
    Variable,
)
from sparql_server.engine.columns.arrays import (
    Numbers,
    Rows,
    among,
    apart,
    check_size,
    distinct,
    numbers,
    paired,
)
from sparql_server.engine.columns.pairs import (
    Pairs,
    both,
    constant,
    members,
    objects_of,
    of_keys,
    of_property,
    sample,
)
from sparql_server.engine.columns.query_terms import QueryTerms
from sparql_server.engine.columns.solutions import (
    Solutions,
    concatenate,
    without_repetition,
)
from sparql_server.engine.columns.triples import Columns

_FEW = 16  # distinct terms up to which what a path reaches from them is found for an estimate
_MANY = 1000  # rows from which on every predicate is looked at for what each of them has
_NEAR = 0.5  # rows that one is taken to become where what it says may be so or not
_STEP = 1_000  # pairs that could be gone through in the time that any step takes
_ROUNDS = 5  # times that as many pairs as are made at once may be gone through
_FAR = 8.0  # terms that a path is taken to reach from one where that isn't known


class Matching:
    """Matches patterns with a release's triples."""

    def __init__(self, columns: Columns, terms: QueryTerms) -> None:
        self._columns = columns
        self._terms = terms
        self._pairs: dict[Path, Pairs] = {}
        self._reached: dict[tuple[Repeat, bytes], Pairs] = {}
        self._fresh = count()

    # Triple patterns

    def match(self, table: Solutions, triple: Triple) -> Solutions:
        """Join a table with a pattern. Raises Unsuited."""
        if isinstance(triple.path, Variable):
            return self._match_any(table, triple.subject, triple.path, triple.object)
        return self._match(table, triple.subject, triple.path, triple.object)

    def _match(self, table: Solutions, subject: Node, path: Path, object_: Node) -> Solutions:
        if isinstance(path, Inverse):
            return self._match(table, object_, path.path, subject)
        if isinstance(path, Sequence):
            return self._match_sequence(table, subject, path, object_)
        if isinstance(path, Alternative):
            return self._match_alternative(table, subject, path, object_)
        if isinstance(path, Repeat):
            return self._match_repeat(table, subject, path, object_)
        return self._match_pairs(table, subject, self._property(path), object_)

    def _property(self, predicate: Term) -> Pairs:
        pairs = self._pairs.get(predicate)
        if pairs is None:
            number = self._terms.constant(predicate)
            pairs = self._pairs[predicate] = of_property(self._columns.property(number))
        return pairs

    def _match_pairs(
        self, table: Solutions, subject: Node, pairs: Pairs, object_: Node
    ) -> Solutions:
        known_subject, known_object = self._known(table, subject), self._known(table, object_)
        if known_subject is None and known_object is None:
            return _cross(table, subject, object_, pairs)
        if known_subject is None:
            return self._match_pairs(table, object_, pairs.inverse(), subject)
        if known_object is None:
            return _extended(table, pairs, known_subject, object_)
        return table.take(_both(table, pairs, known_subject, known_object))

    def _known(self, table: Solutions, node: Node) -> int | Numbers | None:
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
        ends = self._known(table, subject), self._known(table, object_)
        if table.size < _MANY and any(one is not None for one in ends):
            raise Unsuited("the triples of few terms")
        known = self._known(table, predicate)
        found, size = [], 0
        for number in self._columns.properties():
            rows = table if known is None else table.take(np.equal(known, number))
            if rows.size:
                pairs = of_property(self._columns.property(number))
                these = self._match_pairs(rows, subject, pairs, object_)
                column = np.full(these.size, number, np.int32)
                found.append(these.with_columns({predicate.name: column}))
                size += these.size
                check_size(size)
        return concatenate(found) if found else self._nothing(table, subject, predicate, object_)

    def _nothing(self, table: Solutions, *nodes: Node) -> Solutions:
        none = np.empty(0, np.int32)
        names = {name: none for node in nodes for name in _names(node)}
        return table.cut(0, 0).with_columns(names)

    # Property paths

    def _match_sequence(
        self, table: Solutions, subject: Node, path: Sequence, object_: Node
    ) -> Solutions:
        steps = self.steps(subject, path, object_)
        if self._known(table, subject) is None and self._known(table, object_) is not None:
            steps.reverse()
        found = table
        for step in steps:
            found = self.match(found, step)
        return found.only({*table.columns, *(_names(subject)), *(_names(object_))})

    def steps(self, subject: Node, path: Sequence, object_: Node) -> list[Triple]:
        """Return a sequence as patterns that are joined by variables of their own."""
        between = [Variable(f"_:/{next(self._fresh)}") for _ in path.paths[1:]]
        nodes = [subject, *between, object_]
        return [
            Triple(begin, one, end)
            for begin, one, end in zip(nodes, path.paths, nodes[1:], strict=False)
        ]

    def _match_alternative(
        self, table: Solutions, subject: Node, path: Alternative, object_: Node
    ) -> Solutions:
        """Join a table with what any of some paths connects: each pair once, as in Oxigraph."""
        new = [one for one in (*_names(subject), *_names(object_)) if one not in table.columns]
        row, numbered = f"_:|{next(self._fresh)}", table
        if table.size != 1:
            numbered = table.with_columns({row: np.arange(table.size, dtype=np.int32)})
            new.append(row)
        found = concatenate([self._match(numbered, subject, one, object_) for one in path.paths])
        found = without_repetition(found, list(dict.fromkeys(new)))
        return found.only({*table.columns, *_names(subject), *_names(object_)})

    def _match_repeat(
        self, table: Solutions, subject: Node, path: Repeat, object_: Node
    ) -> Solutions:
        starts, ends = self._known(table, subject), self._known(table, object_)
        if starts is None and ends is None:
            raise Unsuited("a path of any length between any terms")
        if starts is None or _variety(ends) < _variety(starts):
            return self._match_repeat(table, object_, _turned(path), subject)
        return self._match_pairs(table, subject, self._reach(path, starts), object_)

    def _reach(self, path: Repeat, starts: int | Numbers) -> Pairs:
        """Return what a path reaches from these terms, each pair once (18.4)."""
        origins = distinct(numbers([starts]) if isinstance(starts, int) else starts)
        key = (path, origins.tobytes())
        pairs = self._reached.get(key)
        if pairs is None:
            pairs = self._reached[key] = of_keys(self._walk(path, origins))
        return pairs

    def _walk(self, path: Repeat, origins: Numbers) -> NDArray[np.int64]:
        """Go on from where one step leads until nothing new is reached, or only once."""
        if path.zero:
            origins = self._nodes(origins)
        edge = paired(origins, origins)
        seen = edge if path.zero else edge[:0]
        work = 0
        while len(edge):
            work += len(seen) + _STEP
            check_size(work // _ROUNDS)
            found = distinct(self._step(path.path, edge))
            edge = found[~among(seen, found)]
            seen = np.sort(np.concatenate((seen, edge)))
            check_size(len(seen))
            if not path.many:
                break
        return seen

    def _nodes(self, terms: Numbers) -> Numbers:
        """Return those that are subjects or objects: only they are their own ends in Oxigraph."""
        known = terms[terms < self._terms.release.count]
        if np.isin(known, self._columns.properties()).any():
            raise Unsuited("a path from what is a predicate, too")
        return known

    def _step(self, path: Path, edge: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return where a path leads from the second of each pair, with the first."""
        origins, nodes = apart(edge)
        if isinstance(path, Alternative):
            return np.concatenate([self._step(one, edge) for one in path.paths])
        simple = self._simple(path)
        if simple is not None:
            rows, there = objects_of(simple, nodes)
            return paired(origins[rows], there)
        begin, end = Variable("_:from"), Variable("_:to")
        table = Solutions(len(edge), {"_:origin": origins, begin.name: nodes})
        found = self._match(table, begin, path, end).columns
        return paired(found["_:origin"], found[end.name])

    def _simple(self, path: Path) -> Pairs | None:
        if isinstance(path, Inverse) and isinstance(path.path, Term):
            return self._property(path.path).inverse()
        return self._property(path) if isinstance(path, Term) else None

    # How many rows there will be

    def growth(self, table: Solutions, triple: Triple) -> float:
        """Return an estimate of how many rows one of a table becomes when joined with a pattern.

        Raises Unsuited where that can't be.
        """
        if isinstance(triple.path, Variable):
            ends = self._known(table, triple.subject), self._known(table, triple.object)
            free = sum(one is None for one in ends)
            return (_NEAR, _FAR, float(self._columns.size))[free]
        return self._growth(sample(table), triple.subject, triple.path, triple.object)

    def _growth(self, some: Solutions, subject: Node, path: Path, object_: Node) -> float:
        if isinstance(path, Inverse):
            return self._growth(some, object_, path.path, subject)
        if isinstance(path, Alternative):
            return sum(self._growth(some, subject, one, object_) for one in path.paths)
        known = self._known(some, subject), self._known(some, object_)
        if isinstance(path, Sequence):
            return _FAR * (1 if any(one is not None for one in known) else 1e6)
        if isinstance(path, Repeat):
            return self._growth_of_repeat(some, subject, path, object_)
        pairs = self._property(path)
        if known[0] is None and known[1] is None:
            return float(len(pairs))
        return self._match_pairs(some, subject, pairs, object_).size / max(some.size, 1)

    def _growth_of_repeat(
        self, some: Solutions, subject: Node, path: Repeat, object_: Node
    ) -> float:
        known = self._known(some, subject), self._known(some, object_)
        if known[0] is None and known[1] is None:
            return float("inf")
        if min(_variety(one) for one in known) > _FEW:
            return _FAR if known[0] is None or known[1] is None else _NEAR
        return self._match_repeat(some, subject, path, object_).size / max(some.size, 1)


def _names(node: Node) -> tuple[str, ...]:
    return (node.name,) if isinstance(node, Variable) else ()


def _variety(known: int | Numbers | None) -> float:
    """Return how many terms a path would be followed from."""
    if known is None:
        return float("inf")
    return 1 if isinstance(known, int) else len(distinct(known))


def _turned(path: Repeat) -> Repeat:
    return Repeat(Inverse(path.path), path.zero, path.many)


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
