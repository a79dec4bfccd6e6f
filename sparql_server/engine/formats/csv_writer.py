"""CSV made of TSV as it passes: block by block, with as little as can be done to each cell.

pyoxigraph's own CSV doesn't quote IRIs, of which some have commas; its TSV tells where a cell ends.
https://www.w3.org/TR/sparql11-results-csv-tsv/, https://www.rfc-editor.org/rfc/rfc4180
"""

from __future__ import annotations

import re
from typing import IO

from sparql_server.engine.formats.cell_results import EMPTY
from sparql_server.engine.formats.cells import quote_field

# What follows a string, of which CSV has nothing, where no string has quotation marks within.
_TAG = re.compile(rb'"(?:@[A-Za-z0-9-]+|\^\^<[^<>"\t\n]*>)(?=[\t\n])')
_END = re.compile(rb"[\t\n]")
_IRIS = ((b"\t<", b"\t"), (b"\n<", b"\n"), (b">\t", b"\t"), (b">\n", b"\n"))
_MARK = b"\xff"  # a quotation mark that stays: no byte of UTF-8
_WRITTEN = bytes.maketrans(b"\t" + _MARK, b',"')


class CsvWriter:
    """Takes TSV of so many columns, and passes it on as CSV."""

    def __init__(self, writer: IO[bytes], columns: int) -> None:
        self._writer = writer
        self._empty = EMPTY if columns == 1 else ""
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

    def _pass_on(self, lines: bytes) -> None:
        if not self._headed:
            self._headed = True
            head, _, lines = lines.partition(b"\n")
            self._writer.write(head.replace(b"?", b"").replace(b"\t", b",") + b"\r\n")
        self._writer.write(b"".join(self._convert_lines(lines)))

    def _convert_lines(self, lines: bytes) -> list[bytes]:
        """Return lines as CSV: those that have escapes cell by cell, what is between them at once.

        Without escapes there is no quotation mark in a string.
        """
        if b"<<" in lines:  # a triple as a term, or a string that looks like one
            return [self._convert_cells(lines)]
        converted: list[bytes] = []
        at = 0
        while (escape := lines.find(b"\\", at)) >= 0:
            begin, end = lines.rfind(b"\n", at, escape) + 1 or at, lines.find(b"\n", escape) + 1
            converted += self._convert_plain(lines[at:begin]), self._convert_cells(lines[begin:end])
            at = end
        return [*converted, self._convert_plain(lines[at:])]

    def _convert_plain(self, lines: bytes) -> bytes:
        text = b"\n" + lines
        if b'"@' in text or b'"^^' in text:
            text = _TAG.sub(b'"', text)
        if b"," in text:
            text = _mark_commas(text)
        for delimited, bare in _IRIS:
            text = text.replace(delimited, bare)
        text = text.translate(_WRITTEN, b'"')
        while self._empty and b"\n\n" in text:
            text = text.replace(b"\n\n", f"\n{self._empty}\n".encode())
        return text[1:].replace(b"\n", b"\r\n")

    def _convert_cells(self, lines: bytes) -> bytes:
        rows = (map(self._write_cell, line.split("\t")) for line in lines.decode().split("\n")[:-1])
        return "".join(f"{','.join(row)}\r\n" for row in rows).encode()

    def _write_cell(self, cell: str) -> str:
        return quote_field(_convert_cell(cell)) or self._empty


def _mark_commas(lines: bytes) -> bytes:
    """Mark the ends of cells that have commas, in place of what they stand between."""
    marked: list[bytes] = []
    done = 0
    at = lines.find(b",")
    while at >= 0:
        begin = max(lines.rfind(b"\t", done, at), lines.rfind(b"\n", done, at)) + 1
        match = _END.search(lines, at)
        assert match is not None
        end = match.start()
        marked += lines[done:begin], _MARK, lines[begin + 1 : end - 1], _MARK
        done = end
        at = lines.find(b",", end)
    return b"".join([*marked, lines[done:]])


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
