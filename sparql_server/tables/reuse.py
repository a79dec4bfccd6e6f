"""Tables of a release that has the same data as another: its files, by hard links.

A table is the other's if both releases have the same columns, file for file, and it was defined
alike. What a file says doesn't depend on its release; what describes it is written anew.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

from sparql_server.engine.columns.storage.layout import HEAD
from sparql_server.tables.model import FIELDS, FOLDER, PACKAGE, Facts, File, Made, Sizes, Table

_TOOLS = (
    "libris-linked-data",
    "pyarrow",
)  # what they write may be another thing in another version


@dataclass(frozen=True, slots=True)
class Former:
    """Tables of another release. folder: of its files. made: by name, as the package has them.

    fields: by name, what is counted of them.
    """

    folder: Path
    made: Mapping[str, Mapping[str, Any]]
    fields: Mapping[str, Facts]

    def take(self, table: Table, definition: str, folder: Path) -> Made | None:
        """Take a table's files into a folder; None if it was defined otherwise, or is damaged."""
        said = self.made.get(table.name, {})
        if said.get("definition") != definition or table.name not in self.fields:
            return None
        files = [File(**each) for each in said["files"]]
        if not all(_is_whole(self.folder / file.path, file) for file in files):
            return None
        for file in files:
            _link(self.folder / file.path, folder / file.path)
        return Made(table, tuple(files), self.fields[table.name], definition)


def define(table: Table, sizes: Sizes) -> str:
    """Return what tells apart the ways in which tables of the same data are made."""
    tools = [metadata.version(name) for name in _TOOLS]
    said = json.dumps([asdict(table), asdict(sizes), tools], sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(said.encode()).hexdigest()


def find_former(release: Path, others: Iterable[Path]) -> Former | None:
    """Return the tables of the first of other releases that has the same data, and tables."""
    for other in others:
        if _is_same(release / "columns", other / "columns"):
            former = _read(other / FOLDER)
            if former:
                return former
    return None


def _is_same(folder: Path, other: Path) -> bool:
    """Tell whether two folders have the same files, by hard links."""
    names = _list_names(folder)
    return (
        HEAD in names
        and names == _list_names(other)
        and all(os.path.samefile(folder / name, other / name) for name in names)
    )


def _list_names(folder: Path) -> Sequence[str]:
    try:
        return sorted(os.listdir(folder))
    except OSError:
        return []


def _read(folder: Path) -> Former | None:
    try:
        package = json.loads((folder / PACKAGE).read_bytes())
        fields = json.loads((folder / FIELDS).read_bytes())
        return Former(
            folder,
            {each["name"]: each for each in package["resources"]},
            {each.pop("name"): each for each in fields["tables"]},
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _is_whole(path: Path, file: File) -> bool:
    try:
        with open(path, "rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest() == file.sha256
    except OSError:
        return False


def _link(source: Path, target: Path) -> None:
    try:
        os.link(source, target)
    except OSError:  # a disk of another kind, or another disk
        shutil.copyfile(source, target)
