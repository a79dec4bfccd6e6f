"""Looks numbers up by the thousand: which are among others, and where."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from sparql_server.engine.columns.solutions.arrays import (
    Codes,
    Mask,
    Numbers,
    Rows,
    check_size,
    find_changes,
)
from sparql_server.engine.columns.solutions.halves import take, work_in_halves

# Numbers between the first and the last key, and keys, for each one that is looked up, up to which
# a table of all of them is quicker than searching: 0.1 microseconds against a nanosecond or two.
_SPARSE = 100

_FEW = 500  # numbers that are looked up so fast that sorting them saves nothing
_ALL = 3  # keys for each wanted number up to which all are looked at as soon as those
_BLOCK = 1024  # numbers in order that are looked for together, in the keys from first to last


def find(keys: Numbers, wanted: Numbers) -> tuple[Rows, Rows]:
    """Return the range of positions that each wanted number has among sorted keys."""
    if _are_dense(keys, wanted):
        return _find_in_table(keys, wanted)
    return search(keys, wanted)


def find_matches(keys: Numbers, wanted: Numbers) -> tuple[Rows | None, Rows]:
    """Return the pairs of equal numbers: the row of the wanted one, the position of the key.

    None for the rows: each of them is in one pair, in their order. keys: sorted.
    """
    if not _are_dense(keys, wanted) or not find_changes(keys).all():
        return _name_rows(*spread(*find(keys, wanted)), len(wanted))
    low, rows, offsets = _find_offsets(keys, wanted)
    table = np.zeros(int(keys[-1]) - low + 1, np.int32)  # of which what isn't met takes no memory
    table[keys - low] = np.arange(1, len(keys) + 1, dtype=np.int32)
    places = take(table, offsets)
    there = places.nonzero()[0]
    if len(there) == len(wanted):
        return None, places - np.int32(1)
    return there if rows is None else rows[there], places[there] - np.int32(1)


def repeat_matches(keys: Numbers, wanted: Numbers) -> Rows | None:
    """Return the rows of ``find_matches`` alone, which takes less time."""
    if not _are_dense(keys, wanted):
        begin, end = search(keys, wanted)
        return _repeat(end - begin)
    low, rows, offsets = _find_offsets(keys, wanted)
    starts = find_changes(keys).nonzero()[0]
    if len(starts) == len(keys):
        met = np.zeros(int(keys[-1]) - low + 1, np.bool_)
        met[keys - low] = True
        there = take(met, offsets).nonzero()[0]
        if len(there) == len(wanted):
            return None
        return there if rows is None else rows[there]
    times = np.zeros(int(keys[-1]) - low + 1, np.int32)
    times[keys[starts] - low] = np.diff(starts, append=len(keys))
    repeated = _repeat(take(times, offsets))
    if rows is None:
        return repeated
    return rows if repeated is None else rows[repeated]


def mark_matches(keys: Numbers, wanted: Numbers) -> Mask | None:
    """Tell which keys are wanted; None where a number is wanted twice, or other ways are quicker.

    keys: sorted.
    """
    if len(keys) > _ALL * len(wanted) or not _are_dense(keys, wanted):
        return None
    low, _, offsets = _find_offsets(keys, wanted)
    met = np.zeros(int(keys[-1]) - low + 1, np.bool_)
    met[offsets] = True
    if np.count_nonzero(met) < len(offsets):
        return None
    return take(met, keys - np.int32(low))


def _are_dense(keys: Numbers, wanted: Numbers) -> bool:
    """Tell whether a table of all numbers from the first key to the last is quicker."""
    return len(keys) > 0 and int(keys[-1]) - int(keys[0]) + 4 * len(keys) < _SPARSE * len(wanted)


def _find_offsets(keys: Numbers, wanted: Numbers) -> tuple[int, Rows | None, Numbers]:
    """Return the first key, the rows that may be among the keys, and these' places after it.

    None for the rows: all of them.
    """
    low, high = int(keys[0]), int(keys[-1])
    rows = None
    if int(wanted.min()) < low or int(wanted.max()) > high:
        rows = ((wanted >= low) & (wanted <= high)).nonzero()[0]
        wanted = wanted[rows]
    return low, rows, wanted - np.int32(low)


def _name_rows(rows: Rows, positions: Rows, size: int) -> tuple[Rows | None, Rows]:
    is_all = len(rows) == size and bool((rows == np.arange(size)).all())
    return None if is_all else rows, positions


def _repeat(times: Rows | Numbers) -> Rows | None:
    """Return each row as many times as it says; None: once each."""
    if int(times.max(initial=1)) <= 1:
        rows = times.nonzero()[0]
        return None if len(rows) == len(times) else rows
    check_size(int(times.sum()))
    return np.arange(len(times)).repeat(times)


def search(keys: Codes, wanted: Codes) -> tuple[Rows, Rows]:
    """Return the range of positions that each wanted number has among sorted keys, by searching.

    Numbers in order are found near each other, in a fifth of the time that they take at random.
    """
    if len(wanted) < _FEW:
        return keys.searchsorted(wanted), keys.searchsorted(wanted, "right")
    if (wanted[1:] >= wanted[:-1]).all():
        return _search_in_order(keys, wanted)
    order = np.argsort(wanted)
    begin, end = np.empty(len(order), np.intp), np.empty(len(order), np.intp)
    begin[order], end[order] = _search_in_order(keys, wanted[order])
    return begin, end


def _search_in_order(keys: Codes, wanted: Codes) -> tuple[Rows, Rows]:
    begin, end = np.empty(len(wanted), np.intp), np.empty(len(wanted), np.intp)

    def work(here: int, there: int) -> None:
        for first, last, low, high in _cut_blocks(keys, wanted, here, there):
            near, block = keys[low:high], wanted[first:last]
            begins = near.searchsorted(block)
            begin[first:last] = begins + low
            end[first:last] = _find_ends(near, block, begins) + low

    work_in_halves(len(wanted), work)
    return begin, end


def _find_ends(keys: Codes, wanted: Codes, begins: Rows) -> Rows:
    """Return where ranges of equal keys end, most of which have one key or none."""
    if not len(keys):
        return begins
    last = len(keys) - 1
    ends: Rows = begins + (keys[np.minimum(begins, last)] == wanted)
    longer = ((keys[np.minimum(ends, last)] == wanted) & (ends <= last)).nonzero()[0]
    if len(longer):
        ends[longer] = keys.searchsorted(wanted[longer], "right")
    return ends


def _cut_blocks(
    keys: Codes, wanted: Codes, first: int, last: int
) -> Iterator[tuple[int, int, int, int]]:
    """Yield blocks of numbers in order, with the range of the keys that each can be in.

    So few keys stay in a processor's cache; all of them don't, at random or in order.
    """
    firsts = np.arange(first, last, _BLOCK)
    lasts = np.minimum(firsts + _BLOCK, last)
    lows = keys.searchsorted(wanted[firsts])
    highs = keys.searchsorted(wanted[lasts - 1], "right")
    yield from zip(*(ends.tolist() for ends in (firsts, lasts, lows, highs)), strict=True)


def _find_in_table(keys: Numbers, wanted: Numbers) -> tuple[Rows, Rows]:
    starts = find_changes(keys).nonzero()[0]
    low, high = int(keys[0]), int(keys[-1])
    # The place before the first is that of all which isn't there: an empty range.
    end = np.array([len(keys)])
    begins, ends = np.concatenate((end, starts)), np.concatenate((end, starts[1:], end))
    runs = np.zeros(high - low + 2, np.int32)  # of which only what is met takes memory
    runs[keys[starts] - low] = np.arange(1, len(begins), dtype=np.int32)
    outside = (wanted < low) | (wanted > high)
    found = take(runs, np.where(outside, high + 1, wanted) - low)
    return take(begins, found), take(ends, found)


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
    if len(wanted) < _FEW:
        return _are_at(ordered, ordered.searchsorted(wanted), wanted)
    if (wanted[1:] >= wanted[:-1]).all():
        return _are_at(ordered, _search_first(ordered, wanted), wanted)
    order = np.argsort(wanted)
    found = np.empty(len(order), np.bool_)
    wanted = wanted[order]
    found[order] = _are_at(ordered, _search_first(ordered, wanted), wanted)
    return found


def _search_first(keys: Codes, wanted: Codes) -> Rows:
    begin = np.empty(len(wanted), np.intp)

    def work(here: int, there: int) -> None:
        for first, last, low, high in _cut_blocks(keys, wanted, here, there):
            begin[first:last] = keys[low:high].searchsorted(wanted[first:last]) + low

    work_in_halves(len(wanted), work)
    return begin


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
    return take(met, np.where(outside, high + 1, wanted) - low)
