"""Sorts and tells apart numbers by the thousand.

numpy has functions for most of it; where one of them takes several times as long as another way
does, the way is written out here.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from sparql_server.engine.columns.algebra import Unsuited

Numbers = NDArray[np.int32]
Rows = NDArray[np.intp]
Mask = NDArray[np.bool_]
Codes = NDArray[np.signedinteger[Any]]
"""Numbers of rows: of one term, or of what several are together."""

_Integer = TypeVar("_Integer", np.int32, np.int64)


class TooMany(Unsuited):
    """A table would have more rows than are made at once."""


MOST = 10_000_000
"""Rows of a table that is made; what needs more is for an engine that makes one at a time."""

# Numbers between the first and the last, for each that is told apart from others, up to which a
# table of all of them is quicker than sorting.
_DENSE = 4


def make_numbers(values: Sequence[int]) -> Numbers:
    """Return numbers as an array."""
    return np.array(values, np.int32)


def check_size(rows: int) -> None:
    """Raise TooMany for more rows than are made at once."""
    if rows > MOST:
        raise TooMany(f"{rows} rows")


def find_changes(keys: Codes) -> Mask:
    """Tell for each of some sorted numbers whether it differs from the one before."""
    found = np.ones(len(keys), np.bool_)
    np.not_equal(keys[1:], keys[:-1], out=found[1:])
    return found


def find_distinct(values: NDArray[_Integer]) -> NDArray[_Integer]:
    """Return the different ones of some numbers, sorted."""
    ordered = np.sort(values)
    return ordered[find_changes(ordered)]


def factorize(values: Codes) -> tuple[Rows, Rows]:
    """Return the first row of each different number, and for each row which of them it has.

    >>> [numbers.tolist() for numbers in factorize(np.array([7, 3, 7]))]
    [[1, 0], [1, 0, 1]]
    """
    if _are_dense(values):
        return _factorize_in_table(values)
    order = np.argsort(values)
    begins = find_changes(values[order])
    of_row = np.empty(len(values), np.intp)
    of_row[order] = np.cumsum(begins) - 1
    starts = np.flatnonzero(begins)
    first = np.minimum.reduceat(order, starts) if len(starts) else starts
    return first, of_row


def _are_dense(values: Codes) -> bool:
    """Tell whether a table of all numbers from first to last is quicker than sorting."""
    return len(values) > 0 and int(values.max()) - int(values.min()) < _DENSE * len(values)


def _factorize_in_table(values: Codes) -> tuple[Rows, Rows]:
    low = values.min()
    there = np.zeros(int(values.max() - low) + 1, np.bool_)
    places = (values - low).astype(np.intp)
    there[places] = True
    different = np.flatnonzero(there)
    number = np.empty(len(there), np.int32)  # only what is there is ever written or read
    number[different] = np.arange(len(different), dtype=np.int32)
    of_row = number[places].astype(np.intp)
    first = np.empty(len(different), np.intp)
    first[of_row[::-1]] = np.arange(len(values))[::-1]  # what is written last stays
    return first, of_row


def find_first(values: Codes) -> Rows:
    """Return the first row of each different number, the rows in order.

    >>> find_first(np.array([7, 3, 7])).tolist()
    [0, 1]
    """
    if not _are_dense(values):
        return np.sort(factorize(values)[0])
    places = values - values.min()
    first = np.full(int(places.max()) + 1, len(values), np.int32)
    first[places[::-1]] = np.arange(len(values), dtype=np.int32)[::-1]  # the last written stays
    return np.sort(first[first < len(values)]).astype(np.intp)


def number_rows(columns: Sequence[Numbers]) -> Numbers:
    """Return a number for each row, from 0 on, equal for rows that are equal and for no others."""
    return factorize(encode_rows(columns))[1].astype(np.int32)


def encode_rows(columns: Sequence[Numbers]) -> Codes:
    """Return a number for each row, equal for rows that are equal and for no others."""
    if len(columns) == 1:
        return columns[0]
    dense = _encode_dense(columns)
    if dense is not None:
        return dense
    code = columns[0].astype(np.int64)
    for index, column in enumerate(columns[1:]):
        if index:
            code = factorize(code)[1].astype(np.int64)
        code = (code << 32) + (column.astype(np.int64) + 1)
    return code


def _encode_dense(columns: Sequence[Numbers]) -> Codes | None:
    """Return numbers for rows that a table of all of them has place for; None: there are more."""
    code, size = np.zeros(len(columns[0]), np.int32), 1
    for column in columns:
        if not _are_dense(column):
            return None
        places = column - column.min()
        there = np.zeros(int(places.max()) + 1, np.bool_)
        there[places] = True
        different = np.flatnonzero(there)
        size *= len(different)
        if size > _DENSE * len(code):
            return None
        number = np.empty(len(there), np.int32)
        number[different] = np.arange(len(different), dtype=np.int32)
        code = code * np.int32(len(different)) + number[places]
    return code


def pair(high: Codes, low: Numbers) -> NDArray[np.int64]:
    """Return one number for each two, in the order of the first, then of the second."""
    found: NDArray[np.int64] = (high.astype(np.int64) << 32) | low
    return found


def split_pairs(pairs: NDArray[np.int64]) -> tuple[Numbers, Numbers]:
    """Return the two numbers of each one that ``paired`` made."""
    return (pairs >> 32).astype(np.int32), (pairs & 0xFFFFFFFF).astype(np.int32)
