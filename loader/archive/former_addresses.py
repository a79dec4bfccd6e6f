"""Addresses that records of an archive had before 2018, where these can't be computed.

Their ``controlNumber`` is their number then. ``sameAs`` alone doesn't say it: a record takes over
the addresses of those that are merged into it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import orjson

from loader.archive.archive import Archive
from loader.archive.documents import Document
from sparql_server.records.legacy import (
    START,
    compute_libris_id,
    find_legacy_number,
    read_libris_address,
)

_BASE = "https://libris.kb.se/"
_INSTANCES = ("Instance", "PhysicalResource", "DigitalResource", "Print", "Electronic")
_INDEXED = "addresses"  # what the archive remembers: up to which document they are known


class LegacyAddresses:
    """Finds the records of an archive by their former addresses.

    Those that can't be computed are looked for when the first of them is asked for: the documents
    are gone through once, later the new ones. Belongs within a transaction.
    """

    def __init__(self, archive: Archive) -> None:
        self._archive = archive

    def current(self, identifier: str) -> str:
        """Return what a record in force is called now; the same if no record had that address."""
        address = read_libris_address(identifier)
        if self._archive.reader.has(identifier):
            return identifier
        if address is None:
            return self._archive.reader.record_of(identifier) or identifier
        computed = f"{_BASE}{compute_libris_id(*address)}"
        if self._archive.reader.has(computed):
            return computed
        self._index()
        noted = self._noted(*address)
        return noted if noted and self._archive.reader.has(noted) else identifier

    def late(self) -> Iterator[tuple[str, str | None]]:
        """Yield records in force that were deleted by an address before they came, and when."""
        deleted = self._archive.connection.execute(
            "SELECT identifier, datestamp FROM document WHERE deleted AND"
            " (identifier BETWEEN 'http://libris.kb.se/' AND 'http://libris.kb.se0')"
        ).fetchall()
        for name, datestamp in deleted:
            current = self.current(name)
            if current != name:
                yield current, datestamp

    def _noted(self, collection: str, number: int) -> str | None:
        row = self._archive.connection.execute(
            "SELECT identifier FROM address WHERE address = ?", (f"{collection}/{number}",)
        ).fetchone()
        return row[0] if row else None

    def _index(self) -> None:
        """Note the addresses of documents that have come since the last time."""
        end = self._archive.newest()
        rows = self._archive.connection.execute(
            "SELECT id, coalesce(sets, '') FROM document WHERE id > ? AND id <= ?"
            " AND format = 'jsonld' AND NOT deleted",
            (int(self._archive.reader.state(_INDEXED) or 0), end),
        ).fetchall()
        for number, sets in rows:
            for document in self._archive.reader.documents([number]):
                self._note(document, sets)
        self._archive.remember(_INDEXED, str(end).encode())

    def _note(self, document: Document, sets: str) -> None:
        if address := _find_address(document, sets):
            collection, number = address
            self._archive.connection.execute(
                "INSERT OR REPLACE INTO address VALUES (?, ?)",
                (f"{collection}/{number}", document.identifier),
            )


def _find_address(document: Document, sets: str) -> tuple[str, int] | None:
    """Return the former address of a record that has said it itself.

    ``sameAs`` alone doesn't: a record takes over the addresses of those that are merged into it.
    """
    if find_legacy_number(document.identifier.removeprefix(_BASE)):
        return None
    record, thing = _split_address(document.payload)
    number = str(record.get("controlNumber", ""))
    links = record.get("sameAs")
    addresses = [
        address
        for link in (links if isinstance(links, list) else [links])
        if isinstance(link, dict) and (address := read_libris_address(str(link.get("@id"))))
    ]
    if not number:
        return addresses[0] if len(addresses) == 1 else None
    own = [address for address in addresses if str(address[1]) == number.lstrip("0")]
    if own or not re.fullmatch("[0-9]{1,9}", number):
        return own[0] if own else None
    collection = _find_collection(sets, thing)
    return (collection, int(number)) if collection else None


def _split_address(payload: bytes) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the nodes of record and thing, empty ones for those that there aren't."""
    nodes = orjson.loads(payload).get("@graph")
    two = [*(nodes if isinstance(nodes, list) else []), None, None][:2]
    first, second = (node if isinstance(node, dict) else {} for node in two)
    return first, second


def _find_collection(sets: str, thing: dict[str, object]) -> str | None:
    """Return the collection that a record is in, by its sets or by what it describes."""
    for set_spec in sets.split():
        if set_spec in START:
            return set_spec
    if thing.get("@type") == "Item":
        return "hold"
    return "bib" if thing.get("@type") in _INSTANCES or "instanceOf" in thing else None
