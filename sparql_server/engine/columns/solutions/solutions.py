"""Solutions as columns: an array of term numbers for each variable (SPARQL 1.1 Query, 18.1.8)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from sparql_server.engine.columns.algebra import Unsuited
from sparql_server.engine.columns.solutions.arrays import (
    Codes,
    Mask,
    Numbers,
    Rows,
    check_size,
    codes,
    factorized,
    spread,
)

UNBOUND = -1


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

    def cut(self, begin: int, end: int) -> Solutions:
        """Return the rows from one position to another."""
        columns = {name: column[begin:end] for name, column in self.columns.items()}
        return Solutions(len(range(self.size)[begin:end]), columns, self.partial)

    def column(self, name: str) -> Numbers:
        """Return a variable's values; ``UNBOUND`` in each row if there is no such column."""
        found = self.columns.get(name)
        return np.full(self.size, UNBOUND, np.int32) if found is None else found

    def with_columns(self, more: Mapping[str, Numbers]) -> Solutions:
        """Return the same rows with columns beside theirs."""
        partial = {name for name, column in more.items() if len(column) and column.min() < 0}
        return Solutions(self.size, {**self.columns, **more}, self.partial | partial)

    def only(self, names: Collection[str]) -> Solutions:
        """Return the same rows with no other columns than these, as far as they are there."""
        columns = {name: column for name, column in self.columns.items() if name in names}
        return Solutions(self.size, columns, self.partial.intersection(columns))

    def certain(self, names: Iterable[str]) -> None:
        """Raise Unsuited if any of these variables is unbound in some row."""
        if not self.partial.isdisjoint(names):
            raise Unsuited("a variable that may be unbound is joined on")


UNIT = Solutions(1, {})
"""The one solution that binds nothing."""


def join(left: Solutions, right: Solutions) -> Solutions:
    """Join two tables (18.5). Raises Unsuited where a shared variable may be unbound."""
    shared = [name for name in left.columns if name in right.columns]
    if not shared:
        check_size(left.size * right.size)
        rows = np.repeat(np.arange(left.size), right.size)
        others = np.tile(np.arange(right.size), left.size)
    else:
        rows, others = _matches(*_shared_codes(left, right, shared))
    left, right = left.take(rows), right.take(others)
    return Solutions(left.size, {**right.columns, **left.columns}, left.partial | right.partial)


def _matches(wanted: Codes, keys: Codes) -> tuple[Rows, Rows]:
    """Return the positions of all pairs of equal numbers."""
    order = np.argsort(keys)
    ordered = keys[order]
    ends = np.searchsorted(ordered, wanted, "right")
    rows, positions = spread(np.searchsorted(ordered, wanted), ends)
    return rows, order[positions]


def has_match(left: Solutions, right: Solutions, shared: Sequence[str]) -> Mask:
    """Return for each row of the left whether one of the right agrees in what is shared."""
    wanted, keys = _shared_codes(left, right, shared)
    return np.isin(wanted, keys)


def _shared_codes(left: Solutions, right: Solutions, shared: Sequence[str]) -> tuple[Codes, Codes]:
    """Return numbers of the rows of both that are equal where they agree in what is shared."""
    left.certain(shared)
    right.certain(shared)
    code = codes([np.concatenate((left.columns[name], right.columns[name])) for name in shared])
    return code[: left.size], code[left.size :]


def concatenate(tables: Sequence[Solutions]) -> Solutions:
    """Return all rows of some tables; what a table has no column of is unbound in its rows."""
    if len(tables) == 1:
        return tables[0]
    size = sum(table.size for table in tables)
    check_size(size)
    names = list(dict.fromkeys(name for table in tables for name in table.columns))
    lacking = {
        name for table in tables if table.size for name in names if name not in table.columns
    }
    columns = {name: np.concatenate([table.column(name) for table in tables]) for name in names}
    partial = lacking.union(*(table.partial for table in tables))
    return Solutions(size, columns, frozenset(partial))


def without_repetition(table: Solutions, names: Sequence[str]) -> Solutions:
    """Return the first of all rows that agree in these variables, in the order they have."""
    if table.size <= 1:
        return table
    if not names:
        return table.cut(0, 1)
    return table.take(np.sort(factorized(codes([table.columns[name] for name in names]))[0]))
