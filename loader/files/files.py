"""Reader of files: the documents in each, and the pieces of it that can't be read."""

from __future__ import annotations

import shutil
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import IO

from loader.archive.archive import Arrival
from loader.errors import InputError
from loader.files.encodings import decode_to_utf8, is_gzip
from loader.files.faults import Fault, Mended, Unreadable
from loader.files.input_files import (
    JSON_LINES,
    InputFile,
    find_files,
    gather_files,
    list_extensions,
)
from loader.files.json_documents import JsonDocuments, read_record
from loader.files.json_files import read_values
from loader.files.rdf_files import Reader
from loader.files.rdf_formats import RdfFile

__all__ = [
    "Fault",
    "InputFile",
    "Mended",
    "Piece",
    "Unreadable",
    "list_extensions",
    "find_files",
    "gather_files",
    "is_json",
    "read_file",
    "read_record",
]

Piece = Arrival | Fault

_LARGE = 64 * 1024 * 1024  # bytes of RDF above which a file is sorted on disk, not in memory
_REMEMBERED = 64 * 1024 * 1024  # bytes of unreadable pieces that are kept until a file is read
_JSON = (*JSON_LINES, ".json", ".jsonld")


def read_file(
    file: InputFile,
    graph: str | None = None,
    scratch: Path | None = None,
    *,
    strict: bool = False,
) -> Iterator[Piece]:
    """Yield what a file holds.

    graph: the name for plain RDF that stands in no named graph.
    scratch: a folder to sort a large RDF file in.
    strict: plain RDF in which anything isn't as it should be is refused as a whole.
    Raises InputError if the file as a whole can't be read; what came before stays valid.
    """
    if file.fault:
        raise InputError(file.name, file.fault)
    faults = _Faults()
    with _translate_errors(file), _sorting_folder(file, scratch) as folder:
        source = RdfFile(file.name, file.extension, file.open, file.iri)
        reader = Reader(source, graph, folder, faults.add, strict)
        if is_json(file):
            with decode_to_utf8(file.open(), file.name) as stream:
                yield from _read_json(file, stream, reader, faults)
        else:
            reader.fill()
            yield from faults.take_all()
        if not reader.is_empty:
            for named_graph in reader.graphs():
                yield Arrival(named_graph.name, "ntriples", named_graph.statements)
                yield from faults.take_all()
            yield from faults.take_all()


def is_json(file: InputFile) -> bool:
    """Tell whether a file is JSON by its name, records or JSON-LD."""
    return file.extension in _JSON


def _read_json(
    file: InputFile, stream: IO[bytes], reader: Reader, faults: _Faults
) -> Iterator[Piece]:
    documents = JsonDocuments(file.name, reader)
    is_empty = True
    for value in read_values(stream):
        is_empty = False
        yield from documents.take(value)
        yield from faults.take_all()
    if is_empty and file.extension not in JSON_LINES:
        raise InputError(file.name, "not JSON: the file is empty")


@dataclass(slots=True)
class _Faults:
    """Faults of a file, until they are taken."""

    waiting: list[Fault] = field(default_factory=list)
    size: int = 0

    def add(self, fault: Fault) -> None:
        if isinstance(fault, Unreadable):
            self.size += len(fault.payload or b"")
            if self.size > _REMEMBERED:
                fault = replace(fault, payload=None)
        self.waiting.append(fault)

    def take_all(self) -> Iterator[Fault]:
        """Yield the faults that wait, and forget them."""
        yield from self.waiting
        self.waiting.clear()
        self.size = 0


@contextmanager
def _sorting_folder(file: InputFile, scratch: Path | None) -> Iterator[Path | None]:
    """Yield the folder to sort a file in, None for a small one; clear it away in the end."""
    size = file.path.stat().st_size
    large = size > (_LARGE // 10 if size and is_gzip(file.path) else _LARGE)
    try:
        yield scratch if large else None
    finally:
        if large and scratch:
            shutil.rmtree(scratch, ignore_errors=True)


@contextmanager
def _translate_errors(file: InputFile) -> Iterator[None]:
    try:
        yield
    except (OSError, EOFError, UnicodeError, zlib.error) as error:
        raise InputError(file.name, f"cannot be read: {error}") from error
