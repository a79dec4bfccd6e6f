"""Solutions as tables of Arrow: from numbers of terms, without anything made for each cell."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial

import numpy as np
import pyarrow as pa

from sparql_server.engine.columns.algebra import Kind, Term
from sparql_server.engine.columns.results.answering import Found
from sparql_server.engine.columns.solutions.arrays import Numbers, factorize
from sparql_server.engine.columns.solutions.query_terms import QueryTerms
from sparql_server.engine.columns.solutions.solutions import Solutions
from sparql_server.engine.columns.storage.numbered_terms import Terms
from sparql_server.engine.columns.storage.texts import Texts
from sparql_server.engine.formats.arrow.columns import (
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

_UNTAGGED = (BLANK, IRI, TEXT)  # by kind


def make_table(found: Found) -> Table:
    """Return a result as a table."""
    return Table(found.names, _make_batches(found, found.parts))


def _make_batches(found: Found, parts: Iterable[Solutions]) -> Iterator[Batch]:
    for table in parts:
        for begin in range(0, table.size, ROWS):
            part = table.cut(begin, begin + ROWS)
            numbers = [part.column(name) for name in found.names]
            weight = sum(column.nbytes for column in numbers)
            yield Batch(part.size, weight, partial(_make_columns, found.terms, numbers))


def _make_columns(terms: QueryTerms, numbers: Iterable[Numbers]) -> list[Column]:
    return [make_column(terms, column) for column in numbers]


def make_column(terms: QueryTerms, numbers: Numbers) -> Column:
    """Return some rows' terms, by their numbers, as a column."""
    first, of_row = factorize(numbers)
    different = numbers[first]  # in order: what is unbound comes first
    unbound = int(len(different) > 0 and different[0] < 0)
    different = different[unbound:]
    places = of_row.astype(np.int32) - np.int32(unbound)
    rows = pa.array(places, mask=places < 0 if unbound else None)
    if len(different) and different[-1] >= terms.release.count:
        return _make_column_of_terms(rows, [terms.term(number) for number in different.tolist()])
    codes, sort_of = np.unique(_number_sorts(terms.release, different), return_inverse=True)
    sorts = [_find_sort(terms.release, code) for code in codes.tolist()]
    values = partial(_take_values, terms.release, different)
    return Column(rows, sorts, pa.array(sort_of.astype(np.int32)), values)


def _number_sorts(release: Terms, numbers: Numbers) -> Numbers:
    """Return a number for what each term is: its kind, or above those its tag and its kind."""
    kinds = np.searchsorted(np.array(release.bounds[1:5]), numbers, "right").astype(np.int32)
    tagged = numbers >= release.bounds[Kind.LANGUAGE]
    tags = release.tags[numbers[tagged] - release.bounds[Kind.LANGUAGE]]
    kinds[tagged] += 2 * tags
    return kinds


def _find_sort(release: Terms, code: int) -> Sort:
    if code < Kind.LANGUAGE:
        return _UNTAGGED[code]
    tag, is_typed = divmod(code - Kind.LANGUAGE, 2)
    return _make_tagged(release.tag_names[tag], is_typed=bool(is_typed))


def _make_tagged(tag: str, *, is_typed: bool) -> Sort:
    return Sort("literal", tag) if is_typed else make_language_sort(tag)


def _take_values(release: Terms, numbers: Numbers) -> pa.StringArray:
    """Return terms' values, copied out of the release's all at once."""
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


def _make_column_of_terms(rows: pa.Int32Array, terms: list[Term]) -> Column:
    """Return a column of terms of which the query has made some."""
    every = [_find_term_sort(term) for term in terms]
    sorts = {sort: place for place, sort in enumerate(dict.fromkeys(every))}
    values = pa.array([term.value for term in terms], pa.string())
    numbers = pa.array([sorts[sort] for sort in every], pa.int32())
    return Column(rows, list(sorts), numbers, lambda: values)


def _find_term_sort(term: Term) -> Sort:
    if term.kind < Kind.LANGUAGE:
        return _UNTAGGED[term.kind]
    return _make_tagged(term.tag, is_typed=term.kind == Kind.TYPED)
