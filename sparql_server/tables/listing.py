"""The tables that a release has, as the server lists and sends them; it reads no Parquet."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

from sparql_server.engine.releases import Release
from sparql_server.tables.model import CROISSANT, FIELDS, FOLDER, PACKAGE

_REMEMBERED = 8  # releases
_JSON = "application/json"
_DOCUMENTS = {PACKAGE: _JSON, FIELDS: _JSON, CROISSANT: "application/ld+json"}


@dataclass(frozen=True, slots=True)
class TableFile:
    """A file that can be had. sha256: None of a document, whose checksum the manifest has."""

    path: Path
    media_type: str
    sha256: str | None = None


class Listing:
    """The tables of a release. release: its number. package: the data package, of all of them."""

    def __init__(self, folder: Path, release: int) -> None:
        self._folder = folder
        self.release = release
        self.package: dict[str, Any] = json.loads((folder / PACKAGE).read_bytes())
        self.resources: Mapping[str, dict[str, Any]] = {
            resource["name"]: resource for resource in self.package["resources"]
        }
        self._files = {name: TableFile(folder / name, kind) for name, kind in _DOCUMENTS.items()}
        for resource in self.resources.values():
            for file in resource["files"]:
                path = folder / file["path"]
                self._files[path.name] = TableFile(path, resource["mediatype"], file["sha256"])

    def get_file(self, name: str) -> TableFile | None:
        """Return a file of tables, or what describes them; None if there is none of that name."""
        return self._files.get(name)

    @cached_property
    def fields(self) -> Mapping[str, dict[str, Any]]:
        """The book of the fields: what is counted of each table, by its name."""
        found = json.loads((self._folder / FIELDS).read_bytes())
        return {table["name"]: table for table in found["tables"]}

    def describe(self, name: str) -> dict[str, Any]:
        """Return what there is to say of a table, its columns with what is counted of them."""
        resource = self.resources[name]
        counted = {column["name"]: column for column in self.fields[name]["columns"]}
        columns = [{**field, **counted[field["name"]]} for field in resource["schema"]["fields"]]
        return {**resource, "columns": columns, "release": f"{self.release:04}"}


def find_release(served: Release, number: int | None) -> Release | None:
    """Return the release of a number: the one served, or one that is kept beside it; else None."""
    if number is None or number == served.number:
        return served
    path = served.path.parent / f"{number:04}"
    return Release(number, path) if path.is_dir() else None


def list_tables(release: Release) -> Listing | None:
    """Return the tables of a release; None if it has none, or none that can be read."""
    folder = release.path / FOLDER
    try:
        changed = (folder / PACKAGE).stat().st_mtime_ns
        return _read(folder, release.number, changed)
    except (OSError, ValueError, KeyError, TypeError):
        return None


@lru_cache(maxsize=_REMEMBERED)
def _read(folder: Path, release: int, changed: int) -> Listing:
    """Return a listing; read anew when tables have been made anew."""
    return Listing(folder, release)
