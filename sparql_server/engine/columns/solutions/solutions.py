"""Solutions as columns: an array of term numbers for each variable (SPARQL 1.1 Query, 18.1.8)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np

from sparql_server.engine.columns.solutions.arrays import (
    Codes,
    Mask,
    Numbers,
    Rows,
    check_size,
    encode_rows,
    find_first,
)
from sparql_server.engine.columns.solutions.halves import take
from sparql_server.engine.columns.solutions.number_search import are_in, search, spread

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
        places = cast(Rows, rows.nonzero()[0] if rows.dtype == np.bool_ else rows)
        columns = {name: take(column, places) for name, column in self.columns.items()}
        return Solutions(len(places), columns, self.partial)

    def take_all(self, rows: Rows | None) -> Solutions:
        """Return these rows, in this order; None: all of them, once each."""
        return self if rows is None else self.take(rows)

    def cut(self, begin: int, end: int) -> Solutions:
        """Return the rows from one position to another."""
        columns = {name: column[begin:end] for name, column in self.columns.items()}
        return Solutions(len(range(self.size)[begin:end]), columns, self.partial)

    def sample(self, most: int) -> Solutions:
        """Return so many of the rows, from all over; all of them where they are no more."""
        if self.size <= most:
            return self
        return self.take(np.linspace(0, self.size - 1, most).astype(np.intp))

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

    def split_by_bound(self, names: Iterable[str]) -> list[tuple[Rows, frozenset[str]]]:
        """Return rows that agree in which of these variables they bind, and what those are."""
        partial = sorted(self.partial.intersection(names))
        certain = frozenset(names).intersection(self.columns).difference(partial)
        if not partial or not self.size:
            return [(np.arange(self.size), certain)]
        mask = np.zeros(self.size, np.int64)
        for place, name in enumerate(partial):
            mask |= (self.columns[name] >= 0).astype(np.int64) << place
        return [
            (
                np.flatnonzero(mask == value),
                certain.union(name for place, name in enumerate(partial) if value >> place & 1),
            )
            for value in np.unique(mask).tolist()
        ]

    def split(self, names: Collection[str]) -> list[tuple[Rows, Solutions]]:
        """Return the rows in parts each of which binds one of these variables in all rows or none.

        A variable that a part doesn't bind is no column of it.
        """
        if self.partial.isdisjoint(names):
            return [(np.arange(self.size), self)]
        return [
            (rows, self._make_part(rows, names, bound))
            for rows, bound in self.split_by_bound(names)
        ]

    def _make_part(self, rows: Rows, names: Collection[str], bound: Collection[str]) -> Solutions:
        part = self.take(rows)
        columns = {
            name: column
            for name, column in part.columns.items()
            if name not in names or name in bound
        }
        return Solutions(part.size, columns, part.partial.difference(names))


UNIT = Solutions(1, {})
"""The one solution that binds nothing."""


def join(left: Solutions, right: Solutions) -> Solutions:
    """Join two tables (18.5)."""
    shared = [name for name in left.columns if name in right.columns]
    partial = (left.partial | right.partial).intersection(shared)
    if partial:
        return _join_by_parts(left, right, shared, partial)
    rows, others = _match_rows(left, right, shared)
    left, right = left.take(rows), right.take(others)
    return Solutions(left.size, {**right.columns, **left.columns}, left.partial | right.partial)


def _match_rows(left: Solutions, right: Solutions, shared: Sequence[str]) -> tuple[Rows, Rows]:
    """Return rows of both that agree in what is shared, which both bind."""
    if shared:
        return _matches(*_encode_shared(left, right, shared))
    check_size(left.size * right.size)
    rows = np.repeat(np.arange(left.size), right.size)
    return rows, np.tile(np.arange(right.size), left.size)


def _join_by_parts(
    left: Solutions, right: Solutions, shared: Sequence[str], partial: frozenset[str]
) -> Solutions:
    """Join two tables that share variables which some row doesn't bind."""
    found = []
    for rows, bound in left.split_by_bound(shared):
        for others, other_bound in right.split_by_bound(shared):
            here, there = left.take(rows), right.take(others)
            agreeing = _match_rows(here, there, sorted(bound & other_bound))
            here, there = here.take(agreeing[0]), there.take(agreeing[1])
            columns = {**there.columns, **here.columns}
            columns |= {name: there.columns[name] for name in other_bound - bound}
            lacking = partial - bound - other_bound
            may = (left.partial | right.partial).difference(shared) | lacking
            found.append(Solutions(here.size, columns, frozenset(may)))
    return concatenate(found)


def _matches(wanted: Codes, keys: Codes) -> tuple[Rows, Rows]:
    """Return the positions of all pairs of equal numbers."""
    order = np.argsort(keys)
    ordered = keys[order]
    rows, positions = spread(*search(ordered, wanted))
    return rows, order[positions]


def has_match(
    left: Solutions, right: Solutions, shared: Sequence[str], always: Collection[str] = ()
) -> Mask:
    """Return for each row of the left whether one of the right agrees in what both bind.

    It must be something that both bind. always: agreed in by all that agree, of no matter itself.
    """
    found = np.zeros(left.size, np.bool_)
    for rows, bound in left.split_by_bound(shared):
        for others, other_bound in right.split_by_bound(shared):
            both = sorted(bound & other_bound)
            if not set(both) <= set(always):
                wanted, keys = _encode_shared(left.take(rows), right.take(others), both)
                found[rows] |= are_in(keys, wanted)
    return found


def _encode_shared(left: Solutions, right: Solutions, shared: Sequence[str]) -> tuple[Codes, Codes]:
    """Return numbers of the rows of both that are equal where they agree in what is shared."""
    code = encode_rows(
        [np.concatenate((left.columns[name], right.columns[name])) for name in shared]
    )
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
    tables = [table for table in tables if table.size] or tables[:1]
    columns = {name: np.concatenate([table.column(name) for table in tables]) for name in names}
    partial = lacking.union(*(table.partial for table in tables))
    return Solutions(size, columns, frozenset(partial))


def drop_repeated(table: Solutions, names: Sequence[str]) -> Solutions:
    """Return the first of all rows that agree in these variables, in the order they have."""
    if table.size <= 1:
        return table
    if not names:
        return table.cut(0, 1)
    return table.take(find_first(encode_rows([table.columns[name] for name in names])))
