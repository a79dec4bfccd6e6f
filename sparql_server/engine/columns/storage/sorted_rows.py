"""Rows sorted by a key, in memory that is bounded: sorted runs of them are merged in ranges.

A row is a key of 64 bits, most often two numbers of terms, and a value: the number of a graph.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

Keys = NDArray[np.int64]
Numbers = NDArray[np.int32]

LOW = (1 << 32) - 1


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows in memory: their keys and values."""

    keys: Keys
    values: Numbers

    def __len__(self) -> int:
        return len(self.keys)

    def read(self, begin: int, end: int) -> Rows:
        """Return the rows of a range."""
        return Rows(self.keys[begin:end], self.values[begin:end])


class Run(Protocol):
    """Rows that are sorted already, wherever they are."""

    def __len__(self) -> int:
        """Return how many there are."""

    def read(self, begin: int, end: int) -> Rows:
        """Return the rows of a range."""


def pair(first: NDArray[np.integer], second: NDArray[np.integer]) -> Keys:
    """Return keys that have two numbers each."""
    return (first.astype(np.int64) << 32) | second


def take_first(keys: Keys) -> Numbers:
    """Return the first of the two numbers in each key."""
    return (keys >> 32).astype(np.int32)


def take_second(keys: Keys) -> Numbers:
    """Return the second of the two numbers in each key."""
    return (keys & LOW).astype(np.int32)


def sort_numbers(numbers: NDArray[np.integer]) -> NDArray[np.int64]:
    """Return the places of numbers, in ascending order, what is equal staying as it is."""
    order = np.arange(len(numbers))
    most = int(numbers.max()) + 1 if len(numbers) else 0
    for shift in range(0, most.bit_length(), 16):  # what has 16 bits is sorted fastest
        digits = ((numbers[order] + 1) >> shift).astype(np.uint16)  # no number is less than -1
        order = order[np.argsort(digits, kind="stable")]
    return order


def sort(rows: Rows, kind: Literal["quicksort", "stable"] = "quicksort") -> Rows:
    """Return rows in order, each once. kind: of sorting."""
    order = np.argsort(rows.keys, kind=kind)
    keys, values = rows.keys[order], rows.values[order]
    same = np.zeros(len(keys) + 1, np.bool_)
    np.equal(keys[1:], keys[:-1], out=same[1:-1])
    if not same.any():
        return Rows(keys, values)
    tied = np.flatnonzero(same[1:] | same[:-1])
    values[tied] = values[tied][np.lexsort((values[tied], keys[tied]))]
    kept = ~same[:-1]
    kept[1:] |= values[1:] != values[:-1]
    return Rows(keys[kept], values[kept])


def merge(runs: Sequence[Run], most: int) -> Iterator[Rows]:
    """Yield the rows of sorted runs in order, each once, in pieces of about as many as ``most``."""
    runs = [run for run in runs if len(run)]
    if not runs:
        return
    if len(runs) == 1:
        for begin in range(0, len(runs[0]), most):
            yield runs[0].read(begin, min(begin + most, len(runs[0])))
        return
    begins = [0] * len(runs)
    for pivot in (*_find_pivots(runs, most), None):
        ends = [
            len(run) if pivot is None else bisect_left(_KeysOf(run), pivot, begin)
            for run, begin in zip(runs, begins, strict=True)
        ]
        pieces = [run.read(*place) for run, *place in zip(runs, begins, ends, strict=True)]
        begins = ends
        keys = np.concatenate([piece.keys for piece in pieces])
        values = np.concatenate([piece.values for piece in pieces])
        yield sort(Rows(keys, values), "stable")  # which goes through what is sorted in one step


def _find_pivots(runs: Sequence[Run], most: int) -> list[int]:
    """Return keys between which there are about as many rows as may be sorted at once."""
    total = sum(map(len, runs))
    if total <= most:
        return []
    step = max(1, most // (4 * len(runs)))
    samples = sorted(
        int(run.read(place, place + 1).keys[0])
        for run in runs
        for place in range(0, len(run), step)
    )
    apart = max(1, len(samples) * most // total)
    return list(dict.fromkeys(samples[apart::apart]))


class _KeysOf(Sequence[int]):
    def __init__(self, run: Run) -> None:
        self._run = run

    def __len__(self) -> int:
        return len(self._run)

    def __getitem__(self, place):  # type: ignore[no-untyped-def]
        return int(self._run.read(place, place + 1).keys[0])
