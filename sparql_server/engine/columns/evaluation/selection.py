"""Evaluates a SELECT: its pattern, its groups, its expressions, its order (18.2.4, 18.2.5)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from sparql_server.engine.columns.algebra import (
    Expression,
    Item,
    Select,
    Unsuited,
    Variable,
)
from sparql_server.engine.columns.evaluation.aggregation.grouping import Grouping
from sparql_server.engine.columns.evaluation.aggregation.rewriting import (
    name_of,
    with_keys,
    without_aggregates,
)
from sparql_server.engine.columns.evaluation.aggregation.sizes import counted
from sparql_server.engine.columns.evaluation.joining.datasets import Dataset, Triples
from sparql_server.engine.columns.evaluation.joining.matching import Matching
from sparql_server.engine.columns.evaluation.joining.plans import Plan
from sparql_server.engine.columns.evaluation.joining.variables import (
    mentioned,
)
from sparql_server.engine.columns.evaluation.nesting import Nesting
from sparql_server.engine.columns.evaluation.patterns import Patterns
from sparql_server.engine.columns.evaluation.scopes import OutOfScope
from sparql_server.engine.columns.evaluation.shapes import (
    any_will_do,
    can_be_seeded,
    is_grouped,
    is_plain,
    is_whole,
    names_of,
    needed_of,
)
from sparql_server.engine.columns.evaluation.values.expressions import Expressions
from sparql_server.engine.columns.evaluation.values.ordering import order
from sparql_server.engine.columns.solutions.query_terms import QueryTerms
from sparql_server.engine.columns.solutions.solutions import (
    UNIT,
    Solutions,
    concatenate,
    join,
    without_repetition,
)

_PIECE = 1_000_000  # rows of the first pattern that are gone on with at once
_FEW = 2_000  # likewise, at first, where the first solutions will do
_FASTER = 4  # times that each piece is larger than the one before, where they do
_NO = np.empty(0, np.int32)


class Selection:
    """Evaluates one query, subqueries and all.

    triples, graph: those that patterns stand in, and the column of their graph, as ``Matching`` has
    them.
    """

    def __init__(
        self,
        dataset: Dataset,
        terms: QueryTerms,
        triples: Triples | None = None,
        graph: str | None = None,
        plan: Plan | None = None,
    ) -> None:
        self.plan = plan or Plan()
        self._dataset = dataset
        self._terms = terms
        self._graph: tuple[str, ...] = (graph,) if graph else ()
        matching = Matching(dataset, terms, triples or dataset.default_graph, graph)
        self._patterns = Patterns(matching, terms, self.plan)
        self._expressions = Expressions(terms, self._patterns.exists)
        self.nesting = Nesting(self._patterns, terms, dataset, self._subquery, self._within)
        self._patterns.expressions = self._expressions
        self._patterns.nesting = self.nesting

    def _within(self, triples: Triples, graph: str | None) -> Nesting:
        return Selection(self._dataset, self._terms, triples, graph, self.plan).nesting

    def select(self, select: Select, names: Sequence[str]) -> Solutions:
        """Return a query's solutions. names: of the variables that it selects. Raises Unsuited."""
        return self._selected(select, names, UNIT)

    def of_all(self, select: Select) -> Solutions:
        """Return a query's solutions, with every variable that it selects. Raises Unsuited."""
        return self.select(select, names_of(select))

    def is_there(self, select: Select) -> bool:
        """Tell whether a query has a solution. Raises Unsuited."""
        return bool(self.select(select, ()).size)

    def _subquery(self, select: Select, seed: Solutions) -> Solutions:
        """Return a subquery's solutions, joined with a table of what it binds for certain."""
        names = names_of(select)
        if self._graph and (select.limit is not None or select.offset):
            raise Unsuited("a LIMIT or an OFFSET in each graph")
        if seed.columns and not can_be_seeded(select):
            raise OutOfScope("a subquery that is evaluated as a whole")
        return self._selected(select, [*names, *self._graph], seed)

    def parts(self, select: Select, names: Sequence[str]) -> Iterator[Solutions]:
        """Yield a query's solutions, part by part where these may be many. Raises Unsuited."""
        if not is_plain(select):
            yield self._selected(select, names, UNIT)
            return
        needed = frozenset(names)
        for piece in self.nesting.pieces(select.where, needed, _PIECE, 1):
            yield _only(piece, names)

    def pieces(self, select: Select, names: Sequence[str], size: int) -> Iterator[Solutions]:
        """Yield a query's solutions, of so many rows of what it begins with at a time.

        That a query can't be answered may be found out on the way. Raises Unsuited.
        """
        if is_whole(select):
            yield self._selected(select, names, UNIT)
            return
        needed = frozenset(needed_of(select, names))
        for piece in self.nesting.pieces(select.where, needed, size, 1):
            yield _only(self._projected(select, iter([piece]), names), names)

    def _selected(self, select: Select, names: Sequence[str], seed: Solutions) -> Solutions:
        if any_will_do(select):
            return self._first(select, names)
        if not seed.columns:
            found = counted(select, self._patterns.matching, self._terms)
            if found is not None:
                return self._modified(found, select, names)
        needed = frozenset(needed_of(select, names))
        if seed.columns or not is_grouped(select):
            pieces = iter([self._patterns.group(select.where, seed, needed)])
        else:
            pieces = self.nesting.pieces(select.where, needed, _PIECE, 1)
        return self._modified(self._projected(select, pieces, names), select, names)

    def _first(self, select: Select, names: Sequence[str]) -> Solutions:
        """Return the first solutions that are found, as many as a SELECT wants."""
        wanted = select.offset + (select.limit or 0)
        found: list[Solutions] = []
        size = 0
        needed = frozenset(needed_of(select, names))
        if wanted:
            for piece in self.nesting.pieces(select.where, needed, _FEW, _FASTER):
                found.append(_only(self._projected(select, iter([piece]), names), names))
                if select.distinct:
                    found = [without_repetition(concatenate(found), names)]
                size = sum(table.size for table in found)
                if size >= wanted:
                    break
        if not found:
            found = [_only(Solutions(0, {}), names)]
        return concatenate(found).cut(select.offset, wanted)

    def _projected(
        self, select: Select, pieces: Iterator[Solutions], names: Sequence[str]
    ) -> Solutions:
        """Return the groups of all pieces and what expressions say of each row (18.2.4)."""
        aggregates: dict[Expression, str] = {}
        select = without_aggregates(with_keys(select), aggregates)
        if aggregates or select.group_by is not None:
            table = self._grouping(select, aggregates).grouped(pieces)
        else:
            table = concatenate(list(pieces))
        for condition in select.having:
            table = table.take(self._expressions.holds(condition, table))
        if select.values:
            if mentioned(select.values) & mentioned(select.where) - table.columns.keys():
                raise Unsuited("VALUES of a variable that grouping hides")
            table = join(table, self._patterns.values(select.values))
        for item in select.items or ():
            table = self._extended(table, item)
        if select.order_by:
            keys = [
                (self._expressions.value(order.expression, table), order.descending)
                for order in select.order_by
            ]
            table = table.take(order(keys, self._terms))
        return table

    def _grouping(self, select: Select, aggregates: dict[Expression, str]) -> Grouping:
        graph = self._graph[0] if self._graph else None
        graphs = self._dataset.named_graphs if graph else _NO
        keys = select.group_by
        return Grouping(keys, aggregates, self._expressions, self._terms, graph, graphs)

    def _extended(self, table: Solutions, item: Item) -> Solutions:
        """Return a table with what an item says in a column of its name."""
        if isinstance(item.expression.node, Variable) and item.variable in (
            None,
            item.expression.node,
        ):
            return table
        value = self._expressions.value(item.expression, table)
        return table.with_columns({name_of(item): value})

    def _modified(self, table: Solutions, select: Select, names: Sequence[str]) -> Solutions:
        """Apply what comes after the order (15)."""
        table = _only(table, names)
        if select.distinct:
            table = without_repetition(table, names)
        if select.offset or select.limit is not None:
            end = table.size if select.limit is None else select.offset + select.limit
            table = table.cut(select.offset, end)
        return table


def _only(table: Solutions, names: Sequence[str]) -> Solutions:
    return table.with_columns({name: table.column(name) for name in names}).only(names)
