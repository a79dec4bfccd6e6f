"""A result as a table to read: IRIs as links, with the label that the query gives them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sparql_server.pickers import compact

Term = Mapping[str, Any]
"""``{"type": "iri" | "literal" | "blank", "value", "language"?, "datatype"?}``"""
Row = Sequence[Term | None]

_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?")
_NUMERIC = ("integer", "decimal", "double", "float")
# Columns that name what the column before them is.
_LABELS = ("name", "label", "title")


@dataclass(frozen=True, slots=True)
class Cell:
    """What stands in a cell. href: where it links to. aside: the IRI in short, beside a label."""

    text: str = ""
    href: str | None = None
    language: str | None = None
    aside: str = ""


@dataclass(frozen=True, slots=True)
class Column:
    """A column. name: the variable's. label: the variable whose values name it, or None."""

    name: str
    label: str | None = None
    numeric: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """Columns, and rows with a cell for each of them."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]


def label_columns(variables: Sequence[str], rows: Sequence[Row]) -> dict[str, str]:
    """Return which columns of IRIs have another one beside them that says what they are called.

    ``?role ?roleName``, ``?topic ?topicLabel``, or ``?agent ?name``: next to it, and a plain word.
    """
    found: dict[str, str] = {}
    for position, name in enumerate(variables):
        follower = variables[position + 1] if position + 1 < len(variables) else ""
        own = [one for one in variables if one.lower() in {f"{name.lower()}{x}" for x in _LABELS}]
        label = own[0] if own else follower if follower in _LABELS else ""
        if label and _all(rows, position, "iri") and _all(rows, variables.index(label), "literal"):
            found[name] = label
    return found


def _all(rows: Sequence[Row], position: int, kind: str) -> bool:
    terms = [row[position] for row in rows]
    return any(terms) and all(one is None or one["type"] == kind for one in terms)


def table(variables: Sequence[str], rows: Sequence[Row]) -> Table:
    """Return a table. A column that names another one's IRIs becomes their text."""
    labels = label_columns(variables, rows)
    kept = [name for name in variables if name not in labels.values()]
    where = {name: position for position, name in enumerate(variables)}
    columns = tuple(Column(one, labels.get(one), _is_numeric(rows, where[one])) for one in kept)
    return Table(columns, tuple(tuple(_cell(row, one, where) for one in columns) for row in rows))


def plain(variables: Sequence[str], rows: Sequence[Row]) -> Table:
    """Return a table with a column for each variable, IRIs in full."""
    where = {name: position for position, name in enumerate(variables)}
    columns = tuple(Column(one, None, _is_numeric(rows, where[one])) for one in variables)
    return Table(columns, tuple(tuple(_whole(term) for term in row) for row in rows))


def _whole(term: Term | None) -> Cell:
    if term is None:
        return Cell()
    text = str(term["value"])
    links = term["type"] == "iri" and text.startswith(("http://", "https://"))
    return Cell(text, text if links else None, term.get("language"))


def _is_numeric(rows: Sequence[Row], position: int) -> bool:
    terms = [row[position] for row in rows if row[position]]
    return bool(terms) and all(_is_number(one) for one in terms if one)


def _is_number(term: Term) -> bool:
    datatype = str(term.get("datatype") or "")
    return term["type"] == "literal" and datatype.endswith(_NUMERIC)


def _cell(row: Row, column: Column, where: Mapping[str, int]) -> Cell:
    term = row[where[column.name]]
    label = row[where[column.label]] if column.label else None
    if term is None:
        return Cell(str(label["value"])) if label else Cell()
    if term["type"] != "iri":
        return Cell(str(term["value"]), language=term.get("language"))
    iri = str(term["value"])
    href = iri if iri.startswith(("http://", "https://")) else None
    if label is None:
        return Cell(compact(iri), href)
    return Cell(str(label["value"]), href, label.get("language"), shortened(iri))


def shortened(iri: str) -> str:
    """Return an IRI as it stands beside a label: what tells it apart from others.

    >>> shortened("https://libris.kb.se/fnrgl#it"), shortened("https://id.kb.se/language/swe")
    ('libris.kb.se/fnrgl', 'lge:swe')
    """
    short = compact(iri)
    return short if short != iri else iri.partition("://")[2].removesuffix("#it") or iri


def number(term: Term | None) -> float | None:
    """Return what a term counts, or None."""
    found = str(term["value"]) if term else ""
    return float(found) if _NUMBER.fullmatch(found) else None
