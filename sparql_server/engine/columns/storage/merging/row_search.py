"""Finds where rows stand, or would stand, among sorted rows of arrays: all rows at once.

What columns have as numbers is compared by places among the terms of both, those that they begin
with and those that come.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sparql_server.engine.columns.storage.byte_strings import Integers
from sparql_server.engine.columns.storage.layout import Array

Columns = tuple[Array, ...]
Locate = Callable[[Array], Array]


def find_rows(
    arrays: Sequence[Array],
    wanted: Columns,
    sections: tuple[Integers, Integers],
    locate: Locate,
) -> Integers:
    """Return for each row the first place within its section of one that isn't less.

    arrays: sorted by the first, then by the second and so on within a section. wanted: of as many.
    sections: where they begin and end. locate: makes of items of the arrays what is compared.
    """
    begins, ends = sections
    low, high = begins.copy(), ends.copy()
    rest = np.flatnonzero(low < high)
    while len(rest):
        middle = (low[rest] + high[rest]) >> 1
        less = _is_less(arrays, tuple(column[rest] for column in wanted), middle, locate)
        low[rest[less]] = middle[less] + 1
        high[rest[~less]] = middle[~less]
        rest = rest[low[rest] < high[rest]]
    return low


def _is_less(
    arrays: Sequence[Array], wanted: Columns, places: Integers, locate: Locate
) -> NDArray[np.bool_]:
    """Tell whether the rows at places are less than those that are wanted."""
    less = np.zeros(len(places), np.bool_)
    tied = np.ones(len(places), np.bool_)
    for array, column in zip(arrays, wanted, strict=True):
        found = locate(array[places])
        less |= tied & (found < column)
        tied &= found == column
    return less


@dataclass(frozen=True, slots=True)
class Groups:
    """Different rows among those that go and come, sorted, and how many of either are equal."""

    columns: Columns
    gone: Integers
    added: Integers

    @classmethod
    def of(cls, gone: Columns, added: Columns) -> Groups:
        """Group rows."""
        columns = tuple(np.concatenate(pair) for pair in zip(gone, added, strict=True))
        order = np.lexsort(columns[::-1])
        columns = tuple(column[order] for column in columns)
        begins = np.ones(len(order), np.bool_)
        if len(order):
            begins[1:] = np.any([column[1:] != column[:-1] for column in columns], axis=0)
        numbers = np.cumsum(begins) - 1
        size = int(begins.sum())
        is_gone = order < len(gone[0])
        return cls(
            tuple(column[begins] for column in columns),
            np.bincount(numbers[is_gone], minlength=size),
            np.bincount(numbers[~is_gone], minlength=size),
        )

    def is_one_sided(self) -> NDArray[np.bool_]:
        """Tell which only go or only come."""
        one_sided: NDArray[np.bool_] = (self.gone == 0) | (self.added == 0)
        return one_sided

    def count_more(self, before: Integers) -> Integers:
        """Return by how much each raises how many different ones there are: -1, 0, 1.

        before: how often each was there.
        """
        after = before - self.gone + self.added
        return (after > 0).astype(np.int64) - (before > 0)
