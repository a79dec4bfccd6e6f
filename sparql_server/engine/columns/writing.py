"""Writes a result in SPARQL 1.1 Query Results JSON Format.

https://www.w3.org/TR/sparql11-results-json/
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import repeat
from json.encoder import encode_basestring
from typing import Protocol

from sparql_server.engine.columns.algebra import Kind, Term
from sparql_server.engine.columns.answering import Found
from sparql_server.engine.columns.arrays import Numbers, factorized
from sparql_server.engine.columns.query_terms import QueryTerms
from sparql_server.engine.columns.solutions import UNBOUND

_PIECE = 10_000  # rows that are written at once


class Writer(Protocol):
    """Takes the bytes of a result."""

    def write(self, data: bytes) -> int:
        """Take some bytes."""


def write(found: Found, writer: Writer) -> None:
    """Write a whole result."""
    names = ",".join(map(encode_basestring, found.names))
    writer.write(f'{{"head":{{"vars":[{names}]}},"results":{{"bindings":['.encode())
    for begin in range(0, found.solutions.size, _PIECE):
        rows = ",".join(_rows(found, begin, begin + _PIECE))
        writer.write((f",{rows}" if begin else rows).encode())
    writer.write(b"]}}")


def _rows(found: Found, begin: int, end: int) -> Iterator[str]:
    piece = found.solutions.cut(begin, end)
    if not found.names:
        return repeat("{}", piece.size)
    columns = [_bindings(name, piece.column(name), found.terms) for name in found.names]
    return (f"{{{','.join(filter(None, row))}}}" for row in zip(*columns, strict=True))


def _bindings(name: str, column: Numbers, terms: QueryTerms) -> list[str]:
    """Return a variable with its value for each row; nothing where it has none."""
    first, back = factorized(column)
    key = encode_basestring(name)
    texts = [
        "" if number == UNBOUND else f"{key}:{_term(terms.term(number))}"
        for number in column[first].tolist()
    ]
    return [texts[place] for place in back.tolist()]


def _term(term: Term) -> str:
    value = encode_basestring(term.value)
    if term.kind == Kind.IRI:
        return f'{{"type":"uri","value":{value}}}'
    if term.kind == Kind.BLANK:
        return f'{{"type":"bnode","value":{value}}}'
    if term.kind == Kind.SIMPLE:
        return f'{{"type":"literal","value":{value}}}'
    if term.kind == Kind.LANGUAGE:
        return f'{{"type":"literal","value":{value},"xml:lang":{encode_basestring(term.tag)}}}'
    return f'{{"type":"literal","value":{value},"datatype":{encode_basestring(term.tag)}}}'
