"""The layout of columns on disk: a folder with a file for each array, and a head that lists them.

    columns/  head.json  subjects  objects  graphs  …

A file has the array's items as the processor has them, little-endian, and nothing else. The head is
written last: ``format``, ``facts``, which JSON can say, and of each array its type and length. It
has a checksum of its own; those of the files are in the release's manifest.
"""

from __future__ import annotations

import hashlib
import json
import mmap
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

FORMAT = 3
"""Of the folder; 1 and 2 were in memory only."""

HEAD = "head.json"


class ColumnsError(ValueError):
    """A folder has no columns that this version can read. Its text says why."""


class Unrepresentable(Exception):
    """Columns can't hold this dataset. Its text says why."""


@dataclass(frozen=True, slots=True)
class ArrayFile:
    """An array in a file that is read piece by piece, so that only pieces are in memory.

    It is opened for each of them: there may be more of such files than a process may have open.
    """

    path: Path
    kind: np.dtype[Any]
    length: int

    def __len__(self) -> int:
        return self.length

    def read(self, begin: int = 0, end: int | None = None) -> Array:
        """Return the items of a range. Raises ColumnsError if the file is shorter."""
        count = (self.length if end is None else end) - begin
        if count <= 0:
            return np.empty(0, self.kind)
        with open(self.path, "rb", buffering=0) as file:
            items = np.fromfile(file, self.kind, count, offset=begin * self.kind.itemsize)
        if len(items) != count:
            raise ColumnsError(f"{self.path} is cut off")
        return items

    def map(self) -> Array:
        """Return the array, mapped: it can't be written to. Raises ColumnsError."""
        return _map(self.path, self.kind.str, self.length)


class ArrayWriter:
    """Writes the arrays of a folder, each piece by piece, and its head at the end."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self._described: dict[str, tuple[str, int]] = {}

    def append(self, name: str, piece: Array) -> None:
        """Add items to the end of an array; all pieces of one have the same type."""
        kind, length = self._described.get(name, (piece.dtype.str, 0))
        if piece.dtype.str != kind:
            raise ValueError(f"{name} is of {kind}, not of {piece.dtype.str}")
        view = np.ascontiguousarray(piece).data.cast("B") if len(piece) else b""
        with open(self.folder / name, "ab" if name in self._described else "wb", 0) as file:
            while view:
                view = view[file.write(view) :]
        self._described[name] = (kind, length + len(piece))

    def take(self, name: str, source: ArrayFile) -> None:
        """Have a file that is another's array, too, by a hard link."""
        os.link(source.path, self.folder / name)
        self._described[name] = (source.kind.str, source.length)

    def open_written(self, name: str) -> ArrayFile:
        """Return an array as far as it was written."""
        kind, length = self._described[name]
        return ArrayFile(self.folder / name, np.dtype(kind), length)

    def finish(self, facts: Mapping[str, Any]) -> None:
        """Write the head: with it the folder is whole."""
        said = {"format": FORMAT, "facts": facts, "arrays": self._described}
        text = json.dumps(said | {"sha256": _digest(said)}, indent=1, sort_keys=True)
        (self.folder / HEAD).write_text(text, encoding="utf-8")


def read_head(folder: Path) -> tuple[dict[str, tuple[str, int]], dict[str, Any]]:
    """Return what the head of a folder says: each array's type and length, and the facts.

    Raises ColumnsError if there is none, or it isn't what was written.
    """
    try:
        said = json.loads((folder / HEAD).read_bytes())
        digest = said.pop("sha256")
        if said["format"] != FORMAT:
            raise ColumnsError(f"it has columns of format {said['format']}, not {FORMAT}")
        if digest != _digest(said):
            raise ColumnsError(f"{folder / HEAD} is not as it was written")
        arrays = {name: (kind, length) for name, (kind, length) in said["arrays"].items()}
    except FileNotFoundError as error:
        raise ColumnsError(f"{folder / HEAD} is missing") from error
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ColumnsError(f"{folder / HEAD} can't be read: {error}") from error
    return arrays, said["facts"]


def open_files(folder: Path) -> tuple[dict[str, ArrayFile], dict[str, Any]]:
    """Return the arrays of a folder to be read piece by piece, and the facts.

    Raises ColumnsError if one is missing or hasn't its length.
    """
    arrays, facts = read_head(folder)
    files = {}
    for name, (kind, length) in arrays.items():
        _check_size(folder / name, np.dtype(kind).itemsize * length)
        files[name] = ArrayFile(folder / name, np.dtype(kind), length)
    return files, facts


def map_arrays(folder: Path) -> tuple[dict[str, Array], dict[str, Any]]:
    """Return the arrays of a folder, mapped, which can't be written to, and the facts.

    Raises ColumnsError if one is missing or hasn't its length.
    """
    described, facts = read_head(folder)
    return {name: _map(folder / name, *of) for name, of in described.items()}, facts


def _map(path: Path, kind: str, length: int) -> Array:
    size = np.dtype(kind).itemsize * length
    _check_size(path, size)
    if not size:
        return np.empty(0, kind)
    try:
        with open(path, "rb") as file:
            return np.frombuffer(mmap.mmap(file.fileno(), size, prot=mmap.PROT_READ), kind)
    except (OSError, ValueError) as error:
        raise ColumnsError(f"{path} can't be mapped: {error}") from error


def _check_size(path: Path, size: int) -> None:
    try:
        there = path.stat().st_size
    except OSError as error:
        raise ColumnsError(f"{path} is missing") from error
    if there != size:
        raise ColumnsError(f"{path} has {there:,} bytes and should have {size:,}")


def _digest(said: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()
