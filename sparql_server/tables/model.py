"""Tables as values: what a query file says of one, and what was made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from sparql_server.catalogue.saved_query import Texts

FOLDER = "tables"
"""The part of a release that holds them."""

PACKAGE, CROISSANT, FIELDS = "datapackage.json", "croissant.json", "fields.json"

Type = Literal["iri", "string", "integer", "boolean", "date", "dateTime"]
TYPES: tuple[Type, ...] = ("iri", "string", "integer", "boolean", "date", "dateTime")

Facts = Mapping[str, Any]
"""Values as JSON has them."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column. name: of the variable, too. about: what it holds.

    refers: the table and column, ``works.work``, in which its values are keys. stated: of a value
    that was cleaned, the column that has it as it stands. problem: the column that says why it was
    discarded.
    """

    name: str
    type: Type
    about: Texts
    refers: str | None = None
    stated: str | None = None
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """A table that a query file defines.

    key: the columns that tell rows apart; none: no columns do. order: those it is sorted by.
    """

    name: str
    title: Texts
    description: Texts
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    order: tuple[str, ...]
    query: str

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the columns, in their order."""
        return tuple(column.name for column in self.columns)


@dataclass(frozen=True, slots=True)
class Sizes:
    """Sizes of Parquet files. group: rows of a row group. file: rows of a file."""

    group: int = 128 * 1024
    file: int = 8 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class File:
    """A file of a table. path: below the folder. sha256: hexadecimal."""

    path: str
    rows: int
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Made:
    """A table that was made. fields: what is counted of its columns, as ``fields`` has it.

    definition: what tells apart the ways in which tables of the same data are made.
    """

    table: Table
    files: tuple[File, ...]
    fields: Facts
    definition: str

    @property
    def rows(self) -> int:
        """The number of its rows."""
        return sum(file.rows for file in self.files)
