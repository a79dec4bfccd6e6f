"""The rows of a table as numbers of terms, on disk while it is made: memory grows little with it.

Numbers of a release's terms are in the order of their values, so that sorting takes no text.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from sparql_server.engine.columns.algebra import Kind
from sparql_server.engine.columns.solutions.query_terms import QueryTerms
from sparql_server.engine.columns.solutions.solutions import Solutions

Numbers = NDArray[np.int32]


class Rows:
    """The rows of a table. size: how many. terms: what the numbers stand for, less than 0 none."""

    def __init__(self, columns: dict[str, Numbers], size: int, terms: QueryTerms) -> None:
        self.columns = columns
        self.size = size
        self.terms = terms

    def sort(self, names: Sequence[str]) -> NDArray[np.int64]:
        """Return the places of the rows, sorted by columns, what is equal staying as it is."""
        order: NDArray[np.int64] = np.arange(self.size)
        for name in reversed(names):
            order = order[np.argsort(self._rank(name)[order], kind="stable")]
        return order

    def _rank(self, name: str) -> NDArray[np.integer]:
        """Return numbers that are in the order of a column's values; what has none comes first."""
        numbers = self.columns[name]
        if _is_in_order(numbers, self.terms):
            return numbers
        different, places = np.unique(numbers, return_inverse=True)
        keys = [_make_key(self.terms, number) for number in different.tolist()]
        ranks = np.empty(len(keys), np.int64)
        ranks[sorted(range(len(keys)), key=keys.__getitem__)] = np.arange(len(keys))
        return ranks[places]


def _is_in_order(numbers: Numbers, terms: QueryTerms) -> bool:
    """Tell whether numbers are as their values: a release's are, of one kind without tags."""
    bound = numbers[numbers >= 0]
    if not len(bound):
        return True
    kinds = np.searchsorted(terms.release.bounds[1:5], [bound.min(), bound.max()], "right")
    return bool(kinds[0] == kinds[1] and kinds[0] in (Kind.IRI, Kind.SIMPLE))


def _make_key(terms: QueryTerms, number: int) -> tuple[int, int, bytes]:
    """Return what a value is sorted by: nothing, whole numbers, text."""
    if number < 0:
        return 0, 0, b""
    term = terms.term(number)
    if term.kind == Kind.TYPED and term.value.lstrip("+-").isdecimal():
        return 1, int(term.value), b""
    return 2, 0, (f"_:{term.value}" if term.kind == Kind.BLANK else term.value).encode()


def store_rows(
    parts: Iterable[Solutions], names: Sequence[str], terms: QueryTerms, folder: Path
) -> Rows:
    """Write solutions into files of a folder, which is there; return them mapped."""
    size = 0
    with ExitStack() as stack:
        files = [stack.enter_context(open(folder / f"{name}.i32", "wb")) for name in names]
        for part in parts:
            size += part.size
            _append(part, names, files)
    return Rows({name: _map(folder / f"{name}.i32", size) for name in names}, size, terms)


def _append(part: Solutions, names: Sequence[str], files: Sequence[BinaryIO]) -> None:
    for name, file in zip(names, files, strict=True):
        file.write(np.ascontiguousarray(part.column(name), np.int32).tobytes())


def _map(path: Path, size: int) -> Numbers:
    if not size:
        return np.empty(0, np.int32)  # an empty file can't be mapped
    return np.memmap(path, np.int32, "r", shape=(size,))
