"""Terms of columns as they are written in a format, many at once."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from sparql_server.engine.columns.algebra import Kind, Term
from sparql_server.engine.columns.storage.numbered_terms import Terms
from sparql_server.engine.formats.cells import AROUND, CELLS

_FEW = 50  # terms for which arrays take longer than they save


def write_cells(terms: Terms, numbers: NDArray[np.int32], format_name: str) -> list[str]:
    """Return each term as it is written, in the order of the numbers; -1, unbound, as nothing."""
    if len(numbers) <= _FEW:
        return [write_cell(terms, number, format_name) for number in numbers.tolist()]
    distinct, places = np.unique(numbers, return_inverse=True)
    texts = list(_write_texts(terms, distinct, format_name))
    return list(map(texts.__getitem__, places.tolist()))


def write_cell(terms: Terms, number: int, format_name: str) -> str:
    """Return one term as it is written; -1, unbound, as nothing."""
    if number < 0:
        return ""
    kind = bisect_right(terms.bounds, number, 1, 5) - 1
    tag = terms.tag(number) if kind >= Kind.LANGUAGE else ""
    return CELLS[format_name][kind](terms.value(number), tag)


def _write_texts(terms: Terms, distinct: NDArray[np.int32], format_name: str) -> Iterator[str]:
    """Yield each of the terms, whose numbers are in order, as it is written."""
    if len(distinct) and distinct[0] < 0:
        yield ""
        distinct = distinct[1:]
    starts = np.searchsorted(distinct, np.array(terms.bounds, distinct.dtype)).tolist()
    for kind in Kind:
        here = distinct[starts[kind] : starts[kind + 1]]
        if kind < Kind.LANGUAGE:
            yield from _write_untagged(terms, here, kind, format_name)
        else:
            write, values = CELLS[format_name][kind], terms.values(here)
            numbers = terms.tags[here - terms.bounds[Kind.LANGUAGE]]
            tags = (terms.tag_names[number] for number in numbers)
            yield from (write(value, tag) for value, tag in zip(values, tags, strict=True))


def _write_untagged(
    terms: Terms, numbers: NDArray[np.int32], kind: Kind, format_name: str
) -> Iterable[str]:
    """Return terms of a kind without tags: all at once where none has anything to be escaped."""
    around = AROUND[format_name].get(kind)
    together = terms.values_together(numbers) if around else None
    if around and together:
        text, starts, ends = together
        if not any(character in text for character in around.special):
            before, after = around.before, around.after
            pairs = zip(starts, ends, strict=True)
            return [f"{before}{text[start:end]}{after}" for start, end in pairs]
    write = CELLS[format_name][kind]
    return (write(value, "") for value in terms.values(numbers))


def write_term(term: Term, format_name: str) -> str:
    """Return a term as it is written."""
    return CELLS[format_name][term.kind](term.value, term.tag)
