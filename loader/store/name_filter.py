"""Names that have come: a Bloom filter, which takes a few bytes a name.

It may take a name for one that has come, in one of some million cases; never the other way round.
A vocabulary has thousands of names, and is to be held up for none of them.
https://en.wikipedia.org/wiki/Bloom_filter
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

_FIRST = 1 << 16  # names that the first of the filters has room for
_BITS = 48  # for a name
_PROBES = 8  # bits that are set for a name


class NameFilter:
    """Names that were added. As they become more, filters are added, each four times as large."""

    def __init__(self) -> None:
        self._filters: list[tuple[bytearray, int]] = []
        self._room = 0

    def add(self, names: Iterable[str]) -> None:
        """Note that these names have come."""
        for name in names:
            if not self._room:
                self._room = _FIRST << 2 * len(self._filters)
                size = self._room * _BITS
                self._filters.append((bytearray(size // 8), size))
            self._room -= 1
            bits, size = self._filters[-1]
            for place in _find_places(name, size):
                bits[place >> 3] |= 1 << (place & 7)

    def may_have(self, names: Iterable[str]) -> bool:
        """Tell whether one of these names has come, or seems to have."""
        return any(
            all(bits[place >> 3] & 1 << (place & 7) for place in _find_places(name, size))
            for name in names
            for bits, size in self._filters
        )


def _find_places(name: str, size: int) -> Iterator[int]:
    number = hash(name) & 0xFFFF_FFFF_FFFF_FFFF
    step = number >> 32 | 1
    return (place % size for place in range(number, number + _PROBES * step, step))
