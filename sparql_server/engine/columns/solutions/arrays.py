"""Looks up, sorts and tells apart numbers by the thousand.

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

# Numbers between the first and the last key, and keys, for each one that is looked up, up to which
# a table of all of them is quicker than searching: 0.1 microseconds against a nanosecond or two.
_SPARSE = 100

# Likewise for each number that is told apart from others, which sorting takes longer for.
_DENSE = 4

_FEW = 500  # numbers that are looked up so fast that sorting them saves nothing


def make_numbers(values: Sequence[int]) -> Numbers:
    """Return numbers as an array."""
    return np.array(values, np.int32)


def check_size(rows: int) -> None:
    """Raise TooMany for more rows than are made at once."""
    if rows > MOST:
        raise TooMany(f"{rows} rows")


def find(keys: Numbers, wanted: Numbers) -> tuple[Rows, Rows]:
    """Return the range of positions that each wanted number has among sorted keys."""
    if len(keys) and int(keys[-1]) - int(keys[0]) + 4 * len(keys) < _SPARSE * len(wanted):
        return _find_in_table(keys, wanted)
    return search(keys, wanted)


def search(keys: Codes, wanted: Codes) -> tuple[Rows, Rows]:
    """Return the range of positions that each wanted number has among sorted keys, by searching.

    Numbers in order are found near each other, in a fifth of the time that they take at random.
    """
    if len(wanted) < _FEW or (wanted[1:] >= wanted[:-1]).all():
        return keys.searchsorted(wanted), keys.searchsorted(wanted, "right")
    order = np.argsort(wanted)
    wanted = wanted[order]
    begin, end = np.empty(len(order), np.intp), np.empty(len(order), np.intp)
    begin[order] = keys.searchsorted(wanted)
    end[order] = keys.searchsorted(wanted, "right")
    return begin, end


def _find_in_table(keys: Numbers, wanted: Numbers) -> tuple[Rows, Rows]:
    starts = _differs(keys).nonzero()[0]
    low, high = int(keys[0]), int(keys[-1])
    # The place before the first is that of all which isn't there: an empty range.
    end = np.array([len(keys)])
    begins, ends = np.concatenate((end, starts)), np.concatenate((end, starts[1:], end))
    runs = np.zeros(high - low + 2, np.int32)  # of which only what is met takes memory
    runs[keys[starts] - low] = np.arange(1, len(begins), dtype=np.int32)
    outside = (wanted < low) | (wanted > high)
    found = runs[np.where(outside, high + 1, wanted) - low]
    return begins[found], ends[found]


def _differs(keys: Codes) -> Mask:
    """Tell for each of some sorted numbers whether it differs from the one before."""
    found = np.ones(len(keys), np.bool_)
    np.not_equal(keys[1:], keys[:-1], out=found[1:])
    return found


def spread(begin: Rows, end: Rows) -> tuple[Rows, Rows]:
    """Return, for ranges of positions, the number of the range and the position of each member.

    >>> [numbers.tolist() for numbers in spread(np.array([5, 2, 9]), np.array([7, 2, 10]))]
    [[0, 0, 2], [5, 6, 9]]
    """
    counts = end - begin
    if counts.max(initial=0) <= 1:
        rows = counts.nonzero()[0]
        return rows, begin[rows]
    total = int(counts.sum())
    check_size(total)
    rows = np.arange(len(counts)).repeat(counts)
    first = counts.cumsum() - counts
    return rows, np.arange(total) + (begin - first)[rows]


def are_among(ordered: Codes, wanted: Codes) -> Mask:
    """Tell which of the wanted numbers are among sorted ones."""
    if not len(ordered):
        return np.zeros(len(wanted), np.bool_)
    if len(wanted) < _FEW or (wanted[1:] >= wanted[:-1]).all():
        return _are_at(ordered, ordered.searchsorted(wanted), wanted)
    order = np.argsort(wanted)
    found = np.empty(len(order), np.bool_)
    wanted = wanted[order]
    found[order] = _are_at(ordered, ordered.searchsorted(wanted), wanted)
    return found


def _are_at(ordered: Codes, places: Rows, wanted: Codes) -> Mask:
    """Tell which of the wanted numbers are at these places."""
    places[places == len(ordered)] = 0
    found: Mask = ordered[places] == wanted
    return found


def are_in(keys: Codes, wanted: Codes) -> Mask:
    """Tell which of the wanted numbers are among others, in any order."""
    if not len(keys) or not len(wanted):
        return np.zeros(len(wanted), np.bool_)
    low, high = int(keys.min()), int(keys.max())
    if high - low > _SPARSE * (len(keys) + len(wanted)):
        return are_among(np.sort(keys), wanted)
    met = np.zeros(high - low + 2, np.bool_)
    met[keys - low] = True
    outside = (wanted < low) | (wanted > high)
    found: Mask = met[np.where(outside, high + 1, wanted) - low]
    return found


def find_distinct(values: NDArray[_Integer]) -> NDArray[_Integer]:
    """Return the different ones of some numbers, sorted."""
    ordered = np.sort(values)
    return ordered[_differs(ordered)]


def factorize(values: Codes) -> tuple[Rows, Rows]:
    """Return the first row of each different number, and for each row which of them it has.

    >>> [numbers.tolist() for numbers in factorize(np.array([7, 3, 7]))]
    [[1, 0], [1, 0, 1]]
    """
    if _are_dense(values):
        return _factorize_in_table(values)
    order = np.argsort(values)
    begins = _differs(values[order])
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
