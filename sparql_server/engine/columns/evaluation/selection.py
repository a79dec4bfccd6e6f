"""Evaluates a SELECT: its pattern, its groups, its expressions, its order (18.2.4, 18.2.5)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from sparql_server.engine.columns.algebra import (
    Expression,
    Item,
    Select,
    Unsuited,
    Variable,
)
from sparql_server.engine.columns.evaluation.aggregation.grouping import Grouping
from sparql_server.engine.columns.evaluation.aggregation.groups_of_runs import (
    find_values,
    group_runs,
)
from sparql_server.engine.columns.evaluation.aggregation.rewriting import (
    name_item,
    put_aggregates,
    put_keys,
    put_solutions,
)
from sparql_server.engine.columns.evaluation.aggregation.sizes import count_from_sizes
from sparql_server.engine.columns.evaluation.group_patterns import Patterns
from sparql_server.engine.columns.evaluation.joining.datasets import Dataset, Triples
from sparql_server.engine.columns.evaluation.joining.matching import Matching
from sparql_server.engine.columns.evaluation.joining.plans import Plan
from sparql_server.engine.columns.evaluation.joining.variables import (
    find_mentioned,
)
from sparql_server.engine.columns.evaluation.joins import Joins
from sparql_server.engine.columns.evaluation.modifiers import (
    keep_only,
    modify,
    order_solutions,
)
from sparql_server.engine.columns.evaluation.nesting import Nesting
from sparql_server.engine.columns.evaluation.scopes import OutOfScope, drop_needless
from sparql_server.engine.columns.evaluation.select_kinds import (
    any_will_do,
    can_be_seeded,
    is_grouped,
    is_plain,
    is_whole,
    list_names,
    list_needed,
)
from sparql_server.engine.columns.evaluation.values.expressions import Expressions
from sparql_server.engine.columns.solutions.query_terms import QueryTerms
from sparql_server.engine.columns.solutions.solutions import (
    UNIT,
    Solutions,
    concatenate,
    drop_repeated,
    join,
)

_PIECE = 1_000_000  # rows of the first pattern that are gone on with at once
_FEW = 500  # likewise, at first, where the first solutions will do
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
        self._patterns = Patterns(Joins(matching, terms, self.plan))
        self._expressions = Expressions(terms, self._patterns.exists)
        self.nesting = Nesting(
            self._patterns, terms, dataset, self._evaluate_subquery, self._make_nesting
        )
        self._patterns.joins.expressions = self._expressions
        self._patterns.joins.nesting = self.nesting

    def _make_nesting(self, triples: Triples, graph: str | None) -> Nesting:
        return Selection(self._dataset, self._terms, triples, graph, self.plan).nesting

    def select(self, select: Select, names: Sequence[str]) -> Solutions:
        """Return a query's solutions. names: of the variables that it selects. Raises Unsuited."""
        return self._evaluate(select, names, UNIT)

    def select_all(self, select: Select) -> Solutions:
        """Return a query's solutions, with every variable that it selects. Raises Unsuited."""
        return self.select(select, list_names(select))

    def is_there(self, select: Select) -> bool:
        """Tell whether a query has a solution. Raises Unsuited."""
        if any_will_do(select) and not select.items and not select.values:
            select = replace(select, where=drop_needless(select.where))
        return bool(self.select(select, ()).size)

    def _evaluate_subquery(self, select: Select, seed: Solutions) -> Solutions:
        """Return a subquery's solutions, joined with a table of what it binds for certain."""
        names = list_names(select)
        if self._graph and (select.limit is not None or select.offset):
            raise Unsuited("a LIMIT or an OFFSET in each graph")
        if seed.columns and not can_be_seeded(select):
            raise OutOfScope("a subquery that is evaluated as a whole")
        return self._evaluate(select, [*names, *self._graph], seed)

    def find_parts(self, select: Select, names: Sequence[str]) -> Iterator[Solutions]:
        """Yield a query's solutions, part by part where these may be many. Raises Unsuited."""
        if not is_plain(select):
            yield self._evaluate(select, names, UNIT)
            return
        needed = frozenset(names)
        for piece in self.nesting.find_pieces(select.where, needed, _PIECE, 1):
            yield keep_only(piece, names)

    def find_pieces(self, select: Select, names: Sequence[str], size: int) -> Iterator[Solutions]:
        """Yield a query's solutions, of so many rows of what it begins with at a time.

        That a query can't be answered may be found out on the way. Raises Unsuited.
        """
        if is_whole(select):
            yield self._evaluate(select, names, UNIT)
            return
        needed = frozenset(list_needed(select, names))
        for piece in self.nesting.find_pieces(select.where, needed, size, 1):
            yield keep_only(self._project(select, iter([piece]), names), names)

    def _evaluate(self, select: Select, names: Sequence[str], seed: Solutions) -> Solutions:
        select = put_solutions(select)
        if any_will_do(select):
            return self._find_first(select, names)
        if not seed.columns:
            found = count_from_sizes(select, self._patterns.joins.matching, self._terms)
            if found is not None:
                return modify(found, select, names)
        needed = frozenset(list_needed(select, names))
        values = self._find_values(select, needed) if not seed.columns else None
        if values is not None:
            pieces = iter([values])
        elif seed.columns or not is_grouped(select):
            pieces = iter([self._patterns.evaluate_group(select.where, seed, needed)])
        else:
            pieces = self.nesting.find_pieces(select.where, needed, _PIECE, 1)
        table = self._project(select, pieces, names, is_whole=not seed.columns)
        return modify(table, select, names)

    def _find_values(self, select: Select, needed: frozenset[str]) -> Solutions | None:
        """Return the different solutions of a pattern, if they are known without its rows."""
        if not select.distinct or is_grouped(select):
            return None
        return find_values(select.where, needed, self._patterns.joins.matching, self._terms)

    def _find_first(self, select: Select, names: Sequence[str]) -> Solutions:
        """Return the first solutions that are found, as many as a SELECT wants."""
        wanted = select.offset + (select.limit or 0)
        found: list[Solutions] = []
        size = 0
        needed = frozenset(list_needed(select, names))
        if wanted:
            values = self._find_values(select, needed)
            is_one = wanted == 1 and not names
            pieces = self.nesting.find_pieces(
                select.where, needed, _FEW, _FASTER, any_will_do=is_one
            )
            for piece in pieces if values is None else [values]:
                found.append(keep_only(self._project(select, iter([piece]), names), names))
                if select.distinct:
                    found = [drop_repeated(concatenate(found), names)]
                size = sum(table.size for table in found)
                if size >= wanted:
                    break
        if not found:
            found = [keep_only(Solutions(0, {}), names)]
        return concatenate(found).cut(select.offset, wanted)

    def _project(
        self,
        select: Select,
        pieces: Iterator[Solutions],
        names: Sequence[str],
        *,
        is_whole: bool = False,
    ) -> Solutions:
        """Return the groups of all pieces and what expressions say of each row (18.2.4).

        is_whole: the pieces are all solutions of the pattern.
        """
        aggregates: dict[Expression, str] = {}
        select = put_aggregates(put_keys(select), aggregates)
        if aggregates or select.group_by is not None:
            known = group_runs(select, aggregates, self._patterns.joins.matching, self._terms)
            if is_whole and known is not None:
                table = known
            else:
                table = self._make_grouping(select, aggregates).group(pieces)
        else:
            table = concatenate(list(pieces))
        for condition in select.having:
            table = table.take(self._expressions.holds(condition, table))
        if select.values:
            if find_mentioned(select.values) & find_mentioned(select.where) - table.columns.keys():
                raise Unsuited("VALUES of a variable that grouping hides")
            table = join(table, self._patterns.joins.make_table(select.values))
        for item in select.items or ():
            table = self._extend(table, item)
        if select.order_by:
            table = order_solutions(table, select, self._expressions.value, self._terms)
        return table

    def _make_grouping(self, select: Select, aggregates: dict[Expression, str]) -> Grouping:
        graph = self._graph[0] if self._graph else None
        graphs = self._dataset.named_graphs if graph else _NO
        keys = select.group_by
        return Grouping(keys, aggregates, self._expressions, self._terms, graph, graphs)

    def _extend(self, table: Solutions, item: Item) -> Solutions:
        """Return a table with what an item says in a column of its name."""
        if isinstance(item.expression.node, Variable) and item.variable in (
            None,
            item.expression.node,
        ):
            return table
        value = self._expressions.value(item.expression, table)
        return table.with_columns({name_item(item): value})
