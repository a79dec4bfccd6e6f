"""Solution modifiers: order, projection, different solutions, a slice (SPARQL 1.1 Query, 15)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from sparql_server.engine.columns.algebra import Expression, Select
from sparql_server.engine.columns.evaluation.values.ordering import order
from sparql_server.engine.columns.solutions.arrays import Numbers, Rows
from sparql_server.engine.columns.solutions.query_terms import QueryTerms
from sparql_server.engine.columns.solutions.solutions import Solutions, drop_repeated


def order_solutions(
    table: Solutions,
    select: Select,
    find_value: Callable[[Expression, Solutions], Numbers],
    terms: QueryTerms,
) -> Solutions:
    """Return a table's rows in order: as many as are wanted, where each is a solution.

    find_value: returns an expression's value for each row of a table.
    """

    def evaluate(expression: Expression, rows: Rows) -> Numbers:
        here = table if len(rows) == table.size else table.take(rows)
        return find_value(expression, here)

    keys = [
        (partial(evaluate, condition.expression), condition.descending)
        for condition in select.order_by
    ]
    most = None
    if select.limit is not None and not select.distinct:
        most = select.offset + select.limit
    return table.take(order(keys, table.size, terms, most))


def modify(table: Solutions, select: Select, names: Sequence[str]) -> Solutions:
    """Return what a SELECT leaves of solutions that are in order. names: that it selects."""
    table = keep_only(table, names)
    if select.distinct:
        table = drop_repeated(table, names)
    if select.offset or select.limit is not None:
        end = table.size if select.limit is None else select.offset + select.limit
        table = table.cut(select.offset, end)
    return table


def keep_only(table: Solutions, names: Sequence[str]) -> Solutions:
    """Return a table's rows with a column for each of these variables, and no other."""
    return table.with_columns({name: table.column(name) for name in names}).only(names)
