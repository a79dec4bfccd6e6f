"""Files and folders to documents: which file is what, and what of it can't be read.

Knows file names and the shapes JSON comes in; what RDF files hold is left to ``plain``.
"""

from __future__ import annotations

import gzip
import hashlib
import shutil
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, cast

from loader import plain
from loader.archive import Arrival
from loader.dates import utc
from loader.errors import InputError, TransformError
from loader.json_text import canonical_json, decode_document
from loader.transform import read_document

JSON_LINES = (".jsonl", ".ndjson", ".ndjsonld")
_LARGE = 64 * 1024 * 1024  # bytes of RDF above which a file is sorted on disk, not in memory


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A piece of a file in which no document could be found. payload: its bytes, if few."""

    location: str
    reason: str
    payload: bytes | None = None


@dataclass(frozen=True, slots=True)
class InputFile:
    """A file to load. name: what it is called in messages and in the manifest."""

    path: Path
    name: str

    @property
    def key(self) -> str:
        """Return what makes this the same file as one that was loaded before."""
        # Standard input is kept in a new place each time.
        return self.name if self.name.startswith("stdin.") else str(self.path.resolve())

    @property
    def compressed(self) -> bool:
        """Tell whether the name ends in ``.gz``."""
        return self.name.lower().endswith(".gz")

    @property
    def extension(self) -> str:
        """Return the extension that says what the file holds, lower case, without ``.gz``."""
        name = self.name[:-3] if self.compressed else self.name
        return Path(name).suffix.lower()

    def open(self) -> IO[bytes]:
        """Return a stream of the decompressed bytes."""
        if self.compressed:
            return cast(IO[bytes], gzip.open(self.path, "rb"))
        return open(self.path, "rb")

    def sha256(self) -> str:
        """Return the checksum of the file as it lies there, in hexadecimal."""
        with open(self.path, "rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()


def find(paths: Iterable[Path]) -> list[InputFile]:
    """Return the files to load, folders searched in order of names.

    A folder's files of unknown kind are passed over; one that was named raises InputError.
    """
    found = []
    for path in paths:
        if path.is_dir():
            below = (one for one in sorted(path.rglob("*")) if one.is_file())
            files = [InputFile(one, str(one.relative_to(path))) for one in below]
            found += [file for file in files if _is_known(file)]
            continue
        file = InputFile(path, path.name)
        if not path.is_file():
            raise InputError(str(path), "no such file")
        if not _is_known(file):
            raise InputError(str(path), f"unknown extension; known are {', '.join(extensions())}")
        found.append(file)
    return found


@contextmanager
def standard_input(extension: str) -> Iterator[Path]:
    """Yield a file that holds what comes on standard input, while the block runs."""
    with tempfile.TemporaryDirectory(prefix="libris-") as folder:
        path = Path(folder) / f"stdin{extension}"
        with open(path, "wb") as copy:
            shutil.copyfileobj(sys.stdin.buffer, copy)
        yield path


def extensions() -> list[str]:
    """Return the file name extensions that can be loaded; each may be followed by ``.gz``."""
    return sorted({*JSON_LINES, *plain.FORMATS})


def _is_known(file: InputFile) -> bool:
    return file.extension in JSON_LINES or file.extension in plain.FORMATS


def read(
    file: InputFile, graph: str | None = None, scratch: Path | None = None
) -> Iterator[Arrival | Unreadable]:
    """Yield what a file holds.

    graph: the name for plain RDF that stands in no named graph.
    scratch: a folder to sort a large RDF file in.
    Raises InputError if the file as a whole can't be read; what came before stays valid.
    """
    if file.extension in JSON_LINES:
        yield from _json_lines(file)
    elif file.extension in (".json", ".jsonld"):
        yield from _json(file, graph)
    else:
        yield from _rdf(file, graph, scratch)


def _json_lines(file: InputFile) -> Iterator[Arrival | Unreadable]:
    with _reading(file) as stream:
        for number, line in enumerate(stream, 1):
            if not line.strip():
                continue
            location = f"{file.name}:{number}"
            try:
                document = decode_document(line, location)
                if not _is_context_only(document):
                    yield record(document, location)
            except TransformError as error:
                yield Unreadable(location, error.reason, line.strip())


def _is_context_only(document: Any) -> bool:
    """Tell whether this is the line that begins a dump from Libris: a context and no data."""
    return isinstance(document, dict) and "@graph" not in document and "@context" in document


def record(
    document: Any, location: str, datestamp: str | None = None, sets: tuple[str, ...] = ()
) -> Arrival:
    """Return a Libris record, its content spelt so that equal content has equal bytes.

    datestamp: by default the Record's ``modified``.
    Raises TransformError, with ``location`` for a name, if it isn't one.
    """
    found = read_document(document, location)
    beside = {key: value for key, value in document.items() if key not in ("@context", "@graph")}
    nodes = document["@graph"] + ([beside] if beside.keys() - {"@id"} else [])
    payload = canonical_json({"@graph": nodes}, location)
    when = datestamp or _datestamp(found.nodes, found)
    return Arrival(found.identifier, "jsonld", payload, found.main_entity, when, sets)


def _datestamp(nodes: list[Any], found: Any) -> str | None:
    """Return the Record's ``modified`` in UTC, or None if it has none that can be read."""
    for node in nodes:
        if isinstance(node, dict) and node.get("@id") == found.identifier:
            try:
                return utc(node["modified"])
            except (AttributeError, KeyError, TypeError, ValueError):
                return None
    return None


def _json(file: InputFile, graph: str | None) -> Iterator[Arrival | Unreadable]:
    """Yield a file of one JSON document: a record, a list of records, or plain JSON-LD."""
    with _reading(file) as stream:
        text = stream.read()
    try:
        document = decode_document(text, file.name)
    except TransformError as error:
        raise InputError(file.name, error.reason) from error
    records = document if isinstance(document, list) else [document]
    if not any(_is_record(one) for one in records):
        yield from _rdf(file, graph, None)
        return
    for number, one in enumerate(records):
        location = f"{file.name}#{number}"
        try:
            yield record(one, location)
        except TransformError as error:
            yield Unreadable(location, error.reason, canonical_json(one))


def _is_record(document: Any) -> bool:
    try:
        read_document(document)
    except TransformError:
        return False
    return not isinstance(document.get("@context"), dict | list)


def _rdf(file: InputFile, graph: str | None, scratch: Path | None) -> Iterator[Arrival]:
    large = file.path.stat().st_size > (_LARGE // 10 if file.compressed else _LARGE)
    folder = scratch if large else None
    try:
        source = plain.RdfFile(file.name, file.extension, file.open)
        for one in plain.read_graphs(source, graph, folder):
            yield Arrival(one.name, "ntriples", one.statements)
    finally:
        if folder:
            shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _reading(file: InputFile) -> Iterator[IO[bytes]]:
    try:
        with file.open() as stream:
            yield stream
    except (OSError, EOFError) as error:
        raise InputError(file.name, f"cannot be read: {error}") from error
