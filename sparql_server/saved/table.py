"""A result as a table to read: IRIs as links, with the label that the query gives them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from sparql_server.engine.messages import Term
from sparql_server.saved.pickers import shorten_iri

Row = Sequence[Term | None]
Whole = Callable[[int], str]
"""Returns the address of a row's whole values. The row: counted from 0 in what is shown."""

_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?")
_NUMERIC = ("integer", "decimal", "double", "float")
# Columns that name what the column before them is.
_LABELS = ("name", "label", "title")


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell. href: the address that it links to. aside: the IRI in short, beside a label.

    length: characters of the whole value, if the text is its beginning. whole: where all of it is.
    """

    text: str = ""
    href: str | None = None
    language: str | None = None
    aside: str = ""
    length: int | None = None
    whole: str = ""


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


def _below(row: int) -> str:
    return "#whole"


def find_label_columns(variables: Sequence[str], rows: Sequence[Row]) -> dict[str, str]:
    """Return which columns of IRIs have another one beside them that says what they are called.

    ``?role ?roleName``, ``?topic ?topicLabel``, or ``?agent ?name``: next to it, and a plain word.
    """
    found: dict[str, str] = {}
    for position, name in enumerate(variables):
        follower = variables[position + 1] if position + 1 < len(variables) else ""
        own = [
            variable
            for variable in variables
            if variable.lower() in {f"{name.lower()}{x}" for x in _LABELS}
        ]
        label = own[0] if own else follower if follower in _LABELS else ""
        if (
            label
            and _are_all(rows, position, "iri")
            and _are_all(rows, variables.index(label), "literal")
        ):
            found[name] = label
    return found


def _are_all(rows: Sequence[Row], position: int, kind: str) -> bool:
    terms = [row[position] for row in rows]
    return any(terms) and all(term is None or term["type"] == kind for term in terms)


def make_table(variables: Sequence[str], rows: Sequence[Row], whole: Whole = _below) -> Table:
    """Return a table. A column that names another one's IRIs becomes their text."""
    labels = find_label_columns(variables, rows)
    kept = [name for name in variables if name not in labels.values()]
    where = {name: position for position, name in enumerate(variables)}
    columns = tuple(
        Column(variable, labels.get(variable), _is_numeric(rows, where[variable]))
        for variable in kept
    )
    cells = (
        tuple(_link_cells(_make_cell(row, column, where), number, whole) for column in columns)
        for number, row in enumerate(rows)
    )
    return Table(columns, tuple(cells))


def make_plain_table(variables: Sequence[str], rows: Sequence[Row], whole: Whole = _below) -> Table:
    """Return a table with a column for each variable, IRIs in full."""
    where = {name: position for position, name in enumerate(variables)}
    columns = tuple(
        Column(variable, None, _is_numeric(rows, where[variable])) for variable in variables
    )
    cells = (
        tuple(_link_cells(_make_whole(term), number, whole) for term in row)
        for number, row in enumerate(rows)
    )
    return Table(columns, tuple(cells))


def relink(table: Table, address: Callable[[str], str]) -> Table:
    """Return a table whose IRIs link to what an address is made of them. address: of an IRI."""
    return replace(
        table,
        rows=tuple(
            tuple(replace(cell, href=address(cell.href)) if cell.href else cell for cell in row)
            for row in table.rows
        ),
    )


def _link_cells(cell: Cell, row: int, whole: Whole) -> Cell:
    """Give a cell that has only the beginning of its value the address of all of it."""
    return replace(cell, whole=whole(row)) if cell.length else cell


def _make_whole(term: Term | None) -> Cell:
    if term is None:
        return Cell()
    text = str(term["value"])
    return Cell(text, _link(term), term.get("language"), length=term.get("length"))


def _link(term: Term) -> str | None:
    """Return where a term links to: an IRI of the web, if it is there to its end."""
    text = str(term["value"])
    links = term["type"] == "iri" and "length" not in term
    return text if links and text.startswith(("http://", "https://")) else None


def _is_numeric(rows: Sequence[Row], position: int) -> bool:
    terms = [row[position] for row in rows if row[position]]
    return bool(terms) and all(_is_number(term) for term in terms if term)


def _is_number(term: Term) -> bool:
    datatype = str(term.get("datatype") or "")
    return term["type"] == "literal" and datatype.endswith(_NUMERIC)


def _make_cell(row: Row, column: Column, where: Mapping[str, int]) -> Cell:
    term = row[where[column.name]]
    label = row[where[column.label]] if column.label else None
    if term is None or term["type"] != "iri":
        return _make_whole(term or label)
    if label is None:
        iri = str(term["value"])
        return Cell(shorten_iri(iri), _link(term), length=term.get("length"))
    return replace(_make_whole(label), href=_link(term), aside=shorten_subject(str(term["value"])))


def shorten_subject(iri: str) -> str:
    """Return an IRI as it stands beside a label: what tells it apart from others.

    >>> shorten_subject("https://libris.kb.se/fnrgl#it"), shorten_subject("https://id.kb.se/language/swe")
    ('libris.kb.se/fnrgl', 'lge:swe')
    """
    short = shorten_iri(iri)
    return short if short != iri else iri.partition("://")[2].removesuffix("#it") or iri


def number(term: Term | None) -> float | None:
    """Return what a term counts, or None."""
    found = str(term["value"]) if term else ""
    return float(found) if _NUMBER.fullmatch(found) else None
