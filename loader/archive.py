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

from loader import schema
from loader.compression import Compression
from loader.errors import ArchiveError

_UPSERT = """
INSERT INTO document
  (identifier, format, main_entity, datestamp, hash, payload, source, received, sets)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (identifier) DO UPDATE SET
  former = CASE WHEN applied = excluded.hash THEN NULL WHEN former IS NOT NULL THEN former
    WHEN applied = hash THEN payload END,
  format = excluded.format, main_entity = excluded.main_entity, datestamp = excluded.datestamp,
  deleted = 0, hash = excluded.hash, payload = excluded.payload, source = excluded.source,
  received = excluded.received, sets = excluded.sets, reason = NULL
"""

_DELETE = """
INSERT INTO document
  (identifier, format, datestamp, deleted, hash, payload, source, received, applied)
VALUES (?, ?, ?, 1, x'', x'', ?, ?, x'')
ON CONFLICT (identifier) DO UPDATE SET
  datestamp = coalesce(excluded.datestamp, datestamp), deleted = 1, hash = x'', former = NULL,
  received = excluded.received, reason = NULL
"""

_KEEP = """
INSERT INTO history SELECT identifier, datestamp, hash, payload, received FROM document
WHERE identifier = ?
"""


@dataclass(frozen=True, slots=True)
class Arrival:
    """A document as it arrives.

    graph: IRI of its graph. format: ``jsonld`` (a Libris record) or ``ntriples``.
    payload: canonical JSON, or canonical N-Triples; equal content gives equal bytes.
    datestamp: ``2024-05-01T09:30:00.000000Z`` or None. sets: the setSpecs it came with.
    """

    graph: str
    format: str
    payload: bytes
    main_entity: str | None = None
    datestamp: str | None = None
    sets: tuple[str, ...] = ()


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
        schema.prepare(connection, path)
    except sqlite3.Error as error:
        raise ArchiveError(f"{path}: {error}") from error
    return connection


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

    def store(
        self,
        arrivals: Iterable[Arrival],
        source: int,
        now: str,
        *,
        only_newer: bool = False,
        keep_history: bool = False,
    ) -> tuple[int, int]:
        """Take documents in; return how many were new and how many changed.

        One whose content the archive already holds is left alone. only_newer: so is one with an
        older datestamp than what it holds. keep_history: keep the payloads that are replaced.
        """
        latest = {identifier(one, source): one for one in arrivals}
        known = self._known(list(latest))
        self.compression.learn([one.payload for one in latest.values()])
        rows = []
        for name, one in latest.items():
            digest = content_hash(one.payload)
            former_digest, former_date = known.get(name, (None, None))
            is_old = only_newer and one.datestamp and (former_date or "") > one.datestamp
            if former_digest == digest or is_old:
                continue
            payload = self.compression.compress(one.payload)
            rows.append(
                (name, one.format, one.main_entity, one.datestamp, digest, payload, source, now)
                + (" ".join(one.sets),)
            )
        replaced = [(row[0],) for row in rows if row[0] in known]
        if keep_history:
            self.connection.executemany(_KEEP, replaced)
        self.connection.executemany(_UPSERT, rows)
        return len(rows) - len(replaced), len(replaced)

    def delete(
        self, deletions: Iterable[tuple[str, str, str | None]], source: int, now: str
    ) -> int:
        """Mark documents as deleted; return how many the archive had.

        deletions: identifier, format and datestamp of each. One that the archive never had is
        noted as deleted; one with an older datestamp than what it holds is left alone.
        """
        latest = {one[0]: one for one in deletions}
        known = self._known(list(latest))
        rows = [
            (name, form, datestamp, source, now)
            for name, form, datestamp in latest.values()
            if (known.get(name, (None, None))[1] or "") <= (datestamp or now)
        ]
        self.connection.executemany(_DELETE, rows)
        return sum(row[0] in known for row in rows)

    def _known(self, identifiers: list[str]) -> dict[str, tuple[bytes, str | None]]:
        """Return hash and datestamp of these documents, deleted ones left out."""
        marks = ",".join("?" * len(identifiers))
        rows = self.connection.execute(
            "SELECT identifier, hash, datestamp FROM document"  # noqa: S608
            f" WHERE deleted = 0 AND identifier IN ({marks})",
            identifiers,
        )
        return {name: (digest, datestamp) for name, digest, datestamp in rows}

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

    def provider(self, url: str, now: str) -> int:
        """Return the number of a source that is asked over the network, new or known."""
        (number,) = self.connection.execute(
            "INSERT INTO source (path, name, loaded) VALUES (?1, ?1, ?2)"
            " ON CONFLICT (path) DO UPDATE SET loaded = excluded.loaded RETURNING id",
            (url, now),
        ).fetchone()
        return int(number)

    def take_back(self, source: int, locations: Iterable[str]) -> None:
        """Forget pieces of a source that were unreadable, as they have come again."""
        self.connection.executemany(
            "DELETE FROM unreadable WHERE source = ? AND location = ?",
            ((source, location) for location in locations),
        )

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

    def has(self, identifier: str) -> bool:
        """Tell whether a document of this identifier is in force."""
        query = "SELECT 1 FROM document WHERE identifier = ? AND NOT deleted"
        return self.connection.execute(query, (identifier,)).fetchone() is not None

    def ids_in(self, beginning: str) -> list[int]:
        """Return the ids of the documents in force whose graphs' names begin like this."""
        rows = self.connection.execute(
            "SELECT id FROM document WHERE NOT deleted AND substr(identifier, 1, ?) = ?"
            " ORDER BY id",
            (len(beginning), beginning),
        )
        return [number for (number,) in rows]

    def contents(self, but_for: str) -> list[tuple[int, bytes]]:
        """Return id and content hash of every document that is in force, plain RDF last.

        but_for: leave out graphs whose names begin like this.
        """
        rows = self.connection.execute(
            "SELECT id, hash FROM document WHERE NOT deleted AND substr(identifier, 1, ?) != ?"
            " ORDER BY format, id",
            (len(but_for), but_for),
        )
        return rows.fetchall()

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

    def damaged(self) -> Iterator[str]:
        """Yield the identifiers of documents whose payload is not the one that was hashed."""
        for number, name, digest in self.connection.execute(
            "SELECT id, identifier, hash FROM document WHERE NOT deleted ORDER BY id"
        ):
            (document,) = self._read("id = ?", number)
            if content_hash(document.payload) != digest:
                yield name

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
