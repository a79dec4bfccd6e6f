"""Terms in the formats of solutions: how each kind is written in each of them.

https://www.w3.org/TR/sparql11-results-json/, https://www.w3.org/TR/rdf-sparql-XMLres/,
https://www.w3.org/TR/sparql11-results-csv-tsv/, https://www.rfc-editor.org/rfc/rfc4180
"""

from __future__ import annotations

import re
from collections.abc import Callable
from json.encoder import encode_basestring
from typing import NamedTuple

from sparql_server.engine.formats import xml_text

Cell = Callable[[str, str], str]
"""Writes a term: its value and its tag, which is a language or a datatype's IRI, or nothing."""


class Cells(NamedTuple):
    """The writers of terms in a format, by their kind; ``simple``: literals of xsd:string."""

    blank: Cell
    iri: Cell
    simple: Cell
    language: Cell
    typed: Cell


_XSD = "http://www.w3.org/2001/XMLSchema#"

# JSON


def _make_json_cell(before: str, key: str = "") -> Cell:
    if not key:
        return lambda value, tag: f"{before}{encode_basestring(value)}}}"
    return lambda value, tag: f"{before}{encode_basestring(value)},{key}{encode_basestring(tag)}}}"


_LITERAL = '{"type":"literal","value":'
_JSON = Cells(
    _make_json_cell('{"type":"bnode","value":'),
    _make_json_cell('{"type":"uri","value":'),
    _make_json_cell(_LITERAL),
    _make_json_cell(_LITERAL, '"xml:lang":'),
    _make_json_cell(_LITERAL, '"datatype":'),
)

# XML

_TO_ESCAPE = re.compile("[&<>\"'\x00-\x08\x0b-\x1f\ufffe\uffff]")
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&apos;", "\r": "&#13;"}
_SPACES = " \t\r\n"


def _replace_special(match: re.Match[str]) -> str:
    return _ENTITIES.get(match[0], xml_text.REPLACEMENT)


def _escape_xml(text: str) -> str:
    return _TO_ESCAPE.sub(_replace_special, text)


def _escape_xml_text(text: str) -> str:
    """Return the text of an element; the spaces at its ends are written so that none is lost."""
    core = text.strip(_SPACES)
    if len(core) == len(text):
        return _escape_xml(text)
    start = len(text) - len(text.lstrip(_SPACES))
    end = start + len(core)
    return f"{_write_references(text[:start])}{_escape_xml(core)}{_write_references(text[end:])}"


def _write_references(spaces: str) -> str:
    return "".join(f"&#{ord(space)};" for space in spaces)


_XML = Cells(
    lambda value, tag: f"<bnode>{value}</bnode>",
    lambda value, tag: f"<uri>{_escape_xml(value)}</uri>",
    lambda value, tag: f"<literal>{_escape_xml_text(value)}</literal>",
    lambda value, tag: (
        f'<literal xml:lang="{_escape_xml(tag)}">{_escape_xml_text(value)}</literal>'
    ),
    lambda value, tag: (
        f'<literal datatype="{_escape_xml(tag)}">{_escape_xml_text(value)}</literal>'
    ),
)

# CSV

_TO_QUOTE = re.compile('[",\r\n]')


def quote_field(value: str) -> str:
    """Return a field of CSV, between quotation marks if it needs them (RFC 4180, 2.6 and 2.7).

    >>> quote_field("Romaner, svenska"), quote_field("Romaner")
    ('"Romaner, svenska"', 'Romaner')
    """
    return '"' + value.replace('"', '""') + '"' if _TO_QUOTE.search(value) else value


def _write_csv(value: str, tag: str) -> str:
    return quote_field(value)


_CSV = Cells(lambda value, tag: f"_:{value}", _write_csv, _write_csv, _write_csv, _write_csv)

# TSV

_ESCAPES = str.maketrans({"\\": "\\\\", '"': '\\"', "\t": "\\t", "\n": "\\n", "\r": "\\r"})
# What stands without quotation marks: as Turtle writes it (https://www.w3.org/TR/turtle/#abbrev).
_BARE = {
    f"{_XSD}boolean": re.compile("true|false"),
    f"{_XSD}integer": re.compile("[+-]?[0-9]+"),
    f"{_XSD}decimal": re.compile(r"[+-]?[0-9]*\.[0-9]+"),
    f"{_XSD}double": re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)[eE][+-]?[0-9]+"),
}


def _write_tsv_string(value: str) -> str:
    return f'"{value.translate(_ESCAPES)}"'


def _write_tsv_typed(value: str, tag: str) -> str:
    if tag in _BARE and _BARE[tag].fullmatch(value):
        return value
    return f"{_write_tsv_string(value)}^^<{tag}>"


_TSV = Cells(
    lambda value, tag: f"_:{value}",
    lambda value, tag: f"<{value}>",
    lambda value, tag: _write_tsv_string(value),
    lambda value, tag: f"{_write_tsv_string(value)}@{tag}",
    _write_tsv_typed,
)

CELLS = {"json": _JSON, "xml": _XML, "csv": _CSV, "tsv": _TSV}
"""By the names of the formats."""


class Around(NamedTuple):
    """The texts around a term that has no tag, no control character and nothing to be escaped.

    special: the characters that are escaped.
    """

    before: str
    after: str
    special: str = ""


AROUND = {
    "json": {
        0: Around('{"type":"bnode","value":"', '"}', '"\\'),
        1: Around('{"type":"uri","value":"', '"}', '"\\'),
        2: Around(f'{_LITERAL}"', '"}', '"\\'),
    },
    "xml": {0: Around("<bnode>", "</bnode>"), 1: Around("<uri>", "</uri>", "&<>\"'")},
    "csv": {0: Around("_:", ""), 1: Around("", "", '",'), 2: Around("", "", '",')},
    "tsv": {0: Around("_:", ""), 1: Around("<", ">"), 2: Around('"', '"', '"\\')},
}
"""By the names of the formats, then by the place of a kind in ``Cells``: as those write them."""
