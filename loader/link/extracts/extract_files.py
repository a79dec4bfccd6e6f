"""Files of extracts, read into lookup tables, and how far each has been read.

A page of units (lines, groups of lines, solutions) is one transaction together with the position
behind it, so a killed run goes on there. A file that was read to its end is left alone.
"""

from __future__ import annotations

import bz2
import gzip
import hashlib
import io
import logging
import zlib
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, cast

from loader.errors import InputError
from loader.link.extracts import extract_formats
from loader.link.extracts.authority_facts import Dropped, Writer
from loader.link.extracts.extract_formats import Parse
from loader.link.extracts.link_database import Tables
from loader.progress import Advance

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

logger = logging.getLogger(__name__)

_PAGE = 2000  # units to a transaction


@dataclass(frozen=True, slots=True)
class Extracted:
    """The result of reading a file.

    kept: facts in the tables. unread: units that make no sense. dropped: those of items that
    nothing in a catalogue could be: no identifier, and no kind that is looked for by name.
    """

    name: str
    kept: int
    unread: int
    dropped: int
    was_known: bool = False


class _Hashed(io.RawIOBase):
    """A file whose checksum is taken while it is read."""

    def __init__(self, path: Path) -> None:
        self._stream = open(path, "rb")  # noqa: SIM115
        self.digest = hashlib.sha256()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        count = self._stream.readinto(buffer)
        self.digest.update(memoryview(buffer)[:count])
        return count

    def close(self) -> None:
        self._stream.close()
        super().close()


def read_extract(tables: Tables, source: str, path: Path, advance: Advance) -> Extracted:
    """Read a file into the tables.

    source: ``wikidata``, ``lc`` or ``viaf``.
    Raises InputError for a file that isn't there, is of a format that isn't read, or ends within
    itself; what was read by then is kept, and is not used until the file has been read whole.
    """
    if not path.is_file():
        raise InputError(path.name, "no such file")
    number, position, done = _begin(tables, source, path)
    if not done:
        _read(tables, number, position, source, path, advance)
    row = tables.connection.execute(
        "SELECT name, kept, unread, dropped FROM extract WHERE id = ?", (number,)
    ).fetchone()
    return Extracted(str(row[0]), int(row[1]), int(row[2]), int(row[3]), done)


def _begin(tables: Tables, source: str, path: Path) -> tuple[int, int, bool]:
    """Return number, position and whether it is done, of a file that is new, known or changed."""
    status = path.stat()
    key, fingerprint = _key(source, path), f"{status.st_size} {status.st_mtime_ns}"
    with tables.transaction() as connection:
        row = connection.execute(
            "SELECT id, fingerprint, position, done FROM extract WHERE key = ?", (key,)
        ).fetchone()
        if row and row[1] == fingerprint:
            return int(row[0]), int(row[2]), bool(row[3])
        if row:
            forget_extract(tables, int(row[0]))
        (number,) = connection.execute(
            "INSERT INTO extract (key, source, name, fingerprint, bytes) VALUES (?, ?, ?, ?, ?)"
            " RETURNING id",
            (key, source, path.name, fingerprint, status.st_size),
        ).fetchone()
    return int(number), 0, False


def forget_extract(tables: Tables, number: int) -> None:
    """Remove an extract and what it said, within a transaction."""
    tables.connection.execute(
        "DELETE FROM profile WHERE authority IN (SELECT authority FROM said WHERE extract = ?)",
        (number,),
    )
    for table in ("said", "identifier", "label"):
        tables.connection.execute(f"DELETE FROM {table} WHERE extract = ?", (number,))
    tables.connection.execute("DELETE FROM extract WHERE id = ?", (number,))


def drop_extract(tables: Tables, source: str, path: Path) -> bool:
    """Forget a file, whether or not it was read to its end; tell whether it was known."""
    with tables.transaction() as connection:
        row = connection.execute(
            "SELECT id FROM extract WHERE key = ?", (_key(source, path),)
        ).fetchone()
        if row:
            forget_extract(tables, int(row[0]))
    return row is not None


def forget_answers(tables: Tables) -> None:
    """Forget what services have answered; their answers stay in the cache."""
    with tables.transaction() as connection:
        rows = connection.execute("SELECT id FROM extract WHERE key LIKE 'online %'").fetchall()
        for (number,) in rows:
            forget_extract(tables, number)
        connection.execute("DELETE FROM answer")


def _key(source: str, path: Path) -> str:
    return f"{source} {path.resolve()}"


def _read(
    tables: Tables, number: int, position: int, source: str, path: Path, advance: Advance
) -> None:
    raw = _Hashed(path)
    try:
        with _decompress(raw, path) as stream:
            writer = Writer(tables.connection, number)
            units, parse = extract_formats.find_reader(source, path, stream, writer)
            for _ in islice(units, position):
                pass
            while page := list(islice(units, _PAGE)):
                position += len(page)
                _store(tables, number, writer, (page, parse, position))
                advance(len(page))
            while raw.read(1 << 20):  # what a decompressor left unread belongs to the checksum
                pass
    except (EOFError, OSError, zlib.error, UnicodeDecodeError, ValueError) as error:
        raise InputError(path.name, f"after {position:,} units: {error}") from error
    finally:
        raw.close()
    with tables.transaction() as connection:
        connection.execute(
            "UPDATE extract SET done = 1, sha256 = ? WHERE id = ?", (raw.digest.hexdigest(), number)
        )


def _store(tables: Tables, number: int, writer: Writer, page: tuple[list[Any], Parse, int]) -> None:
    units, parse, position = page
    kept = unread = dropped = 0
    with tables.transaction() as connection:
        for unit in units:
            try:
                kept += writer.write(parse(unit))
            except Dropped:
                dropped += 1
            except (ValueError, KeyError, TypeError, AttributeError) as error:
                unread += 1
                logger.debug("%s", error)
        connection.execute(
            "UPDATE extract SET position = ?, kept = kept + ?, unread = unread + ?,"
            " dropped = dropped + ? WHERE id = ?",
            (position, kept, unread, dropped, number),
        )


def _decompress(raw: _Hashed, path: Path) -> IO[bytes]:
    buffered = io.BufferedReader(raw, 1 << 20)
    if path.name.endswith(".gz"):
        return cast(IO[bytes], gzip.GzipFile(fileobj=buffered))
    return cast(IO[bytes], bz2.BZ2File(buffered)) if path.name.endswith(".bz2") else buffered


def list_unfinished(tables: Tables) -> list[str]:
    """Return the names of files that have not been read to their end."""
    rows = tables.connection.execute("SELECT name FROM extract WHERE NOT done ORDER BY id")
    return [name for (name,) in rows]


def list_extracts(tables: Tables) -> list[dict[str, Any]]:
    """Return what was read: name, SHA-256, bytes, units, facts kept, units unread and dropped."""
    names = ("source", "name", "sha256", "bytes", "units", "kept", "unread", "dropped")
    rows = tables.connection.execute(
        "SELECT source, name, sha256, bytes, position, kept, unread, dropped FROM extract"
        " ORDER BY sha256, 1"
    )
    return [dict(zip(names, row, strict=True)) for row in rows]
