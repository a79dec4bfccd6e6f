"""The archive: every record as it came, and how far the store has followed. One SQLite file.

The source of truth: the store can be made anew from it alone. A row is a *document*: a Libris
record (JSON), or what one file of plain RDF says in one named graph (N-Triples).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterable, Mapping

from loader.archive.archive_file import Transaction, connect
from loader.archive.compression import Compression
from loader.archive.document_versions import Known, is_news, pick_newest
from loader.archive.documents import Document, Quarantined, Reader
from loader.archive.packing import Arrival, Packed, content_hash, identifier, packed
from loader.archive.sql import DELETE, KEEP, UPSERT

__all__ = [
    "Archive",
    "Arrival",
    "Document",
    "Packed",
    "Quarantined",
    "connect",
    "content_hash",
    "identifier",
    "packed",
]


class Archive:
    """Documents in; ``reader`` has them out. Writes happen within ``with archive.transaction():``.

    connection: to the archive's file, with its schema.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection
        self.compression = Compression(connection)
        self.reader = Reader(connection, self.compression)

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
        since: str | None = None,
        keep_history: bool = False,
    ) -> tuple[int, int]:
        """Take documents in; return how many were new and how many changed.

        One whose content the archive already holds is left alone. since: so is one with an older
        datestamp than what it holds; when the run began in which they come. keep_history: keep
        the payloads that are replaced.
        """
        rows, learnt = packed(
            list(arrivals), source, self.compression.dictionary, self.compression.may_learn
        )
        self.compression.adopt(learnt)
        return self.store_packed(rows, source, now, since=since, keep_history=keep_history)

    def store_packed(
        self,
        rows: Iterable[Packed],
        source: int,
        now: str,
        *,
        since: str | None = None,
        keep_history: bool = False,
    ) -> tuple[int, int]:
        """Take in documents that are packed already, with a dictionary that has been adopted."""
        latest = pick_newest(rows)
        known = self._known(list(latest))
        news = [row for name, row in latest.items() if is_news(row, known.get(name), since)]
        self._note_datestamps(latest.values(), known, since, now)
        replaced = [
            (row.name,) for row in news if row.name in known and not known[row.name].deleted
        ]
        if keep_history:
            self.connection.executemany(KEEP, replaced)
        self.connection.executemany(UPSERT, (row + (source, now) for row in news))
        self._note_arrivals(row.datestamp for row in news)
        return len(news) - len(replaced), len(replaced)

    def _note_datestamps(
        self, rows: Iterable[Packed], known: Mapping[str, Known], since: str | None, now: str
    ) -> None:
        """Note the datestamps of documents whose content has come again under other ones."""
        again = ((row, known[row.name]) for row in rows if row.name in known)
        self.connection.executemany(
            "UPDATE document SET datestamp = ?, received = ? WHERE identifier = ?",
            (
                (row.datestamp, now, row.name)
                for row, before in again
                if before.digest == row.digest
                and row.datestamp is not None
                and (row.datestamp != before.datestamp or row.datestamp > before.received)
                and not before.is_newer(row.datestamp, since)
            ),
        )

    def delete(
        self,
        deletions: Iterable[tuple[str, str, str | None]],
        source: int,
        now: str,
        *,
        since: str | None = None,
    ) -> int:
        """Mark documents as deleted; return how many the archive had.

        deletions: identifier, format and datestamp of each. One that the archive never had is
        noted as deleted. since: as for ``store``, one with an older datestamp than what it holds is
        left alone.
        """
        latest = {deletion[0]: deletion for deletion in deletions}
        known = self._known(list(latest))
        rows = [
            (name, form, datestamp, source, now)
            for name, form, datestamp in latest.values()
            if name not in known or not known[name].is_newer(datestamp, since)
        ]
        self.connection.executemany(DELETE, rows)
        live = [row for row in rows if row[0] in known and not known[row[0]].deleted]
        self._note_arrivals(row[2] for row in live)
        return len(live)

    def delete_others(self, graphs: Iterable[str], source: int, now: str) -> int:
        """Mark all that other sources say in these graphs as deleted; return how much that was.

        For a provider that says of a graph all that it holds.
        """
        names = [
            (name, form, None)
            for graph in graphs
            for name, form in self.reader.names_in(graph)
            if name != f"{graph} {source}"
        ]
        return self.delete(names, source, now) if names else 0

    def newest(self) -> int:
        """Return the greatest id of a document; 0 without any."""
        (number,) = self.connection.execute("SELECT max(id) FROM document").fetchone()
        return number or 0

    def _known(self, identifiers: list[str]) -> dict[str, Known]:
        marks = ",".join("?" * len(identifiers))
        rows = self.connection.execute(
            "SELECT identifier, hash, datestamp, deleted, received FROM document"
            f" WHERE identifier IN ({marks})",
            identifiers,
        )
        return {
            name: Known(digest, date, bool(gone), received)
            for name, digest, date, gone, received in rows
        }

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
        self._note_arrivals(None for _ in gone)
        return len(gone)

    def _note_arrivals(self, datestamps: Iterable[str | None]) -> None:
        """Count that something has come, if it has, and note the newest datestamp."""
        some = list(datestamps)
        if some:
            self.connection.execute(
                "INSERT INTO state VALUES ('arrivals', 1)"
                " ON CONFLICT (name) DO UPDATE SET value = value + 1"
            )
        if latest := max(filter(None, some), default=None):
            self.connection.execute(
                "INSERT INTO state VALUES ('newest datestamp', ?)"
                " ON CONFLICT (name) DO UPDATE SET value = excluded.value"
                " WHERE value IS NULL OR value < excluded.value",
                (latest,),
            )

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
        query = "SELECT 1 FROM unreadable WHERE source = ? LIMIT 1"
        if self.connection.execute(query, (source,)).fetchone():
            self.connection.executemany(
                "DELETE FROM unreadable WHERE source = ?1 AND (location = ?2"
                " OR location BETWEEN ?2 || ' about ' AND ?2 || ' about!')",
                ((source, location) for location in locations),
            )

    def set_aside(self, source: int, location: str, reason: str, payload: bytes | None) -> None:
        """Keep a piece of a file in which no document could be found."""
        self.connection.execute(
            "INSERT OR REPLACE INTO unreadable VALUES (?, ?, ?, ?)",
            (source, location, reason, payload),
        )

    def remember(self, name: str, value: bytes | None) -> None:
        """Remember a value under a name; None forgets it."""
        if value is None:
            self.connection.execute("DELETE FROM state WHERE name = ?", (name,))
        else:
            self.connection.execute("INSERT OR REPLACE INTO state VALUES (?, ?)", (name, value))
