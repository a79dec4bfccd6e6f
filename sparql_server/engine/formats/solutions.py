"""Solutions and booleans of pyoxigraph's, written in a format.

pyoxigraph writes them itself, which takes a third of the time; what it writes otherwise than here
is mended as it passes: characters that XML hasn't, and CSV, where it quotes no IRI.
"""

from __future__ import annotations

import re
from typing import IO, cast

import pyoxigraph as ox

from sparql_server.engine.formats.arrow.names import ARROW, write_table
from sparql_server.engine.formats.cells import quote_field
from sparql_server.engine.formats.tables import EMPTY
from sparql_server.engine.formats.xml_text import XmlWriter
from sparql_server.sparql.formats import SOLUTIONS, Format

Results = ox.QuerySolutions | ox.QueryBoolean


def _find_native_format(described: Format) -> ox.QueryResultsFormat:
    known = ox.QueryResultsFormat.from_media_type(described.media_types[0])
    assert known is not None
    return known


SOLUTION_FORMATS = {
    described.name: _find_native_format(described)
    for described in SOLUTIONS
    if described.name not in ARROW
}
"""pyoxigraph's values for the formats of solutions and booleans, by their names."""

_REMEMBERED = 20_000  # cells that are remembered as they are written


def write_solutions(results: Results, name: str, writer: IO[bytes]) -> None:
    """Write results in a format to their end. Raises what evaluating them does."""
    if name in ARROW:
        write_table(results, name, writer)
        return
    if name == "xml":
        writer = cast(IO[bytes], XmlWriter(writer))
    if name == "csv" and isinstance(results, ox.QuerySolutions):
        converter = CsvWriter(writer, len(results.variables))
        results.serialize(cast(IO[bytes], converter), ox.QueryResultsFormat.TSV)
    else:
        results.serialize(writer, SOLUTION_FORMATS[name])


class CsvWriter:
    """Takes TSV of so many columns, and passes it on as CSV."""

    def __init__(self, writer: IO[bytes], columns: int) -> None:
        self._writer = writer
        self._cells = _CsvCells(EMPTY if columns == 1 else "")
        self._headed = False
        self._begun = b""

    def write(self, data: bytes) -> int:
        """Pass on the lines that are whole."""
        end = data.rfind(b"\n") + 1
        if end:
            self._pass_on(self._begun + data[:end])
            self._begun = data[end:]
        else:
            self._begun += data
        return len(data)

    def flush(self) -> None:
        """Do nothing: each line has an end."""

    def _pass_on(self, data: bytes) -> None:
        lines = data.decode().split("\n")
        if not self._headed:
            self._headed = True
            head, *lines = lines
            self._writer.write(f"{head.replace('?', '').replace(chr(9), ',')}\r\n".encode())
        cell = self._cells.__getitem__
        rows = [",".join(map(cell, line.split("\t"))) for line in lines[:-1]]
        self._writer.write("\r\n".join([*rows, ""]).encode())
        self._cells.trim()


class _CsvCells(dict[str, str]):
    """Cells of TSV as CSV has them. empty: how that is written which has nothing in it."""

    def __init__(self, empty: str) -> None:
        super().__init__()
        self._empty = empty

    def __missing__(self, cell: str) -> str:
        written = self[cell] = quote_field(_convert_cell(cell)) or self._empty
        return written

    def trim(self) -> None:
        """Forget all cells if there are many."""
        if len(self) > _REMEMBERED:
            self.clear()


# What a value stands between, and what is written of it in TSV (Turtle's escapes).
_STRING = re.compile(r'"([^"\\]*(?:\\.[^"\\]*)*)"(?:@\S+|\^\^<.*>)?', re.DOTALL)
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_ESCAPED = {"t": "\t", "n": "\n", "r": "\r"}


def _convert_cell(cell: str) -> str:
    """Return what CSV has of a cell of TSV: an IRI, a lexical form, a label with its mark."""
    if cell.startswith('"'):
        string = _STRING.fullmatch(cell)
        value = string[1] if string else cell
        return _ESCAPE.sub(_unescape_character, value) if "\\" in value else value
    if cell.startswith("<") and not cell.startswith("<<"):
        return cell[1:-1]
    return cell


def _unescape_character(match: re.Match[str]) -> str:
    return _ESCAPED.get(match[1], match[1])
