"""Results as Oxigraph writes them, byte by byte, from terms in columns.

https://www.w3.org/TR/sparql11-results-json/, https://www.w3.org/TR/rdf-sparql-XMLres/,
https://www.w3.org/TR/sparql11-results-csv-tsv/
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from json.encoder import encode_basestring

import numpy as np
from numpy.typing import NDArray

from sparql_server.engine.columns.algebra import Kind, Term
from sparql_server.engine.columns.storage.numbered_terms import Terms

FORMATS = frozenset(["json", "xml", "csv", "tsv"])
"""Names of the formats that results can be written in."""

_FEW = 50  # terms for which arrays take longer than they save
_XSD = "http://www.w3.org/2001/XMLSchema#"

Columns = Sequence[Sequence[str]]
"""For each variable, what each row has of it."""

Cell = Callable[[Kind, str, str], str]
"""Writes a term: its kind, its value, its tag."""


def cells(terms: Terms, numbers: NDArray[np.int32], format_name: str) -> list[str]:
    """Return each term as it is written, in the order of the numbers; -1, unbound, as nothing."""
    if len(numbers) <= _FEW:
        return [cell(terms, number, format_name) for number in numbers.tolist()]
    distinct, places = np.unique(numbers, return_inverse=True)
    texts = list(_texts(terms, distinct, format_name))
    return list(map(texts.__getitem__, places.tolist()))


def cell(terms: Terms, number: int, format_name: str) -> str:
    """Return one term as it is written; -1, unbound, as nothing."""
    if number < 0:
        return ""
    kind = _KINDS[bisect_right(terms.bounds, number, 1, 5) - 1]
    tag = terms.tag(number) if kind >= Kind.LANGUAGE else ""
    return _CELLS[format_name](kind, terms.value(number), tag)


def _texts(terms: Terms, distinct: NDArray[np.int32], format_name: str) -> Iterator[str]:
    """Yield each of the terms, whose numbers are in order, as it is written."""
    if len(distinct) and distinct[0] < 0:
        yield ""
        distinct = distinct[1:]
    write = _CELLS[format_name]
    starts = np.searchsorted(distinct, np.array(terms.bounds, distinct.dtype)).tolist()
    for kind in Kind:
        here = distinct[starts[kind] : starts[kind + 1]]
        values = terms.values(here)
        if kind < Kind.LANGUAGE:
            yield from (write(kind, value, "") for value in values)
        else:
            tags = (terms.tag_names[one] for one in terms.tags[here - terms.bounds[Kind.LANGUAGE]])
            yield from (write(kind, value, tag) for value, tag in zip(values, tags, strict=True))


def written(term: Term, format_name: str) -> str:
    """Return a term as it is written."""
    return _CELLS[format_name](term.kind, term.value, term.tag)


def body(format_name: str, names: Sequence[str], columns: Columns, rows: int) -> bytes:
    """Return a whole result. names: of the variables. columns: for each, its ``cells``."""
    return b"".join(pieces(format_name, names, [(columns, rows)]))


def pieces(
    format_name: str, names: Sequence[str], parts: Iterable[tuple[Columns, int]]
) -> Iterator[bytes]:
    """Yield a result part by part. parts: for each, columns as ``body`` has them, and rows."""
    form = _form(format_name, tuple(names))
    before = form.head
    for columns, rows in parts:
        yield f"{before}{form.between.join(_lines(form, columns, rows))}".encode()
        before = form.between
    yield f"{'' if before is form.between else before}{form.foot}".encode()


def _lines(form: _Form, columns: Columns, rows: int) -> Iterable[str]:
    if not columns:
        return [form.row] * rows
    if form.named and any("" in column for column in columns):
        return _with_gaps(form, columns)
    return map(form.row.__mod__, zip(*columns, strict=True))


def _with_gaps(form: _Form, columns: Columns) -> Iterator[str]:
    """Yield rows of a format that leaves out what is unbound."""
    for row in zip(*columns, strict=True):
        bound = (one % text for one, text in zip(form.named, row, strict=True) if text)
        yield form.around % form.beside.join(bound)


# Terms


def _json_cell(kind: Kind, value: str, tag: str) -> str:
    text = encode_basestring(value)
    match kind:
        case Kind.IRI:
            return f'{{"type":"uri","value":{text}}}'
        case Kind.BLANK:
            return f'{{"type":"bnode","value":{text}}}'
        case Kind.SIMPLE:
            return f'{{"type":"literal","value":{text}}}'
        case Kind.LANGUAGE:
            return f'{{"type":"literal","value":{text},"xml:lang":{encode_basestring(tag)}}}'
        case Kind.TYPED:
            return f'{{"type":"literal","value":{text},"datatype":{encode_basestring(tag)}}}'


_TO_ESCAPE = re.compile("[&<>\"']")
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&apos;"}
_EDGE = re.compile(r"\A[ \t\r\n]+|[ \t\r\n]+\Z")


def _xml(text: str) -> str:
    return _TO_ESCAPE.sub(lambda match: _ENTITIES[match[0]], text)


def _xml_text(text: str) -> str:
    escaped = _xml(text)
    return _EDGE.sub(lambda match: "".join(f"&#{ord(one)};" for one in match[0]), escaped)


def _xml_cell(kind: Kind, value: str, tag: str) -> str:
    match kind:
        case Kind.IRI:
            return f"<uri>{_xml(value)}</uri>"
        case Kind.BLANK:
            return f"<bnode>{value}</bnode>"
        case Kind.SIMPLE:
            return f"<literal>{_xml_text(value)}</literal>"
        case Kind.LANGUAGE:
            return f'<literal xml:lang="{_xml(tag)}">{_xml_text(value)}</literal>'
        case Kind.TYPED:
            return f'<literal datatype="{_xml(tag)}">{_xml_text(value)}</literal>'


_TO_QUOTE = re.compile('[",\r\n]')


def _csv_cell(kind: Kind, value: str, tag: str) -> str:
    if kind == Kind.BLANK:
        return f"_:{value}"
    if kind != Kind.IRI and _TO_QUOTE.search(value):  # Oxigraph quotes no IRI, comma or not
        return '"' + value.replace('"', '""') + '"'
    return value


_ESCAPES = str.maketrans({"\\": "\\\\", '"': '\\"', "\t": "\\t", "\n": "\\n", "\r": "\\r"})
# What stands without quotation marks: as Turtle writes it (https://www.w3.org/TR/turtle/#abbrev).
_BARE = {
    f"{_XSD}boolean": re.compile("true|false"),
    f"{_XSD}integer": re.compile("[+-]?[0-9]+"),
    f"{_XSD}decimal": re.compile(r"[+-]?[0-9]*\.[0-9]+"),
    f"{_XSD}double": re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)[eE][+-]?[0-9]+"),
}


def _tsv_cell(kind: Kind, value: str, tag: str) -> str:
    if kind == Kind.IRI:
        return f"<{value}>"
    if kind == Kind.BLANK:
        return f"_:{value}"
    if kind == Kind.TYPED and tag in _BARE and _BARE[tag].fullmatch(value):
        return value
    text = f'"{value.translate(_ESCAPES)}"'
    if kind == Kind.LANGUAGE:
        return f"{text}@{tag}"
    return f"{text}^^<{tag}>" if kind == Kind.TYPED else text


_CELLS: dict[str, Cell] = {
    "json": _json_cell,
    "xml": _xml_cell,
    "csv": _csv_cell,
    "tsv": _tsv_cell,
}
_KINDS = tuple(Kind)


# Results


@dataclass(frozen=True, slots=True)
class _Form:
    """What stands around cells.

    row: with a place for each. named: for each variable, what a cell stands in, where one that is
    unbound isn't written at all; beside: what stands between two of them; around: the rest of
    the row.
    """

    head: str
    row: str
    between: str
    foot: str
    named: tuple[str, ...] = ()
    beside: str = ""
    around: str = ""


@lru_cache(maxsize=256)
def _form(format_name: str, names: tuple[str, ...]) -> _Form:
    return _FORMS[format_name](names)


def _json_form(names: tuple[str, ...]) -> _Form:
    head = f'{{"head":{{"vars":[{",".join(map(encode_basestring, names))}]}},'
    named = tuple(f"{encode_basestring(name)}:%s" for name in names)
    row = f"{{{','.join(named)}}}"
    return _Form(f'{head}"results":{{"bindings":[', row, ",", "]}}", named, ",", "{%s}")


def _xml_form(names: tuple[str, ...]) -> _Form:
    variables = "".join(f'<variable name="{name}"/>' for name in names)
    head = f'<?xml version="1.0"?><sparql xmlns="{_RESULTS}"><head>{variables}</head><results>'
    named = tuple(f'<binding name="{name}">%s</binding>' for name in names)
    row = f"<result>{''.join(named)}</result>"
    return _Form(head, row, "", "</results></sparql>", named, "", "<result>%s</result>")


def _csv_form(names: tuple[str, ...]) -> _Form:
    return _Form(f"{','.join(names)}\r\n", f"{','.join(['%s'] * len(names))}\r\n", "", "")


def _tsv_form(names: tuple[str, ...]) -> _Form:
    head = "\t".join(f"?{name}" for name in names)
    return _Form(f"{head}\n", "\t".join(["%s"] * len(names)) + "\n", "", "")


_RESULTS = "http://www.w3.org/2005/sparql-results#"
_FORMS: dict[str, Callable[[tuple[str, ...]], _Form]] = {
    "json": _json_form,
    "xml": _xml_form,
    "csv": _csv_form,
    "tsv": _tsv_form,
}
