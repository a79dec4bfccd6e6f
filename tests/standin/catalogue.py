"""The records that the stand-in serves, with what Libris knows of each beside its data."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

WORKS = {"Work", "Monograph", "Serial", "Collection", "Integrating"}


@dataclass(frozen=True)
class Row:
    """A stored record. datestamp: as it is sent. generation: of a change without a new date."""

    identifier: str
    record: dict[str, Any]
    collection: str
    datestamp: str
    sets: tuple[str, ...] = ()
    generation: str | None = None
    deleted: bool = False
    content: str | None = None  # what metadata holds, if it is not the record as JSON

    @property
    def modified(self) -> datetime:
        return datetime.fromisoformat(self.datestamp)

    def moment(self, silent: bool) -> datetime:
        """When it changed, as seen by a harvest with or without silent updates."""
        if silent and self.generation:
            return max(self.modified, datetime.fromisoformat(self.generation))
        return self.modified

    def is_in(self, set_spec: str) -> bool:
        if set_spec == "auth":
            main = self.record["@graph"][1]["@type"]
            return self.collection == "auth" and main not in WORKS
        return set_spec in ("", self.collection, *self.sets)


@dataclass
class Catalogue:
    """Records that can change while they are served. page_size: rows scanned for a page."""

    page_size: int = 1000
    streaming: bool = False  # as before June 2026: no tokens
    clock: Callable[[], datetime] = field(default=lambda: datetime.now(UTC))

    def __post_init__(self) -> None:
        self._rows: dict[str, Row] = {}
        self._lock = threading.Lock()

    def put(self, record: dict[str, Any], collection: str = "bib", **known: Any) -> None:
        about = record["@graph"][0]
        identifier = known.pop("identifier", about["@id"])
        datestamp = known.pop("datestamp", None) or about["modified"]
        with self._lock:
            self._rows[identifier] = Row(identifier, record, collection, datestamp, **known)

    def delete(self, identifier: str, datestamp: str) -> None:
        with self._lock:
            row = self._rows[identifier]
            self._rows[identifier] = replace(row, deleted=True, datestamp=datestamp)

    def purge(self, identifier: str) -> None:
        """Remove it without a trace, as into Libris' graveyard."""
        with self._lock:
            del self._rows[identifier]

    def get(self, identifier: str) -> Row | None:
        with self._lock:
            return self._rows.get(identifier)

    def rows(self, silent: bool) -> list[Row]:
        with self._lock:
            return sorted(self._rows.values(), key=lambda row: (row.moment(silent), row.identifier))

    def live(self) -> dict[str, dict[str, Any]]:
        with self._lock:
            return {row.identifier: row.record for row in self._rows.values() if not row.deleted}
