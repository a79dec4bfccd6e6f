"""Solutions as columns: an array of term numbers for each variable (SPARQL 1.1 Query, 18.1.8)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sparql_server.engine.columns.algebra import Unsuited

Numbers = NDArray[np.int32]
Rows = NDArray[np.intp]
Mask = NDArray[np.bool_]

UNBOUND = -1
MOST = 20_000_000
"""Rows of a table that is made; what needs more is for an engine that makes one at a time."""


@dataclass(frozen=True, slots=True)
class Solutions:
    """A table of solutions. size: rows. columns: by variable; ``UNBOUND`` where there's no value.

    partial: variables that are unbound in some row.
    """

    size: int
    columns: Mapping[str, Numbers]
    partial: frozenset[str] = frozenset()

    def take(self, rows: Rows | Mask) -> Solutions:
        """Return these rows, in this order; or those where a mask is true."""
        if rows.dtype == np.bool_:
            rows = np.flatnonzero(rows)
        columns = {name: column[rows] for name, column in self.columns.items()}
        return Solutions(len(rows), columns, self.partial)

    def with_columns(self, more: Mapping[str, Numbers]) -> Solutions:
        """Return the same rows with columns beside theirs."""
        partial = {name for name, column in more.items() if len(column) and column.min() < 0}
        return Solutions(self.size, {**self.columns, **more}, self.partial | partial)

    def only(self, names: Collection[str]) -> Solutions:
        """Return the same rows with no other columns than these, as far as they are there."""
        columns = {name: column for name, column in self.columns.items() if name in names}
        return Solutions(self.size, columns, self.partial.intersection(columns))

    def cut(self, begin: int, end: int) -> Solutions:
        """Return the rows from one position to another."""
        columns = {name: column[begin:end] for name, column in self.columns.items()}
        return Solutions(len(range(self.size)[begin:end]), columns, self.partial)

    def column(self, name: str) -> Numbers:
        """Return a variable's values; ``UNBOUND`` in each row if there is no such column."""
        found = self.columns.get(name)
        return np.full(self.size, UNBOUND, np.int32) if found is None else found

    def certain(self, names: Iterable[str]) -> None:
        """Raise Unsuited if any of these variables is unbound in some row."""
        if not self.partial.isdisjoint(names):
            raise Unsuited("a variable that may be unbound is joined on")


UNIT = Solutions(1, {})
"""The one solution that binds nothing."""


def column_of(values: Sequence[int]) -> Numbers:
    """Return numbers as a column."""
    return np.array(values, np.int32)


def check_size(rows: int) -> None:
    """Raise Unsuited for more rows than are made at once."""
    if rows > MOST:
        raise Unsuited(f"{rows} rows")


def spread(begin: Rows, end: Rows) -> tuple[Rows, Rows]:
    """Return, for ranges of positions, the number of the range and the position of each member.

    >>> [list(map(int, one)) for one in spread(np.array([5, 2, 9]), np.array([7, 2, 10]))]
    [[0, 0, 2], [5, 6, 9]]
    """
    counts = end - begin
    total = int(counts.sum())
    check_size(total)
    rows = np.repeat(np.arange(len(counts)), counts)
    first = np.cumsum(counts) - counts
    return rows, np.arange(total) + (begin - first)[rows]


def find(keys: NDArray[np.int_], wanted: NDArray[np.int_]) -> tuple[Rows, Rows]:
    """Return the range of positions that each wanted key has among sorted keys."""
    return np.searchsorted(keys, wanted), np.searchsorted(keys, wanted, "right")


def codes(columns: Sequence[Numbers]) -> NDArray[np.int_]:
    """Return a number for each row, equal for rows that are equal and for no others."""
    if len(columns) == 1:
        return columns[0]
    code = columns[0].astype(np.int64)
    for index, column in enumerate(columns[1:]):
        if index:
            code = np.unique(code, return_inverse=True)[1].astype(np.int64)
        code = (code << 32) + (column.astype(np.int64) + 1)
    return code


def join(left: Solutions, right: Solutions) -> Solutions:
    """Join two tables (18.5). Raises Unsuited where a shared variable may be unbound."""
    shared = [name for name in left.columns if name in right.columns]
    left.certain(shared)
    right.certain(shared)
    if not shared:
        check_size(left.size * right.size)
        rows = np.repeat(np.arange(left.size), right.size)
        others = np.tile(np.arange(right.size), left.size)
    else:
        rows, others = _matches(left, right, shared)
    return _beside(left.take(rows), right.take(others))


def _matches(left: Solutions, right: Solutions, shared: Sequence[str]) -> tuple[Rows, Rows]:
    """Return positions of rows that agree in what is shared, of the left and of the right."""
    both = [np.concatenate((left.columns[one], right.columns[one])) for one in shared]
    code = codes(both)
    keys = code[left.size :]
    order = np.argsort(keys, kind="stable")
    rows, positions = spread(*find(keys[order], code[: left.size]))
    return rows, order[positions]


def _beside(left: Solutions, right: Solutions) -> Solutions:
    return Solutions(left.size, {**right.columns, **left.columns}, left.partial | right.partial)


def has_match(left: Solutions, right: Solutions, shared: Sequence[str]) -> Mask:
    """Return for each row of the left whether one of the right agrees in what is shared."""
    left.certain(shared)
    right.certain(shared)
    both = [np.concatenate((left.columns[one], right.columns[one])) for one in shared]
    code = codes(both)
    return np.isin(code[: left.size], code[left.size :])


def concatenate(tables: Sequence[Solutions]) -> Solutions:
    """Return all rows of some tables; what a table has no column of is unbound in its rows."""
    if len(tables) == 1:
        return tables[0]
    size = sum(one.size for one in tables)
    check_size(size)
    names = list(dict.fromkeys(name for one in tables for name in one.columns))
    lacking = {name for one in tables if one.size for name in names if name not in one.columns}
    columns = {name: np.concatenate([one.column(name) for one in tables]) for name in names}
    partial = lacking.union(*(one.partial for one in tables))
    return Solutions(size, columns, frozenset(partial))


def distinct(table: Solutions, names: Sequence[str]) -> Solutions:
    """Return the first of all rows that agree in these variables, in the order they have."""
    if table.size <= 1:
        return table
    if not names:
        return table.take(np.zeros(1, np.intp))
    code = codes([table.columns[name] for name in names])
    return table.take(np.sort(np.unique(code, return_index=True)[1]))
