"""Groups solutions and aggregates them (SPARQL 1.1 Query, 11, 18.5.1)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from sparql_server.engine.columns.algebra import Expression, Kind, Unsuited, Variable
from sparql_server.engine.columns.evaluation.aggregation.concatenation import concatenate_values
from sparql_server.engine.columns.evaluation.values.delegation import delegate
from sparql_server.engine.columns.evaluation.values.ordering import rank
from sparql_server.engine.columns.solutions.arrays import (
    Mask,
    Numbers,
    Rows,
    encode_rows,
    factorize,
    find_distinct,
    make_numbers,
    pair,
)
from sparql_server.engine.columns.solutions.query_terms import QueryTerms, read_integer
from sparql_server.engine.columns.solutions.solutions import UNBOUND, Solutions
from sparql_server.engine.columns.storage.numbered_terms import UNKNOWN

NAMES = ("COUNT", "SUM", "MIN", "MAX", "AVG", "SAMPLE", "GROUP_CONCAT")
"""The aggregates of the grammar."""

_EXACT = 2**62
_SPARSE = 100  # numbers between the first and the last for each one, up to which a table is made
_ANY = Expression("variable", node=Variable("_:any"))


@dataclass(frozen=True, slots=True)
class Groups:
    """The groups of rows. count: how many. first: a row of each. whole: all rows are one."""

    count: int
    of_row: Rows
    first: Rows
    whole: bool = False

    def only(self, rows: Mask) -> Groups:
        """Return the same groups of some of the rows."""
        if self.whole:
            return replace(self, of_row=_make_zeros(int(np.count_nonzero(rows))))
        return replace(self, of_row=self.of_row[rows])


def group_rows(table: Solutions, keys: Sequence[Numbers] | None) -> Groups:
    """Return the groups that agree in all keys; all rows are one where there are no keys (None)."""
    if not keys:
        count = 1 if keys is None else min(table.size, 1)
        return Groups(count, _make_zeros(table.size), np.zeros(count, np.intp), keys is None)
    first, of_row = factorize(encode_rows(keys))
    return Groups(len(first), of_row, first)


def _make_zeros(size: int) -> Rows:
    """Return zeros that take no memory."""
    return np.broadcast_to(np.zeros(1, np.intp), size)


def aggregate(
    expression: Expression, values: Numbers | None, found: Groups, terms: QueryTerms
) -> Numbers:
    """Return an aggregate of each group. values: of its argument in each row; None: COUNT(*).

    What has no value somewhere has no aggregate, but COUNT and SAMPLE pass over it. Raises
    Unsuited.
    """
    name = expression.operator
    if values is None:
        return _number_integers(_count_rows(found), terms)
    lacking = values < 0
    errors = None
    if lacking.any():
        errors = None if name in ("COUNT", "SAMPLE") else found.only(lacking)
        found, values = found.only(~lacking), values[~lacking]
    aggregated = _aggregate_values(expression, values, found, terms)
    if errors is not None:
        aggregated = aggregated.copy()
        aggregated[errors.of_row] = UNBOUND
    return aggregated


def _aggregate_values(
    expression: Expression, values: Numbers, found: Groups, terms: QueryTerms
) -> Numbers:
    name = expression.operator
    if name == "GROUP_CONCAT":
        return concatenate_values(expression, values, found.of_row, found.count, terms)
    if expression.distinct and name == "COUNT" and found.whole:
        return _number_integers(np.array([_count_different(values)]), terms)
    if expression.distinct and name not in ("SAMPLE", "MIN", "MAX"):
        of_row, values = _drop_repeated(found.of_row, values)
        found = replace(found, of_row=of_row)
    if name == "COUNT":
        return _number_integers(_count_rows(found), terms)
    return _OTHERS[name](found, values, terms)


def merge_parts(name: str, values: Numbers, found: Groups, terms: QueryTerms) -> Numbers:
    """Return an aggregate of what it was in parts of each group. Raises Unsuited."""
    return aggregate(Expression(name, (_ANY,)), values, found, terms)


def _count_rows(found: Groups) -> NDArray[np.int_]:
    if found.whole:
        return np.array([len(found.of_row)])
    return np.bincount(found.of_row, minlength=found.count)


def _count_different(values: Numbers) -> int:
    """Return how many different numbers there are, none of which is less than 0."""
    if not len(values):
        return 0
    low, high = int(values.min()), int(values.max())
    if high - low > _SPARSE * len(values):
        return len(find_distinct(values))
    met = np.zeros(high - low + 1, np.bool_)
    met[values - low] = True
    return int(np.count_nonzero(met))


def _drop_repeated(of_row: Rows, values: Numbers) -> tuple[Rows, Numbers]:
    pairs = find_distinct(pair(of_row, values))
    return (pairs >> 32).astype(np.intp), (pairs & 0xFFFFFFFF).astype(np.int32)


def _number_integers(values: NDArray[np.int_], terms: QueryTerms) -> Numbers:
    first, back = factorize(values)
    return make_numbers(terms.number_integers(values[first].tolist()))[back]


def _sample(groups: Groups, values: Numbers, terms: QueryTerms) -> Numbers:
    """Return the first value of each group."""
    sampled = np.full(groups.count, UNBOUND, np.int32)
    sampled[groups.of_row[::-1]] = values[::-1]
    return sampled


def _find_least(groups: Groups, values: Numbers, terms: QueryTerms) -> Numbers:
    if groups.whole and len(values):
        values = _find_ends(values, terms, False)
        groups = replace(groups, of_row=_make_zeros(len(values)))
    return _choose_first(groups, values, rank(values, terms))


def _find_greatest(groups: Groups, values: Numbers, terms: QueryTerms) -> Numbers:
    if groups.whole and len(values):
        values = _find_ends(values, terms, True)
        groups = replace(groups, of_row=_make_zeros(len(values)))
    return _choose_first(groups, values, -rank(values, terms))


def _find_ends(values: Numbers, terms: QueryTerms, greatest: bool) -> Numbers:
    """Return the values that come into question as the least or greatest of all.

    Of each kind but those with a datatype, numbers are in order.
    """
    bounds = terms.release.bounds
    found = [_find_last_instants(values[values >= bounds[Kind.TYPED]], terms, greatest)]
    for kind in (Kind.BLANK, Kind.IRI, Kind.SIMPLE, Kind.LANGUAGE):
        here = values[(values >= bounds[kind]) & (values < bounds[kind + 1])]
        if len(here):
            found.append(here.max(keepdims=True) if greatest else here.min(keepdims=True))
    return np.concatenate(found)


def _find_last_instants(values: Numbers, terms: QueryTerms, greatest: bool) -> Numbers:
    """Return those that are the last or the first, if all are instants; else all of them."""
    instants = terms.instants(values)
    if not len(values) or (instants == UNKNOWN).any():
        return values
    last = instants.max() if greatest else instants.min()
    latest: Numbers = values[instants == last]
    return latest


def _choose_first(groups: Groups, values: Numbers, ranks: NDArray[np.int64]) -> Numbers:
    """Return the value of each group that comes first; none where a group has none.

    Raises Unsuited where another value, such as the same instant elsewhere, is as good.
    """
    least = np.full(groups.count, np.iinfo(np.int64).max)
    np.minimum.at(least, groups.of_row, ranks)
    rows = np.flatnonzero(ranks == least[groups.of_row])
    chosen = np.full(groups.count, UNBOUND, np.int32)
    chosen[groups.of_row[rows]] = values[rows]
    if (values[rows] != chosen[groups.of_row[rows]]).any():
        raise Unsuited("the least or the greatest of several that are equal")
    return chosen


def _sum(groups: Groups, values: Numbers, terms: QueryTerms) -> Numbers:
    return _number_integers(_add_up(groups, values, terms), terms)


def _divide(groups: Groups, values: Numbers, terms: QueryTerms) -> Numbers:
    """Return the quotients of sums and counts, as Oxigraph divides them; 0 of nothing."""
    counts = np.maximum(np.bincount(groups.of_row, minlength=groups.count), 1)
    arguments = [_sum(groups, values, terms), _number_integers(counts, terms)]
    if not values.size:
        return arguments[0]
    return delegate("/", arguments, terms)


def _add_up(groups: Groups, values: Numbers, terms: QueryTerms) -> NDArray[np.int64]:
    first, back = factorize(values)
    integers = np.array(
        [read_integer(terms.term(number)) for number in values[first].tolist()], np.int64
    )
    if len(values) * int(np.abs(integers).max(initial=0)) > _EXACT:
        raise Unsuited("a sum that may be too large")
    sums = np.zeros(groups.count, np.int64)
    np.add.at(sums, groups.of_row, integers[back])
    return sums


_OTHERS: Mapping[str, Callable[[Groups, Numbers, QueryTerms], Numbers]] = {
    "SAMPLE": _sample,
    "MIN": _find_least,
    "MAX": _find_greatest,
    "SUM": _sum,
    "AVG": _divide,
}
