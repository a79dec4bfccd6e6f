"""Serialises what a query has found, part by part."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import IO, Protocol, cast

from sparql_server.engine.columns.results.answering import Found
from sparql_server.engine.columns.results.term_writer import write_cells, write_term
from sparql_server.engine.columns.solutions.arrays import Numbers, factorize
from sparql_server.engine.columns.solutions.solutions import UNBOUND, Solutions
from sparql_server.engine.formats.arrow.format_names import ARROW
from sparql_server.engine.formats.cell_results import write_pieces

_PART = 10_000  # rows that are written at once


class Writer(Protocol):
    """Takes the bytes of a result."""

    def write(self, data: bytes) -> int:
        """Take some bytes."""


def serialize(
    found: Found, format_name: str, writer: Writer, most: int | None = None
) -> int | None:
    """Write a result in a format of solutions: all of it, or of text so many rows at most.

    Returns the rows of a table of Arrow, whose bytes don't tell.
    """
    if format_name in ARROW:
        return _write_table(found, format_name, writer)
    for piece in write_pieces(format_name, found.names, _write_parts(found, format_name, most)):
        writer.write(piece)
    return None


def _write_table(found: Found, format_name: str, writer: Writer) -> int | None:
    # Few results are tables of Arrow, and what writes them takes long to import.
    from sparql_server.engine.columns.results.arrow_tables import make_table
    from sparql_server.engine.formats.arrow.batches import ROWS
    from sparql_server.engine.formats.arrow.table_writer import write

    # Whole terms are sent as they come, and each row group of Parquet has a dictionary of its own.
    table = make_table(found) if format_name == "arrow" else make_table(found, ROWS)
    return write(table, format_name, cast(IO[bytes], writer))


def _write_parts(
    found: Found, format_name: str, most: int | None
) -> Iterator[tuple[list[list[str]], int]]:
    for part in _cut_solutions(found.parts, most):
        columns = (part.column(name) for name in found.names)
        yield [_write_cells(found, column, format_name) for column in columns], part.size


def _cut_solutions(parts: Iterable[Solutions], most: int | None) -> Iterator[Solutions]:
    """Yield the solutions, as many as are wanted, in parts that are not large."""
    left = most
    for table in parts:
        for begin in range(0, table.size, _PART):
            if left is not None and left <= 0:
                return
            part = table.cut(begin, begin + min(_PART, _PART if left is None else left))
            left = None if left is None else left - part.size
            yield part


def _write_cells(found: Found, column: Numbers, format_name: str) -> list[str]:
    """Return each term as it is written, also of those that the query has made."""
    terms = found.terms
    if int(column.max()) < terms.release.count:
        return write_cells(terms.release, column, format_name)
    first, back = factorize(column)
    texts = [
        "" if number == UNBOUND else write_term(terms.term(number), format_name)
        for number in column[first].tolist()
    ]
    return [texts[place] for place in back.tolist()]
