"""The archive: every record as it came, and how far the store has followed. One SQLite file.

The source of truth: the store can be made anew from it alone. A row is a *document*: a Libris
record (JSON), or what one file of plain RDF says in one named graph (N-Triples).
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from loader.compression import Compression
from loader.errors import ArchiveError

VERSION = 1

_SCHEMA = """
CREATE TABLE source (
  id INTEGER PRIMARY KEY, path TEXT NOT NULL UNIQUE, name TEXT NOT NULL, sha256 TEXT,
  bytes INTEGER, loaded TEXT NOT NULL
);
CREATE TABLE document (
  id INTEGER PRIMARY KEY,
  identifier TEXT NOT NULL UNIQUE, -- its graph's name; of plain RDF, with its source's number
  format TEXT NOT NULL,            -- jsonld: a Libris record; ntriples: a graph of plain RDF
  main_entity TEXT,
  datestamp TEXT,                  -- when Libris last changed it, UTC
  deleted INTEGER NOT NULL DEFAULT 0,
  hash BLOB NOT NULL,              -- of the content: SHA-256, first 16 bytes
  payload BLOB NOT NULL,
  source INTEGER NOT NULL REFERENCES source (id),
  received TEXT NOT NULL,
  applied BLOB,                    -- the hash that the store holds; NULL: none
  former BLOB,                     -- the payload that the store holds while it isn't this one
  reason TEXT                      -- why the store can't hold this payload: quarantine
);
CREATE INDEX document_pending ON document (id) WHERE applied IS NOT hash AND reason IS NULL;
CREATE INDEX document_main_entity ON document (main_entity) WHERE main_entity IS NOT NULL;
CREATE TABLE unreadable (           -- pieces of files in which no document could be found
  source INTEGER NOT NULL, location TEXT NOT NULL, reason TEXT NOT NULL, payload BLOB,
  PRIMARY KEY (source, location)
);
CREATE TABLE problem (              -- what was repaired or left out of a document
  document INTEGER NOT NULL, kind TEXT NOT NULL, value TEXT NOT NULL,
  PRIMARY KEY (document, kind, value)
) WITHOUT ROWID;
CREATE TABLE description (          -- what documents say of things outside Libris
  id INTEGER PRIMARY KEY, thing TEXT NOT NULL, hash BLOB NOT NULL, statements BLOB NOT NULL,
  UNIQUE (thing, hash)
);
CREATE TABLE description_use (
  document INTEGER NOT NULL, description INTEGER NOT NULL, PRIMARY KEY (document, description)
) WITHOUT ROWID;
CREATE INDEX description_used_by ON description_use (description);
CREATE TABLE shadowed (             -- graph has triples that stand in holder's graph instead
  graph TEXT NOT NULL, holder TEXT NOT NULL, triples INTEGER NOT NULL,
  PRIMARY KEY (graph, holder)
) WITHOUT ROWID;
CREATE INDEX shadowed_by ON shadowed (holder);
CREATE TABLE tally (                -- how often each class and property stands in the store
  kind TEXT NOT NULL, iri TEXT NOT NULL, uses INTEGER NOT NULL, PRIMARY KEY (kind, iri)
) WITHOUT ROWID;
CREATE TABLE state (name TEXT PRIMARY KEY, value BLOB) WITHOUT ROWID;
"""

_UPSERT = """
INSERT INTO document (identifier, format, main_entity, datestamp, hash, payload, source, received)
VALUES (?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (identifier) DO UPDATE SET
  former = CASE WHEN applied = excluded.hash THEN NULL WHEN former IS NOT NULL THEN former
    WHEN applied = hash THEN payload END,
  format = excluded.format, main_entity = excluded.main_entity, datestamp = excluded.datestamp,
  deleted = 0, hash = excluded.hash, payload = excluded.payload, source = excluded.source,
  received = excluded.received, reason = NULL
"""


@dataclass(frozen=True, slots=True)
class Arrival:
    """A document as it arrives.

    graph: IRI of its graph. format: ``jsonld`` (a Libris record) or ``ntriples``.
    payload: canonical JSON, or canonical N-Triples; equal content gives equal bytes.
    datestamp: ``2024-05-01T09:30:00Z`` or None.
    """

    graph: str
    format: str
    payload: bytes
    main_entity: str | None = None
    datestamp: str | None = None


@dataclass(frozen=True, slots=True)
class Document:
    """A document as the archive holds it, decompressed.

    former: what came before, if that is what the store holds.
    """

    id: int
    identifier: str
    format: str
    main_entity: str | None
    deleted: bool
    payload: bytes
    former: bytes | None = None

    @property
    def graph(self) -> str:
        """The name of the graph it stands in."""
        return self.identifier.partition(" ")[0]


@dataclass(frozen=True, slots=True)
class Quarantined:
    """Something that arrived and isn't in the store: where it came from, and why."""

    identifier: str
    source: str
    reason: str


def content_hash(payload: bytes) -> bytes:
    """Return the first 16 bytes of the payload's SHA-256."""
    return hashlib.sha256(payload).digest()[:16]


def connect(path: Path, *, read_only: bool = False) -> sqlite3.Connection:
    """Open the archive, making it if it isn't there; raise ArchiveError if it can't be used."""
    if read_only and not path.exists():
        raise ArchiveError(f"no archive at {path}: load something first")
    try:
        connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute("PRAGMA busy_timeout = 30000")
        _prepare(connection, path)
    except sqlite3.Error as error:
        raise ArchiveError(f"{path}: {error}") from error
    return connection


def _prepare(connection: sqlite3.Connection, path: Path) -> None:
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version == 0:
        connection.executescript(f"BEGIN; {_SCHEMA} PRAGMA user_version = {VERSION}; COMMIT;")
    elif version != VERSION:
        raise ArchiveError(f"{path} has version {version}; this loader reads version {VERSION}")


def identifier(arrival: Arrival, source: int) -> str:
    """Return the name of a document: files may say different things in one graph."""
    return arrival.graph if arrival.format == "jsonld" else f"{arrival.graph} {source}"


class Archive:
    """Documents in, documents out. Writes happen within ``with archive.transaction():``."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection
        self.compression = Compression(connection)

    def transaction(self) -> Transaction:
        """Return a context in which all writes commit together, or none does."""
        return Transaction(self.connection)

    # Arrivals

    def source(self, path: str, name: str, now: str) -> int:
        """Return the number of a source, new or known, and forget what was unreadable in it.

        path: what makes it the same source as before. name: what it is called.
        """
        (number,) = self.connection.execute(
            "INSERT INTO source (path, name, loaded) VALUES (?, ?, ?)"
            " ON CONFLICT (path) DO UPDATE SET loaded = excluded.loaded RETURNING id",
            (path, name, now),
        ).fetchone()
        self.connection.execute("DELETE FROM unreadable WHERE source = ?", (number,))
        return int(number)

    def finish_source(self, number: int, sha256: str, size: int) -> None:
        """Note a source's checksum and its size in bytes, once it has been read to its end."""
        self.connection.execute(
            "UPDATE source SET sha256 = ?, bytes = ? WHERE id = ?", (sha256, size, number)
        )

    def store(self, arrivals: Iterable[Arrival], source: int, now: str) -> tuple[int, int]:
        """Take documents in; return how many were new and how many changed.

        One whose content the archive already holds is left alone.
        """
        latest = {identifier(one, source): one for one in arrivals}
        known = self._hashes(list(latest))
        new = changed = 0
        rows = []
        self.compression.learn([one.payload for one in latest.values()])
        for name, one in latest.items():
            digest = content_hash(one.payload)
            if known.get(name) == digest:
                continue
            new += name not in known
            changed += name in known
            payload = self.compression.compress(one.payload)
            rows.append(
                (name, one.format, one.main_entity, one.datestamp, digest, payload, source, now)
            )
        self.connection.executemany(_UPSERT, rows)
        return new, changed

    def _hashes(self, identifiers: list[str]) -> dict[str, bytes]:
        marks = ",".join("?" * len(identifiers))
        rows = self.connection.execute(
            "SELECT identifier, hash FROM document"  # noqa: S608
            f" WHERE deleted = 0 AND identifier IN ({marks})",
            identifiers,
        )
        return dict(rows.fetchall())

    def withdraw(self, source: int, remaining: Collection[str]) -> int:
        """Delete a source's plain RDF in graphs other than these; return how many documents."""
        rows = self.connection.execute(
            "SELECT id, identifier FROM document"
            " WHERE source = ? AND format = 'ntriples' AND deleted = 0",
            (source,),
        ).fetchall()
        gone = [(number,) for number, name in rows if name.partition(" ")[0] not in remaining]
        self.connection.executemany(
            "UPDATE document SET deleted = 1, hash = x'', reason = NULL WHERE id = ?", gone
        )
        return len(gone)

    def set_aside(self, source: int, location: str, reason: str, payload: bytes | None) -> None:
        """Keep a piece of a file in which no document could be found."""
        self.connection.execute(
            "INSERT OR REPLACE INTO unreadable VALUES (?, ?, ?, ?)",
            (source, location, reason, payload),
        )

    # Documents

    def pending(self) -> list[int]:
        """Return the ids of the documents that the store does not hold as they are.

        Libris records come before plain RDF.
        """
        rows = self.connection.execute(
            "SELECT id FROM document WHERE applied IS NOT hash AND reason IS NULL"
            " ORDER BY format, id"
        )
        return [row[0] for row in rows]

    def all_ids(self) -> list[int]:
        """Return the ids of all documents."""
        rows = self.connection.execute("SELECT id FROM document ORDER BY id")
        return [row[0] for row in rows]

    def applied_count(self) -> int:
        """Return the number of documents of which the store holds some version."""
        query = "SELECT count(*) FROM document WHERE applied IS NOT NULL"
        return int(self.connection.execute(query).fetchone()[0])

    def documents(self, ids: Iterable[int]) -> Iterator[Document]:
        """Yield documents by id."""
        for number in ids:
            yield self._read("id = ?", number)[0]

    def documents_in(self, graph: str) -> Iterator[Document]:
        """Yield the documents whose payload the store should hold in a graph.

        Of a document in quarantine, that is its former payload.
        """
        # Identifiers of plain RDF are "GRAPH NUMBER"; a space sorts just before "!".
        condition = "(identifier = ?1 OR identifier BETWEEN ?1 || ' ' AND ?1 || '!')"
        for document in self._read(f"{condition} AND deleted = 0", graph):
            (reason,) = self.connection.execute(
                "SELECT reason FROM document WHERE id = ?", (document.id,)
            ).fetchone()
            if reason is None:
                yield document
            elif document.former is not None:
                yield replace(document, payload=document.former)

    def _read(self, condition: str, value: int | str) -> list[Document]:
        rows = self.connection.execute(
            "SELECT id, identifier, format, main_entity, deleted, payload, former"
            f" FROM document WHERE {condition}",  # noqa: S608
            (value,),
        )
        return [self._document(row) for row in rows]

    def _document(
        self, row: tuple[int, str, str, str | None, int, bytes, bytes | None]
    ) -> Document:
        number, identifier, form, main_entity, deleted, payload, former = row
        text = self.compression.decompress(payload)
        before = self.compression.decompress(former) if former else None
        return Document(number, identifier, form, main_entity, bool(deleted), text, before)

    # Counts

    def record_count(self) -> int:
        """Return the number of Libris records in the store."""
        query = (
            "SELECT count(*) FROM document"
            " WHERE format = 'jsonld' AND applied IS NOT NULL AND NOT deleted"
        )
        return int(self.connection.execute(query).fetchone()[0])

    def counts(self) -> dict[str, int]:
        """Return how many documents there are, by format and by what became of them."""
        names = ("received", "records", "plain graphs", "in store", "deleted", "quarantined")
        row = self.connection.execute(
            "SELECT count(*), total(format = 'jsonld'), total(format = 'ntriples'),"
            " total(applied IS hash AND NOT deleted), total(deleted), total(reason IS NOT NULL)"
            " FROM document"
        ).fetchone()
        (unreadable,) = self.connection.execute("SELECT count(*) FROM unreadable").fetchone()
        counts = {name: int(count) for name, count in zip(names, row, strict=True)}
        return counts | {"unreadable": unreadable}

    def quarantine_count(self) -> int:
        """Return the number of documents and pieces of files that the store can't hold."""
        return len(self.quarantined())

    def quarantined(self) -> list[Quarantined]:
        """Return what is in quarantine, with its source and the reason."""
        rows = self.connection.execute(
            "SELECT identifier, name, reason FROM document JOIN source ON source.id = source"
            " WHERE reason IS NOT NULL UNION ALL"
            " SELECT location, name, reason FROM unreadable JOIN source ON source.id = source"
            " ORDER BY 1"
        )
        return [Quarantined(*row) for row in rows]

    def sources(self) -> list[dict[str, Any]]:
        """Return where documents came from: name, SHA-256, size in bytes, when it was loaded."""
        rows = self.connection.execute("SELECT name, sha256, bytes, loaded FROM source ORDER BY id")
        return [dict(zip(("name", "sha256", "bytes", "loaded"), row, strict=True)) for row in rows]

    def state(self, name: str) -> bytes | None:
        """Return a remembered value."""
        row = self.connection.execute("SELECT value FROM state WHERE name = ?", (name,)).fetchone()
        return row[0] if row else None

    def remember(self, name: str, value: bytes | None) -> None:
        """Remember a value under a name; None forgets it."""
        if value is None:
            self.connection.execute("DELETE FROM state WHERE name = ?", (name,))
        else:
            self.connection.execute("INSERT OR REPLACE INTO state VALUES (?, ?)", (name, value))


class Transaction:
    """A SQLite transaction that takes the write lock at once."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def __enter__(self) -> None:
        self._connection.execute("BEGIN IMMEDIATE")

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        self._connection.execute("COMMIT" if kind is None else "ROLLBACK")
