"""The files that define tables: a SELECT, and metadata that explain the table and every column.

The metadata are written as those of saved queries are.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import get_args

from sparql_server.catalogue.metadata import Section, read_metadata, split
from sparql_server.catalogue.source import form, list_columns, list_tail
from sparql_server.engine.terms import find_syntax_error
from sparql_server.errors import MalformedFile
from sparql_server.tables.model import TYPES, Column, Table, Type

_KEYS = ("title", "description", "key", "order", "columns")
_COLUMN_KEYS = ("name", "type", "about", "refers", "stated", "problem")
_NAME = re.compile(r"[a-z][a-z0-9_]*")

assert get_args(Type) == TYPES


def load_tables(folder: Path) -> tuple[Table, ...]:
    """Read all files of a folder, in the order of their names.

    Raises MalformedFile if one isn't as it should be, or refers to what isn't there; OSError.
    """
    tables = []
    for path in sorted(folder.glob("*.rq")):
        try:
            tables.append(read_table(path.stem, path.read_text(encoding="utf-8")))
        except MalformedFile as error:
            raise MalformedFile(error.line, f"{path}: {error.message}") from error
    _check_references(tables)
    return tuple(tables)


def read_table(name: str, text: str) -> Table:
    """Read a file. name: of the table. Raises MalformedFile."""
    lines, query_lines, before = split(text)
    metadata = read_metadata(lines)
    metadata.allow(_KEYS)
    columns = tuple(_read_column(part) for part in metadata.sections("columns", "a column"))
    query = "\n".join(query_lines) + "\n"
    _check_query(query, columns, before + 1)
    table = Table(
        name,
        metadata.both("title"),
        metadata.both("description"),
        columns,
        metadata.texts("key"),
        metadata.texts("order"),
        query,
    )
    _check_names(table, metadata)
    return table


def _read_column(section: Section) -> Column:
    section.allow(_COLUMN_KEYS)
    name, kind = section.required_text("name"), section.required_text("type")
    if not _NAME.fullmatch(name):
        raise MalformedFile(section.line, f"{name}: names are small letters, digits and _")
    known = {known: known for known in TYPES}.get(kind)  # type: ignore[call-overload]
    if known is None:
        raise MalformedFile(
            section.line_of("type"), f"no type {kind}; there are {', '.join(TYPES)}"
        )
    return Column(
        name,
        known,
        section.both("about"),
        section.text("refers"),
        section.text("stated"),
        section.text("problem"),
    )


def _check_query(query: str, columns: tuple[Column, ...], first: int) -> None:
    if error := find_syntax_error(query, {}):
        raise MalformedFile(first, f"not SPARQL: {error}")
    if form(query) != "SELECT" or list_tail(query):
        raise MalformedFile(first, "it should be a SELECT that ends with its pattern")
    selected = list_columns(query)
    if selected != tuple(column.name for column in columns):
        raise MalformedFile(first, f"the columns explained aren't those selected: {selected}")


def _check_names(table: Table, metadata: Section) -> None:
    if not table.order:
        raise MalformedFile(metadata.line, "order is missing")
    named = [("key", table.key), ("order", table.order)]
    named += [("columns", tuple(filter(None, (c.stated, c.problem)))) for c in table.columns]
    for key, names in named:
        for name in names:
            if name not in table.names:
                raise MalformedFile(metadata.line_of(key), f"there is no column {name}")


def _check_references(tables: Iterable[Table]) -> None:
    """Raise MalformedFile if a column refers to what is no key."""
    keys = {f"{table.name}.{name}" for table in tables for name in table.key}
    for table in tables:
        for column in table.columns:
            if column.refers and column.refers not in keys:
                raise MalformedFile(1, f"{table.name}.rq: {column.refers} is no key")
