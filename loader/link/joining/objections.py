"""Objections to a link by name: what identifiers say against it, and who has the item already."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from loader.link.extracts.link_database import Tables
from loader.link.joining.decisions import kind_of

_CLAIMED = "SELECT iri FROM claim WHERE entity = ?"
_TOLD_APART = (
    "SELECT 1 FROM entity, json_each(body, '$.others') AS other"
    " WHERE entity.id = ? AND other.value = ?"
)
_GONE = (
    "SELECT 1 FROM authority JOIN said ON said.authority = authority.id AND property = 'gone'"
    " WHERE iri = ?1 UNION SELECT 1 FROM identifier WHERE iri = ?1 AND property = 'redirect'"
)
_THEIRS = (
    "SELECT identifier.iri FROM authority JOIN identifier ON authority = authority.id"
    " WHERE authority.iri = ? AND NOT pseudonym"
)


class Objections:
    """Knows identifiers of both sides. taken: authorities that some entity has by identifiers."""

    def __init__(self, tables: Tables, taken: Mapping[str, str]) -> None:
        self._query = tables.connection.execute
        self._taken = taken

    def find(self, number: int, iri: str, authority: str) -> str:
        """Return why an entity can't be an authority; the empty text if nothing says so."""
        if self._taken.get(authority, iri) != iri:
            return f"already linked to {self._taken[authority]}"
        if self._query(_TOLD_APART, (number, authority)).fetchone():
            return "the record says that this is something else, or close to it at most"
        if self._query(_GONE, (authority,)).fetchone():
            return "the item was deleted, or merged into another"
        claimed = _by_kind(self._query(_CLAIMED, (number,)))
        theirs = _by_kind(self._query(_THEIRS, (authority,)))
        records = theirs.pop("libris", set())
        if records and records.isdisjoint(claimed.pop("libris", set())):
            return f"the item is of another record: {', '.join(sorted(records))}"
        for kind in sorted(claimed.keys() & theirs.keys() - {"", "libris"}):
            # Few things have two of a kind.
            if claimed[kind].isdisjoint(theirs[kind]):
                return f"identifiers differ: {', '.join(sorted(claimed[kind] | theirs[kind]))}"
        return ""


def _by_kind(rows: Iterable[tuple[str]]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for (iri,) in rows:
        found.setdefault(kind_of(iri), set()).add(iri)
    return found
