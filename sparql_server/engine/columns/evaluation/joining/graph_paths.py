"""Paths of any length in each of many graphs at once (SPARQL 1.1 Query, 18.4, 18.6).

Where a path begins is a term in a graph; each of these has a place of its own, from which steps
lead to terms in the same graph.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sparql_server.engine.columns.algebra import Alternative, Inverse, Path, Repeat, Variable
from sparql_server.engine.columns.evaluation.joining.nodes import Nodes
from sparql_server.engine.columns.evaluation.joining.pairs import Pairs, sort_columns
from sparql_server.engine.columns.solutions.arrays import (
    Numbers,
    check_size,
    find_distinct,
    pair,
    split_pairs,
)
from sparql_server.engine.columns.solutions.number_search import are_among
from sparql_server.engine.columns.solutions.solutions import (
    UNIT,
    Solutions,
    drop_repeated,
    join,
)

_ROUNDS = 5  # times that as many pairs as are made at once may be gone through
_STEP = 50_000  # pairs that could be gone through in the time that any step takes

_FROM, _TO, _BY, _ORIGIN = "_:from", "_:to", "_:by", "_:origin"

Matching = Callable[[Solutions, Variable, Path | Variable, Variable], Solutions]


@dataclass(frozen=True, slots=True)
class GraphPaths:
    """Finds what paths reach in named graphs.

    match: joins a table with a pattern in named graphs. graph: the column of these. names: all of
    them. nodes: of all triples.
    """

    match: Matching
    graph: str
    names: Numbers
    nodes: Nodes

    def reach(
        self, path: Repeat, starts: Numbers | None, graphs: Numbers | None, constants: Numbers
    ) -> Pairs:
        """Return what a path reaches in graphs, each pair once.

        starts, graphs: where it begins, of each row; None where any will do. constants: terms that
        are their own ends in every graph.
        """
        begins = self._find_begins(path, starts, graphs, constants)
        begins = begins if begins.size else begins.with_columns({_FROM: _NO, self.graph: _NO})
        ranks, nodes = split_pairs(self._walk(path, begins))
        return sort_columns(begins.columns[_FROM][ranks], nodes, begins.columns[self.graph][ranks])

    def _find_begins(
        self, path: Repeat, starts: Numbers | None, graphs: Numbers | None, constants: Numbers
    ) -> Solutions:
        """Return the terms, each with its graph, from which a path may lead anywhere."""
        table = _make_table({_FROM: starts, self.graph: graphs})
        parts = [self.match(table, Variable(_FROM), path.path, Variable(_TO))]
        if is_nullable(path):
            parts += self._find_nodes(table)
            parts.append(self._begin_at_constants(table, constants))
        pairs = [pair(part.column(_FROM), part.column(self.graph)) for part in parts]
        begins, there = split_pairs(find_distinct(np.concatenate(pairs)))
        return Solutions(len(begins), {_FROM: begins, self.graph: there})

    def _find_nodes(self, table: Solutions) -> list[Solutions]:
        """Return the nodes of each graph: those that a table has, if any."""
        if _FROM in table.columns:
            terms, graphs = self.nodes.find_quads_of(find_distinct(table.columns[_FROM]))
            named = are_among(self.names, graphs)
            found = Solutions(len(terms), {_FROM: terms, self.graph: graphs}).take(named)
            return [join(drop_repeated(found, [_FROM, self.graph]), table)]
        return [
            self.match(table, Variable(_FROM), Variable(_BY), Variable(_TO)),
            self.match(table, Variable(_TO), Variable(_BY), Variable(_FROM)),
        ]

    def _begin_at_constants(self, table: Solutions, constants: Numbers) -> Solutions:
        """Return constants in each graph that may have them; those that a table has, if any."""
        each = Solutions(len(constants), {_FROM: constants})
        graphs = Solutions(len(self.names), {self.graph: self.names})
        return join(join(each, graphs), table)

    def _walk(self, path: Repeat, begins: Solutions) -> NDArray[np.int64]:
        """Go on until nothing new is reached; return places in ``begins`` with what they reach."""
        nodes = begins.columns[_FROM]
        edge = pair(np.arange(begins.size), nodes)
        seen = edge if is_nullable(path) else edge[:0]
        work = 0
        while len(edge):
            work += len(seen) + _STEP
            check_size(work // _ROUNDS)
            found = find_distinct(self._step(path.path, begins, edge))
            edge = found[~are_among(seen, found)]
            seen = np.sort(np.concatenate((seen, edge)))
            check_size(len(seen))
            if not path.many:
                break
        return seen

    def _step(self, path: Path, begins: Solutions, edge: NDArray[np.int64]) -> NDArray[np.int64]:
        ranks, nodes = split_pairs(edge)
        graphs = begins.columns[self.graph][ranks]
        table = Solutions(len(edge), {_ORIGIN: ranks, self.graph: graphs, _FROM: nodes})
        found = self.match(table, Variable(_FROM), path, Variable(_TO))
        return pair(found.column(_ORIGIN), found.column(_TO))


_NO: Numbers = np.empty(0, np.int32)


def is_nullable(path: Path) -> bool:
    """Tell whether a path may have length zero, and so lead from a term to itself."""
    if isinstance(path, Repeat):
        return path.zero or is_nullable(path.path)
    if isinstance(path, Alternative):
        return any(map(is_nullable, path.paths))
    return isinstance(path, Inverse) and is_nullable(path.path)


def _make_table(columns: Mapping[str, Numbers | None]) -> Solutions:
    """Return the different rows of the columns that are known."""
    known = {name: column for name, column in columns.items() if column is not None}
    if not known:
        return UNIT
    size = len(next(iter(known.values())))
    return drop_repeated(Solutions(size, known), sorted(known))
