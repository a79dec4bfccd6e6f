"""Solutions as tables of Arrow: from numbers of terms, without anything made for each cell."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial

import numpy as np
import pyarrow as pa

from sparql_server.engine.columns.algebra import Kind, Term
from sparql_server.engine.columns.results.answering import Found
from sparql_server.engine.columns.solutions.arrays import Numbers
from sparql_server.engine.columns.solutions.query_terms import QueryTerms
from sparql_server.engine.columns.solutions.solutions import Solutions
from sparql_server.engine.columns.storage.byte_strings import Texts
from sparql_server.engine.columns.storage.numbered_terms import UNKNOWN, Terms
from sparql_server.engine.formats.arrow.batches import (
    BLANK,
    IRI,
    ROWS,
    TEXT,
    Batch,
    Column,
    Sort,
    Table,
    make_language_sort,
)
from sparql_server.engine.formats.arrow.batches import Terms as DifferentTerms

SHARING = 1 << 20
"""Rows, at most, that have one dictionary."""

_UNTAGGED = (BLANK, IRI, TEXT)  # by kind
_SPARSE = 16  # numbers from the least to the greatest, for each row, up to which a table is quicker
_INSTANT = pa.timestamp("us", "UTC")
_SHORT = 1 << 31  # bytes of text that Arrow's short offsets reach


def make_table(found: Found, sharing: int = SHARING) -> Table:
    """Return a result as a table. sharing: rows that are waited for, to have one dictionary."""
    return Table(found.names, _make_batches(found, sharing))


def _make_batches(found: Found, sharing: int) -> Iterator[Batch]:
    for parts in _gather(found.parts, sharing):
        size = sum(part.size for part in parts)
        columns = [
            make_column(found.terms, np.concatenate([part.column(name) for part in parts]))
            for name in found.names
        ]
        weight = sum(column.terms.nbytes for column in columns)
        for begin in range(0, size, ROWS):
            cut = [Column(column.places[begin : begin + ROWS], column.terms) for column in columns]
            yield Batch(
                min(ROWS, size - begin), weight + sum(column.places.nbytes for column in cut), cut
            )
            weight = 0


def _gather(parts: Iterable[Solutions], size: int) -> Iterator[list[Solutions]]:
    """Yield parts that are so many rows together, or a few more; larger ones are cut."""
    gathered: list[Solutions] = []
    for table in parts:
        for begin in range(0, table.size, size):
            gathered.append(table.cut(begin, begin + size))
            if sum(part.size for part in gathered) >= size:
                yield gathered
                gathered = []
    if gathered:
        yield gathered


def make_column(terms: QueryTerms, numbers: Numbers) -> Column:
    """Return some rows' terms, by their numbers, as a column."""
    every, places = _find_different(numbers)
    unbound = int((every[:1] < 0).sum())  # in order: it comes first
    if unbound:
        rows = np.maximum(places - 1, 0).astype(np.int32)  # polars looks at what is null, too
        of_rows = pa.array(rows, mask=places == 0)
    else:
        of_rows = pa.array(places)
    return Column(of_rows, _describe(terms, every[unbound:]))


def _find_different(numbers: Numbers) -> tuple[Numbers, Numbers]:
    """Return the different ones of some numbers, in order, and for each number its place there."""
    low, high = (int(numbers.min()), int(numbers.max())) if len(numbers) else (0, 0)
    if high - low > _SPARSE * len(numbers):
        different, places = np.unique(numbers, return_inverse=True)
        return different, places.astype(np.int32)
    there = np.zeros(high - low + 1, np.bool_)
    from_low = numbers - np.int32(low)
    there[from_low] = True
    marked = np.flatnonzero(there)
    place = np.empty(len(there), np.int32)  # only what is there is ever written or read
    place[marked] = np.arange(len(marked), dtype=np.int32)
    return (marked + low).astype(np.int32), place[from_low]


def _describe(terms: QueryTerms, different: Numbers) -> DifferentTerms:
    """Return terms, whose numbers are in order: the release's, and behind them the query's own."""
    release = terms.release
    own = int(np.searchsorted(different, release.count))
    sorts, codes = _find_sorts(release, different[:own])
    made = [terms.term(number) for number in different[own:].tolist()]
    number_of = {sort: number for number, sort in enumerate(sorts)}
    more = [number_of.setdefault(_find_term_sort(term), len(number_of)) for term in made]
    known = partial(_take_values, release, different[:own])
    values = _add_values(known, [term.value for term in made]) if made else known
    return DifferentTerms(
        list(number_of),
        pa.array(different),
        values,
        pa.array(np.append(codes, more).astype(np.int32)) if len(number_of) > 1 else None,
        {} if made else {_INSTANT: partial(_read_instants, terms, different)},
    )


def _find_sorts(release: Terms, numbers: Numbers) -> tuple[list[Sort], Numbers]:
    """Return the sorts of a release's terms, and for each term, which of them."""
    kinds = np.searchsorted(np.array(release.bounds[1:5]), numbers, "right").astype(np.int32)
    tagged = numbers >= release.bounds[Kind.LANGUAGE]
    tags = release.tags[numbers[tagged] - release.bounds[Kind.LANGUAGE]]
    kinds[tagged] += 2 * tags
    codes, sort_of = _find_different(kinds)
    return [_find_sort(release, code) for code in codes.tolist()], sort_of


def _find_sort(release: Terms, code: int) -> Sort:
    if code < Kind.LANGUAGE:
        return _UNTAGGED[code]
    tag, is_typed = divmod(code - Kind.LANGUAGE, 2)
    return _make_tagged(release.tag_names[tag], is_typed=bool(is_typed))


def _make_tagged(tag: str, *, is_typed: bool) -> Sort:
    return Sort("literal", tag) if is_typed else make_language_sort(tag)


def _find_term_sort(term: Term) -> Sort:
    if term.kind < Kind.LANGUAGE:
        return _UNTAGGED[term.kind]
    return _make_tagged(term.tag, is_typed=term.kind == Kind.TYPED)


def _read_instants(terms: QueryTerms, different: Numbers) -> pa.Array | None:
    instants = terms.instants(different)
    return None if (instants == UNKNOWN).any() else pa.array(instants).cast(_INSTANT)


# Values


def _add_values(
    values: Callable[[pa.Int32Array | None], pa.StringArray], more: Sequence[str]
) -> Callable[[pa.Int32Array | None], pa.StringArray]:
    """Return the same values, and more behind them."""

    def make_values(places: pa.Int32Array | None) -> pa.StringArray:
        every = pa.concat_arrays([values(None), pa.array(more, pa.string())])
        return every if places is None else every.take(places)

    return make_values


def _take_values(
    release: Terms, different: Numbers, places: pa.Int32Array | None
) -> pa.StringArray:
    """Return the values of terms at some places, copied out of the release's all at once."""
    numbers = pa.array(different)
    if places is not None:
        numbers = numbers.take(places)
    every = _map_values(release)
    if every is None:
        values = _join_values(release, different)
        return values if places is None else values.take(places)
    return every.take(numbers).cast(pa.string())


def _map_values(release: Terms) -> pa.Array | None:
    """Return all values of a release as they lie on disk; None if Arrow has no such offsets."""
    offsets, blob = pa.py_buffer(release.offsets), pa.py_buffer(release.blob)
    if release.offsets.dtype == np.int64:
        return pa.LargeStringArray.from_buffers(release.count, offsets, blob)
    if len(release.blob) < _SHORT:
        return pa.StringArray.from_buffers(release.count, offsets, blob)
    return None


def _join_values(release: Terms, numbers: Numbers) -> pa.StringArray:
    starts = release.offsets[numbers].astype(np.int64)
    lengths = release.offsets[numbers + 1].astype(np.int64) - starts
    offsets = np.zeros(len(numbers) + 1, np.int64)
    np.cumsum(lengths, out=offsets[1:])
    pieces = list(Texts(release.blob, starts, lengths).join_pieces())
    data = np.concatenate(pieces) if pieces else np.empty(0, np.uint8)
    large = pa.LargeStringArray.from_buffers(
        len(numbers), pa.py_buffer(offsets), pa.py_buffer(data)
    )
    return large.cast(pa.string())
