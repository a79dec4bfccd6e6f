"""Property paths (SPARQL 1.1 Query, 9, 18.4)."""

from __future__ import annotations

from dataclasses import replace
from itertools import count
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

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
from sparql_server.engine.columns.evaluation.joining.graph_paths import GraphPaths, is_nullable
from sparql_server.engine.columns.evaluation.joining.nodes import Nodes
from sparql_server.engine.columns.evaluation.joining.pairs import Pairs, find_objects, sort_keys
from sparql_server.engine.columns.solutions.arrays import (
    Numbers,
    check_size,
    find_distinct,
    make_numbers,
    pair,
    split_pairs,
)
from sparql_server.engine.columns.solutions.number_search import are_among
from sparql_server.engine.columns.solutions.solutions import UNIT, Solutions, concatenate

_STEP = 50_000  # pairs that could be gone through in the time that any step takes
_NO: Numbers = np.empty(0, np.int32)
_ROUNDS = 5  # times that as many pairs as are made at once may be gone through

Known = int | Numbers | None
"""A constant's number, a variable's column, or None for a variable that nothing is known of."""


class Matcher(Protocol):
    """Joins tables with what a path is made of. graph: the column of graphs, if there is one."""

    graph: str | None
    triples: Triples

    def match(
        self, table: Solutions, subject: Node, path: Path | Variable, object_: Node
    ) -> Solutions:
        """Join a table with a pattern."""

    def match_pairs(
        self, table: Solutions, subject: Node, pairs: Pairs, object_: Node
    ) -> Solutions:
        """Join a table with pairs."""

    def find_known(self, table: Solutions, node: Node) -> Known:
        """Return what is known of a node."""

    def find_pairs(self, predicate: Term) -> Pairs:
        """Return the pairs of a predicate."""

    def find_pairs_of(self, number: int) -> Pairs:
        """Return the pairs of a predicate by its number."""

    def find_others(self, path: Negated) -> list[Pairs]:
        """Return the pairs of each predicate but some."""


class Paths:
    """Joins tables with paths that are more than a predicate. Raises Unsuited."""

    def __init__(self, dataset: Dataset, matcher: Matcher) -> None:
        self._dataset = dataset
        self._matcher = matcher
        self._reached: dict[tuple[Repeat, bytes, bytes], Pairs] = {}
        self._nodes = Nodes(dataset.columns, matcher.triples)
        self._fresh = count()

    def join_sequence(
        self, table: Solutions, subject: Node, path: Sequence, object_: Node
    ) -> Solutions:
        """Join a table with one step after the other, from the end that is known."""
        steps = self.split_sequence(subject, path, object_)
        begin, end = (self._matcher.find_known(table, node) for node in (subject, object_))
        if begin is None and end is not None:
            steps.reverse()
        found = table
        for step in steps:
            found = self._matcher.match(found, step.subject, step.path, step.object)
        return found.only(self._list_kept(table, subject, object_))

    def split_sequence(self, subject: Node, path: Sequence, object_: Node) -> list[Triple]:
        """Return a sequence as patterns that are joined by variables of their own."""
        between = [Variable(f"_:/{next(self._fresh)}") for _ in path.paths[1:]]
        nodes = [subject, *between, object_]
        return [
            Triple(begin, step, end)
            for begin, step, end in zip(nodes, path.paths, nodes[1:], strict=False)
        ]

    def join_alternative(
        self, table: Solutions, subject: Node, path: Alternative, object_: Node
    ) -> Solutions:
        """Join a table with what any of some paths connects, once for each path (18.2.2.3)."""
        found = concatenate(
            [self._matcher.match(table, subject, step, object_) for step in path.paths]
        )
        return found.only(self._list_kept(table, subject, object_))

    def _list_kept(self, table: Solutions, *nodes: Node) -> set[str]:
        """Return the variables that a table has when it is joined with a path between nodes."""
        graph = (self._matcher.graph,) if self._matcher.graph else ()
        return {*table.columns, *graph, *(name for node in nodes for name in list_name(node))}

    def repeat(self, table: Solutions, subject: Node, path: Repeat, object_: Node) -> Solutions:
        """Join a table with what repeated steps reach, from the end that is of fewer terms."""
        if self._matcher.graph:
            return self._repeat_in_graphs(table, subject, path, object_)
        starts, ends = (
            self._matcher.find_known(table, subject),
            self._matcher.find_known(table, object_),
        )
        if starts is None and ends is None:
            return self._matcher.match_pairs(table, subject, self._reach_all(path), object_)
        if starts is None or count_different(ends) < count_different(starts):
            return self.repeat(table, object_, _turn(path), subject)
        constants = make_numbers([end for end in (starts, ends) if isinstance(end, int)])
        return self._matcher.match_pairs(
            table, subject, self._reach(path, starts, constants), object_
        )

    def _repeat_in_graphs(
        self, table: Solutions, subject: Node, path: Repeat, object_: Node
    ) -> Solutions:
        """Join a table with a path in named graphs, from the end that is of fewer terms."""
        graph = self._matcher.graph
        assert graph
        starts, ends = (
            self._matcher.find_known(table, subject),
            self._matcher.find_known(table, object_),
        )
        if count_different(ends) < count_different(starts):
            return self._repeat_in_graphs(table, object_, _turn(path), subject)
        constants = make_numbers([end for end in (starts, ends) if isinstance(end, int)])
        if isinstance(starts, int):
            starts = np.full(table.size, starts, np.int32)
        ways = GraphPaths(self._matcher.match, graph, self._dataset.named_graphs, self._nodes)
        pairs = ways.reach(path, starts, table.columns.get(graph), constants)
        return self._matcher.match_pairs(table, subject, pairs, object_)

    def _reach_all(self, path: Repeat) -> Pairs:
        """Return what a path reaches from any term of the data, each pair once (18.4)."""
        begin, end = Variable("_:from"), Variable("_:to")
        step = self._matcher.match(UNIT, begin, path.path, end)
        edge = find_distinct(pair(step.column(begin.name), step.column(end.name)))
        if path.many:
            edge = self._walk(replace(path, zero=False), find_distinct(split_pairs(edge)[0]), _NO)
        if path.zero:
            nodes = self._nodes.find_all()
            edge = find_distinct(np.concatenate((edge, pair(nodes, nodes))))
        return sort_keys(edge)

    def _reach(self, path: Repeat, starts: int | Numbers, constants: Numbers) -> Pairs:
        """Return what a path reaches from these terms, each pair once (18.4).

        constants: terms that are their own ends wherever they are.
        """
        origins = find_distinct(make_numbers([starts]) if isinstance(starts, int) else starts)
        key = (path, origins.tobytes(), constants.tobytes())
        pairs = self._reached.get(key)
        if pairs is None:
            pairs = self._reached[key] = sort_keys(self._walk(path, origins, constants))
        return pairs

    def _walk(self, path: Repeat, origins: Numbers, constants: Numbers) -> NDArray[np.int64]:
        """Go on from where one step leads until nothing new is reached, or only once."""
        zero = is_nullable(path)
        if zero:
            is_constant = np.isin(origins, constants)
            origins = np.concatenate(
                (origins[is_constant], self._nodes.find_among(origins[~is_constant]))
            )
        simple = self._find_simple(path.path)
        edge = pair(origins, origins)
        seen = edge if zero else edge[:0]
        work = 0
        while len(edge):
            work += len(seen) + _STEP
            check_size(work // _ROUNDS)
            found = find_distinct(_follow(simple, edge) if simple else self._step(path.path, edge))
            edge = found[~are_among(seen, found)]
            seen = np.sort(np.concatenate((seen, edge)))
            check_size(len(seen))
            if not path.many:
                break
        return seen

    def _step(self, path: Path, edge: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return where a path leads from the second of each pair, with the first."""
        origins, nodes = split_pairs(edge)
        begin, end = Variable("_:from"), Variable("_:to")
        table = Solutions(len(edge), {"_:origin": origins, begin.name: nodes})
        found = self._matcher.match(table, begin, path, end).columns
        return pair(found["_:origin"], found[end.name])

    def _find_simple(self, path: Path) -> list[Pairs]:
        """Return the pairs of which a path leads through any; none for one of several steps."""
        if isinstance(path, Term):
            return [self._matcher.find_pairs(path)]
        if isinstance(path, Inverse):
            return [pairs.inverse() for pairs in self._find_simple(path.path)]
        if isinstance(path, Alternative):
            each = [self._find_simple(step) for step in path.paths]
            return [pairs for way in each for pairs in way] if all(each) else []
        if isinstance(path, Negated):
            return self._matcher.find_others(path)
        return []


def _follow(simple: list[Pairs], edge: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return where any of some pairs leads from the second of each pair, with the first."""
    origins, nodes = split_pairs(edge)
    found = []
    for pairs in simple:
        rows, there = find_objects(pairs, nodes)
        found.append(pair(origins if rows is None else origins[rows], there))
    return found[0] if len(found) == 1 else np.concatenate(found)


def list_name(node: Node) -> tuple[str, ...]:
    """Return the name of a variable, none of a constant."""
    return (node.name,) if isinstance(node, Variable) else ()


def count_different(known: Known) -> float:
    """Return how many terms a path would be followed from."""
    if known is None:
        return float("inf")
    return 1 if isinstance(known, int) else len(find_distinct(known))


def _turn(path: Repeat) -> Repeat:
    return Repeat(Inverse(path.path), path.zero, path.many)
