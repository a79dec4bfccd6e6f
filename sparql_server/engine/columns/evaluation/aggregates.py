"""Groups solutions and aggregates them (SPARQL 1.1 Query, 11, 18.5.1)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sparql_server.engine.columns.algebra import Expression, Unsuited, Variable
from sparql_server.engine.columns.evaluation.delegation import delegate
from sparql_server.engine.columns.evaluation.ordering import rank
from sparql_server.engine.columns.solutions.arrays import (
    Numbers,
    Rows,
    codes,
    distinct,
    factorized,
    numbers,
    paired,
)
from sparql_server.engine.columns.solutions.query_terms import QueryTerms, integer
from sparql_server.engine.columns.solutions.solutions import UNBOUND, Solutions

NAMES = ("COUNT", "SUM", "MIN", "MAX", "AVG", "SAMPLE", "GROUP_CONCAT")
"""The aggregates of the grammar."""

_EXACT = 2**62


@dataclass(frozen=True, slots=True)
class Groups:
    """The groups of rows. count: how many. first: a row of each."""

    count: int
    of_row: Rows
    first: Rows


def groups(table: Solutions, keys: Sequence[Numbers] | None) -> Groups:
    """Return the groups that agree in all keys; all rows are one where there are no keys (None)."""
    if not keys:
        count = 1 if keys is None else min(table.size, 1)
        return Groups(count, np.zeros(table.size, np.intp), np.zeros(count, np.intp))
    first, of_row = factorized(codes(keys))
    return Groups(len(first), of_row, first)


def aggregate(
    expression: Expression, values: Numbers | None, found: Groups, terms: QueryTerms
) -> Numbers:
    """Return an aggregate of each group. values: of its argument in each row; None: COUNT(*).

    Raises Unsuited.
    """
    name = expression.operator
    if values is None:
        if expression.distinct:
            raise Unsuited("COUNT(DISTINCT *)")
        return _integers(np.bincount(found.of_row, minlength=found.count), terms)
    of_row = found.of_row
    if (values < 0).any():
        # An error is passed over only where Oxigraph counts a variable as it is.
        is_variable = isinstance(expression.arguments[0].node, Variable)
        if name != "SAMPLE" and not (name == "COUNT" and is_variable):
            raise Unsuited(f"{name} of what has no value somewhere")
        of_row, values = of_row[values >= 0], values[values >= 0]
    if expression.distinct and name != "SAMPLE":
        of_row, values = _distinct(of_row, values)
    if name == "COUNT":
        return _integers(np.bincount(of_row, minlength=found.count), terms)
    if name not in _OTHERS:
        raise Unsuited(name)
    return _OTHERS[name](Groups(found.count, of_row, found.first), values, terms)


def _distinct(of_row: Rows, values: Numbers) -> tuple[Rows, Numbers]:
    pairs = distinct(paired(of_row, values))
    return (pairs >> 32).astype(np.intp), (pairs & 0xFFFFFFFF).astype(np.int32)


def _integers(values: NDArray[np.int_], terms: QueryTerms) -> Numbers:
    first, back = factorized(values)
    return numbers(terms.integers(values[first].tolist()))[back]


def _sample(groups: Groups, values: Numbers, terms: QueryTerms) -> Numbers:
    """Return the first value of each group."""
    sampled = np.full(groups.count, UNBOUND, np.int32)
    sampled[groups.of_row[::-1]] = values[::-1]
    return sampled


def _least(groups: Groups, values: Numbers, terms: QueryTerms) -> Numbers:
    return _first(groups, values, rank(values, terms))


def _greatest(groups: Groups, values: Numbers, terms: QueryTerms) -> Numbers:
    return _first(groups, values, -rank(values, terms))


def _first(groups: Groups, values: Numbers, ranks: NDArray[np.int64]) -> Numbers:
    """Return the value of each group that comes first; none where a group has none.

    Raises Unsuited where another value, such as the same instant elsewhere, is as good.
    """
    chosen = np.full(groups.count, UNBOUND, np.int32)
    least = np.zeros(groups.count, np.int64)
    rows = np.lexsort((ranks, groups.of_row))[::-1]
    chosen[groups.of_row[rows]] = values[rows]
    least[groups.of_row[rows]] = ranks[rows]
    if ((ranks == least[groups.of_row]) & (values != chosen[groups.of_row])).any():
        raise Unsuited("the least or the greatest of several that are equal")
    return chosen


def _sum(groups: Groups, values: Numbers, terms: QueryTerms) -> Numbers:
    return _integers(_sums(groups, values, terms), terms)


def _average(groups: Groups, values: Numbers, terms: QueryTerms) -> Numbers:
    """Return the quotients of sums and counts, as Oxigraph divides them; 0 of nothing."""
    counts = np.maximum(np.bincount(groups.of_row, minlength=groups.count), 1)
    arguments = [_sum(groups, values, terms), _integers(counts, terms)]
    if not values.size:
        return arguments[0]
    return delegate("/", arguments, terms)


def _sums(groups: Groups, values: Numbers, terms: QueryTerms) -> NDArray[np.int64]:
    first, back = factorized(values)
    integers = np.array(
        [integer(terms.term(number)) for number in values[first].tolist()], np.int64
    )
    if len(values) * int(np.abs(integers).max(initial=0)) > _EXACT:
        raise Unsuited("a sum that may be too large")
    sums = np.zeros(groups.count, np.int64)
    np.add.at(sums, groups.of_row, integers[back])
    return sums


_OTHERS: Mapping[str, Callable[[Groups, Numbers, QueryTerms], Numbers]] = {
    "SAMPLE": _sample,
    "MIN": _least,
    "MAX": _greatest,
    "SUM": _sum,
    "AVG": _average,
}
