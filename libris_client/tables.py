"""The tables of a release: what there is, what the columns mean, and the tables themselves."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

from libris_client.errors import NotFound
from libris_client.result import Result

if TYPE_CHECKING:
    import pandas
    import polars

PACKAGE, FIELDS = "datapackage.json", "fields.json"

Fetch = Callable[[str], Path]
"""Returns where a file of a table is on this machine, by its name."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column. about: what it holds."""

    name: str
    type: str
    about: str


class Table:
    """A table. places: its files' addresses or paths, of which readers take what they need."""

    def __init__(
        self, described: Mapping[str, Any], base: str, suffix: str, fetch: Fetch, language: str
    ) -> None:
        self._described = described
        self._fetch = fetch
        self._language = language
        self._files = [str(file["path"]) for file in described["files"]]
        self.places = [f"{base}/{name}{suffix}" for name in self._files]

    def __repr__(self) -> str:
        return f"<Table {self.name}: {self.rows:,} rows, {', '.join(self.column_names)}>"

    def __len__(self) -> int:
        return self.rows

    @property
    def name(self) -> str:
        """Its name."""
        return str(self._described["name"])

    @property
    def about(self) -> str:
        """The things that its rows stand for."""
        return str(self._described["texts"]["description"][self._language])

    @property
    def rows(self) -> int:
        """The number of its rows."""
        return int(self._described["rows"])

    @property
    def column_names(self) -> list[str]:
        """The names of its columns."""
        return [column.name for column in self.columns]

    @property
    def columns(self) -> list[Column]:
        """Its columns, explained."""
        return [
            Column(field["name"], field["type"], field["texts"]["description"][self._language])
            for field in self._described["schema"]["fields"]
        ]

    def count_fields(self) -> dict[str, dict[str, Any]]:
        """Return what the book of the fields counts of each column, by its name.

        filled, different: rows with a value, and different values. commonest: ``value`` and
        ``rows``. Of cleaned values discarded, problems and commonest_discarded; decades: rows,
        accepted and discarded of each ``decade``, where the table has a year.
        """
        book = json.loads(self._fetch(FIELDS).read_bytes())
        (counted,) = (table for table in book["tables"] if table["name"] == self.name)
        return {column["name"]: column for column in counted["columns"]}

    def to_arrow(self, columns: Sequence[str] | None = None) -> pa.Table:
        """Return the table, or some columns of it; its files are fetched once.

        Raises NotFound if it hasn't such a column.
        """
        names = self._choose(columns)
        tables = [pq.read_table(self._fetch(name), columns=names) for name in self._files]
        return pa.concat_tables(tables)

    def _choose(self, columns: Sequence[str] | None) -> list[str] | None:
        if columns is None:
            return None
        names = [columns] if isinstance(columns, str) else list(columns)
        there = self.column_names
        if missing := [name for name in names if name not in there]:
            detail = f"{self.name} has no column {missing[0]}; it has {', '.join(there)}."
            raise NotFound(404, {"detail": detail})
        return names

    def to_pandas(self, columns: Sequence[str] | None = None) -> pandas.DataFrame:
        """Return the table, or some columns of it, as a data frame of pandas."""
        return Result(self.to_arrow(columns)).to_pandas()

    def to_polars(self, columns: Sequence[str] | None = None) -> polars.DataFrame:
        """Return the table, or some columns of it, as a data frame of polars."""
        return Result(self.to_arrow(columns)).to_polars()

    def scan(self) -> polars.LazyFrame:
        """Return the table for polars to read in place, and of it only what a query needs."""
        import polars

        return polars.scan_parquet(self.places)

    def batches(
        self, columns: Sequence[str] | None = None, rows: int = 65_536
    ) -> Iterator[pa.RecordBatch]:
        """Yield the table in batches of so many rows, for what doesn't fit into memory."""
        names = self._choose(columns)
        for name in self._files:
            yield from pq.ParquetFile(self._fetch(name)).iter_batches(rows, columns=names)


class Tables(Mapping[str, Table]):
    """The tables of a release, by name. release: its number."""

    def __init__(self, package: Mapping[str, Any], tables: Mapping[str, Table]) -> None:
        self.release = int(package["version"])
        self._tables = tables

    def __getitem__(self, name: str) -> Table:
        try:
            return self._tables[name]
        except KeyError:
            there = ", ".join(self._tables)
            raise NotFound(
                404, {"detail": f"There is no table {name}; there are {there}."}
            ) from None

    def __contains__(self, name: object) -> bool:
        return name in self._tables

    def __iter__(self) -> Iterator[str]:
        return iter(self._tables)

    def __len__(self) -> int:
        return len(self._tables)

    def __repr__(self) -> str:
        lines = (f"  {table.name}: {table.rows:,} rows. {table.about}" for table in self.values())
        return "\n".join([f"<Tables of release {self.release}", *lines, ">"])


def make_tables(
    package: Mapping[str, Any], base: str, suffix: str, fetch: Fetch, language: str
) -> Tables:
    """Return the tables that a data package describes. base, suffix: around the files' names."""
    tables = {
        resource["name"]: Table(resource, base, suffix, fetch, language)
        for resource in package["resources"]
    }
    return Tables(package, tables)
