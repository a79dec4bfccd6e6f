"""The contents of the archive: documents whole or counted, quarantine, sources."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from loader.archive.compression import Compression
from loader.archive.packing import content_hash
from sparql_server.records.deleted import Deletion


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


class Reader:
    """Reads an archive."""

    def __init__(self, connection: sqlite3.Connection, compression: Compression) -> None:
        self.connection = connection
        self.compression = compression

    def pending(self) -> list[int]:
        """Return the ids of the documents that the store does not hold as they are.

        Libris records come before plain RDF, which comes in the order of the graphs' names.
        """
        rows = self.connection.execute(
            "SELECT id FROM document INDEXED BY document_pending"
            " WHERE applied IS NOT hash AND reason IS NULL"
            " ORDER BY format, CASE format WHEN 'jsonld' THEN NULL ELSE identifier END, id"
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

    def claims_a_store(self) -> bool:
        """Tell whether a store should hold anything."""
        query = "SELECT 1 FROM document WHERE length(applied) > 0 LIMIT 1"
        return self.connection.execute(query).fetchone() is not None

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

    def names_in(self, graph: str) -> list[tuple[str, str]]:
        """Return identifier and format of the documents in force that stand in a graph."""
        return self.connection.execute(
            "SELECT identifier, format FROM document WHERE deleted = 0"
            " AND (identifier = ?1 OR identifier BETWEEN ?1 || ' ' AND ?1 || '!')",
            (graph,),
        ).fetchall()

    def record_of(self, thing: str) -> str | None:
        """Return the identifier of the record that has this main entity, if there is one."""
        row = self.connection.execute(
            "SELECT identifier FROM document WHERE NOT deleted"
            " AND (identifier = ?2 AND main_entity = ?1"
            " OR main_entity = ?1 AND main_entity <> identifier || '#it')",
            (thing, thing.removesuffix("#it")),
        ).fetchone()
        return row[0] if row else None

    def _read(self, condition: str, value: int | str) -> list[Document]:
        rows = self.connection.execute(
            "SELECT id, identifier, format, main_entity, deleted, payload, former"
            f" FROM document WHERE {condition}",
            (value,),
        )
        return [self._read_row(row) for row in rows]

    def _read_row(
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
        # Those that aren't in the store are pending or in quarantine, of which there are indexes.
        kind = "format = 'jsonld' AND deleted = 0"
        query = (
            f"SELECT (SELECT count(*) FROM document WHERE {kind})"
            f" - (SELECT count(*) FROM document INDEXED BY document_pending WHERE {kind}"
            " AND applied IS NOT hash AND reason IS NULL AND applied IS NULL)"
            f" - (SELECT count(*) FROM document INDEXED BY document_quarantined WHERE {kind}"
            " AND reason IS NOT NULL AND applied IS NULL)"
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

    def newest_datestamp(self) -> str | None:
        """Return the newest datestamp of all records, deleted ones included; None without any."""
        newest = self.state("newest datestamp")
        return str(newest) if newest else None

    def deletions(self) -> Iterator[Deletion]:
        """Yield the deletions of records in force, in the order of their IRIs' bytes.

        That of something with an IRI that is no fragment of its record's comes by that IRI, too.
        """
        rows = self.connection.execute(
            "SELECT iri, max(since), record FROM ("
            " SELECT identifier AS iri, coalesce(datestamp, received, '') AS since,"
            " identifier AS record FROM document WHERE deleted = 1 AND format = 'jsonld'"
            " UNION ALL SELECT main_entity, coalesce(datestamp, received, ''), identifier"
            " FROM document WHERE deleted = 1 AND format = 'jsonld' AND main_entity IS NOT NULL"
            " AND main_entity != identifier"
            " AND substr(main_entity, 1, length(identifier) + 1) != identifier || '#'"
            ") GROUP BY iri ORDER BY iri"
        )
        for row in rows:
            if not any(mark in "".join(row) for mark in "\t\r\n"):
                yield Deletion(*row)

    def quarantine_count(self) -> int:
        """Return the number of documents and pieces of files that the store can't hold."""
        (count,) = self.connection.execute(
            "SELECT (SELECT count(*) FROM document WHERE reason IS NOT NULL)"
            " + (SELECT count(*) FROM unreadable)"
        ).fetchone()
        return int(count)

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

    def arrivals(self) -> int:
        """Return a number that grows whenever the archive takes something in or deletes it."""
        return int(self.state("arrivals") or 0)

    def state(self, name: str) -> bytes | None:
        """Return a remembered value."""
        row = self.connection.execute("SELECT value FROM state WHERE name = ?", (name,)).fetchone()
        return row[0] if row else None
