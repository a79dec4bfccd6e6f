"""Edits of an array: which items go, and before which of them others come."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from sparql_server.engine.columns.storage.byte_strings import Integers
from sparql_server.engine.columns.storage.layout import Array, ArrayFile, ArrayWriter

PIECE = 1 << 20  # items that are edited at once: a processor's cache has room for them

Change = Callable[[Array], Array]


@dataclass(frozen=True, slots=True)
class Edits:
    """Places of items that go, and of items before which new ones come; both sorted."""

    gone: Integers
    points: Integers

    def place_new(self) -> Integers:
        """Return where the new items are in the edited array."""
        before = np.searchsorted(self.gone, self.points)
        return self.points - before + np.arange(len(self.points))

    def place_kept(self, begin: int, end: int, kind: np.dtype[Any]) -> Array:
        """Return where the items of a range are in the edited array, or would be if they stayed."""
        steps = np.ones(end - begin + 1, kind)
        points, gone = _within(self.points, begin, end), _within(self.gone, begin, end)
        before = np.searchsorted(self.points, begin) - np.searchsorted(self.gone, begin)
        steps[0] = begin + before
        np.add.at(steps, points - begin, 1)
        np.subtract.at(steps, gone - begin + 1, 1)
        return np.cumsum(steps, out=steps)[:-1]


def edit_arrays(
    writer: ArrayWriter,
    names: tuple[str, ...],
    sources: tuple[ArrayFile, ...],
    edits: Edits,
    new: tuple[Array, ...],
    change: Change,
) -> Iterator[int]:
    """Write arrays that are edited alike; yield how many items of each are done, piece by piece.

    new: what comes, of each array, as it is written. change: makes of items that stay what is
    written.
    """
    size, first = len(sources[0]), 0
    for begin in range(0, size, PIECE) or (0,):
        end = min(begin + PIECE, size)
        stop = len(edits.points) if end == size else int(np.searchsorted(edits.points, end))
        here = Edits(_within(edits.gone, begin, end) - begin, edits.points[first:stop] - begin)
        order = _arrange(here, end - begin)
        for name, source, coming in zip(names, sources, new, strict=True):
            piece = change(source.read(begin, end))
            if order is not None:
                piece = np.concatenate([piece, coming[first:stop].astype(piece.dtype)]).take(order)
            writer.append(name, piece)
        first = stop
        yield end - begin


def _arrange(edits: Edits, size: int) -> Integers | None:
    """Return the places of items after an edit, those of new ones after the others'; None: as is.

    size: how many items there were.
    """
    gone, points = edits.gone, edits.points
    if not len(gone) and not len(points):
        return None
    new = edits.place_new()
    steps = np.ones(size - len(gone) + len(points) + 1, np.int64)
    steps[0] = 0
    shifted = gone - np.arange(len(gone)) + np.searchsorted(points, gone, "right")
    np.add.at(steps, shifted, 1)
    np.subtract.at(steps, new + 1, 1)
    order: Integers = np.cumsum(steps)[:-1]
    order[new] = size + np.arange(len(points))
    return order


def _within(places: Integers, begin: int, end: int) -> Integers:
    first, last = np.searchsorted(places, (begin, end))
    return places[first:last]
