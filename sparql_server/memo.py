"""Memory of what functions have returned, within so many bytes."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import lru_cache, update_wrapper
from typing import Generic, TypeVar, TypeVarTuple

A = TypeVarTuple("A")
T = TypeVar("T", str, str | None)
R = TypeVar("R")

_WIDEST = 4  # bytes that a character can take
_BESIDE = 1000  # bytes that an entry takes beside its texts


class Remembered(Generic[T, *A, R]):
    """A function that remembers what it has returned for short texts."""

    def __init__(self, function: Callable[[T, *A], R], entries: int, characters: int) -> None:
        self._function: Callable[[T, *A], R] = function
        self._kept = lru_cache(maxsize=entries)(function)
        self._longest = characters
        self.cache_clear = self._kept.cache_clear
        update_wrapper(self, function)

    def __call__(self, text: T, *args: *A) -> R:
        """Return what the function does."""
        if text is not None and len(text) > self._longest:
            return self._function(text, *args)
        result: R = self._kept(text, *args)
        return result


def remembered(
    entries: int, characters: int
) -> Callable[[Callable[[T, *A], R]], Remembered[T, *A, R]]:
    """Have a function's results remembered if its first argument is a text of so many characters.

    What is longer is made out anew each time. entries: the results that stay, those used last.
    A result is taken to have no more text than the argument.
    """
    _bounds.append(entries * (2 * _WIDEST * characters + _BESIDE))
    return lambda function: Remembered(function, entries, characters)


_bounds: list[int] = []


def bound() -> int:
    """Return the bytes that all functions which remember can take for it."""
    return sum(_bounds)


K = TypeVar("K")
V = TypeVar("V")


class Memo(Generic[K, V]):
    """Keeps values up to so many bytes in all; the oldest go first.

    Any number of threads may ask, and one at a time tell.
    """

    def __init__(self, size: int) -> None:
        """size: bytes."""
        self.size = size
        self.used = 0
        self._values: dict[K, tuple[V, int]] = {}

    def get(self, key: K) -> V | None:
        """Return the value for a key, if it is kept."""
        found = self._values.get(key)
        return found[0] if found else None

    def put(self, key: K, value: V, texts: tuple[str | None, ...]) -> None:
        """Keep a value. texts: all that key and value have of them."""
        weight = _BESIDE + sum(map(sys.getsizeof, texts))
        if weight > self.size or key in self._values:
            return
        while self.used + weight > self.size:
            self.used -= self._values.pop(next(iter(self._values)))[1]
        self._values[key] = value, weight
        self.used += weight
