"""Work on large arrays in two halves at once, while nobody else needs the other core.

numpy lets go of Python's lock while it searches, looks up and copies.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

LARGE = 200_000
"""Numbers from which two halves take less time than the whole, the hand-over included."""

_Scalar = TypeVar("_Scalar", bound=np.generic)


class Lender(Protocol):
    """Knows whether a core is free."""

    def borrow(self) -> bool:
        """Take another core; tell whether one was free."""

    def give_back(self) -> None:
        """Leave it."""


class _Nobody:
    def borrow(self) -> bool:
        return False

    def give_back(self) -> None:
        pass


_lenders: list[Lender] = [_Nobody()]


def borrow_from(lender: Lender | None) -> None:
    """Have this process, and those forked from it, borrow cores; None: have it use its own."""
    _lenders[:] = [lender or _Nobody()]


@cache
def _open_thread() -> ThreadPoolExecutor:
    """Return the other thread, which begins with the first half that it is given."""
    return ThreadPoolExecutor(1, "half")


def work_in_halves(size: int, work: Callable[[int, int], None]) -> None:
    """Do some work from 0 to a size: from one place to another, or of two halves at once."""
    (lender,) = _lenders
    if size < LARGE or not lender.borrow():
        work(0, size)
        return
    try:
        middle = size // 2
        other = _open_thread().submit(work, middle, size)
        try:
            work(0, middle)
        finally:
            other.result()
    finally:
        lender.give_back()


def take(values: NDArray[_Scalar], places: NDArray[np.signedinteger]) -> NDArray[_Scalar]:
    """Return the values at places, all of which there are."""
    if len(places) < LARGE:
        few: NDArray[_Scalar] = values[places]
        return few
    found = np.empty(len(places), values.dtype)

    def work(begin: int, end: int) -> None:
        # What is out of range isn't looked for: numpy would copy all of it once more for that.
        np.take(values, places[begin:end], out=found[begin:end], mode="clip")

    work_in_halves(len(places), work)
    return found
