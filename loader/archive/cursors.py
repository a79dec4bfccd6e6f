"""The position of each harvest: what was selected, where its unfinished run stands.

Tables of the archive's file. Writes happen within the archive's transactions, those of a page
together with its records.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import orjson

from loader.errors import ProviderRefuses


@dataclass(frozen=True, slots=True)
class Run:
    """A harvest that is under way. Times are UTC as the archive spells them.

    verb: ListRecords, or ListIdentifiers while identifiers are compared. token: for the next
    page; None before the first. begin, end: from and until, as they were ordered; None: not sent.
    silent: with Libris' own parameter for silent updates. started: when the list was begun, by the
    provider's clocks and ours. reached: the latest datestamp that has come, but for those in the
    future. whole: nothing but the selection itself limits it, so that afterwards all that changed
    before ``started`` has come. opened: when this list was begun, by our clock; one that begins
    anew is another. received: items that have come of it. size: how many it is said to have.
    """

    verb: str
    begin: str | None = None
    end: str | None = None
    silent: bool = False
    whole: bool = True
    token: str | None = None
    started: str | None = None
    reached: str | None = None
    opened: str | None = None
    received: int = 0
    size: int | None = None


@dataclass(frozen=True, slots=True)
class Selection:
    """A selection that is harvested. set_spec: empty for everything; the rest as in ``Run``."""

    id: int
    url: str
    prefix: str
    set_spec: str
    source: int
    run: Run | None
    complete: str | None
    compared: str | None


class Cursors:
    """Reads and writes how far harvests have come."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def selection(self, url: str, prefix: str, set_spec: str, source: int) -> Selection:
        """Return a selection, known or new."""
        self._connection.execute(
            "INSERT OR IGNORE INTO selection (url, prefix, set_spec, source) VALUES (?, ?, ?, ?)",
            (url, prefix, set_spec, source),
        )
        query = (
            "SELECT id, url, prefix, set_spec, source, run, complete, compared FROM selection"
            " WHERE url = ? AND prefix = ? AND set_spec = ?"
        )
        row = self._connection.execute(query, (url, prefix, set_spec)).fetchone()
        return _read_selection(row)

    def selections(self) -> list[Selection]:
        """Return all selections, in the order in which they were first harvested."""
        rows = self._connection.execute(
            "SELECT id, url, prefix, set_spec, source, run, complete, compared FROM selection"
            " ORDER BY id"
        )
        return [_read_selection(row) for row in rows]

    def note_run(self, selection: int, run: Run | None) -> None:
        """Note where the unfinished run stands; None: there is none."""
        text = orjson.dumps(run).decode() if run else None
        self._connection.execute("UPDATE selection SET run = ? WHERE id = ?", (text, selection))

    def note_complete(self, selection: int, moment: str) -> None:
        """Note that all that changed before this moment has come."""
        self._connection.execute(
            "UPDATE selection SET complete = ? WHERE id = ?", (moment, selection)
        )

    def note_compared(self, selection: int, moment: str) -> None:
        """Note that at this moment identifiers were compared in full."""
        self._connection.execute(
            "UPDATE selection SET compared = ? WHERE id = ?", (moment, selection)
        )

    def select(self, selection: int, identifiers: Iterable[str], newest: int) -> None:
        """Note that a selection has brought these documents, by their archive's identifiers.

        newest: all documents with a greater id are among them.
        """
        names = set(identifiers)
        insert = "INSERT OR IGNORE INTO selected SELECT ?, id FROM document WHERE "
        done = self._connection.execute(f"{insert} id > ?", (selection, newest))
        if done.rowcount < len(names):
            self._connection.execute(
                f"{insert} identifier IN ({','.join('?' * len(names))}) ORDER BY id",
                (selection, *names),
            )

    # Comparing identifiers

    def list_anew(self, selection: int) -> None:
        """Forget what a provider listed."""
        self._connection.execute("DELETE FROM listing WHERE selection = ?", (selection,))

    def listed(self, selection: int, rows: Iterable[tuple[str, str | None, bool]]) -> None:
        """Note identifiers that a provider lists, with datestamp and whether deleted.

        Of one that is listed again the newest date counts, and a deletion less than a record.
        """
        self._connection.executemany(
            "INSERT INTO listing VALUES (?, ?, ?, ?) ON CONFLICT (selection, identifier) DO UPDATE"
            " SET datestamp = excluded.datestamp, deleted = excluded.deleted"
            " WHERE coalesce(excluded.datestamp, '~') > coalesce(datestamp, '')"
            " OR excluded.datestamp IS datestamp AND deleted",
            ((selection, *row) for row in rows),
        )

    def stale(self, selection: int) -> list[str]:
        """Return what a provider lists otherwise than the archive has it.

        That is what the archive lacks, or has with another datestamp; and what is listed as
        deleted with a date that is older than what the archive has.
        """
        rows = self._connection.execute(
            "SELECT listing.identifier FROM listing LEFT JOIN document"
            " ON document.identifier = listing.identifier WHERE selection = ? AND"
            " CASE WHEN listing.deleted THEN NOT document.deleted"
            " AND coalesce(listing.datestamp, '') < coalesce(document.datestamp, '')"
            " ELSE document.id IS NULL OR document.deleted OR listing.datestamp IS NOT NULL"
            " AND document.datestamp IS NOT listing.datestamp END ORDER BY 1",
            (selection,),
        )
        return [identifier for (identifier,) in rows]

    def listed_deleted(self, selection: int) -> list[str]:
        """Return what this selection has brought, and its provider lists as deleted."""
        rows = self._connection.execute(
            "SELECT document.identifier FROM selected JOIN document ON document.id = document"
            " JOIN listing ON listing.selection = selected.selection"
            " AND listing.identifier = document.identifier"
            " WHERE selected.selection = ? AND NOT document.deleted AND listing.deleted"
            " AND coalesce(listing.datestamp, '~') >= coalesce(document.datestamp, '')",
            (selection,),
        )
        return [identifier for (identifier,) in rows]

    def lacking(self, selection: int) -> list[str]:
        """Return what this selection alone has brought, and its provider doesn't list any more."""
        rows = self._connection.execute(
            "SELECT document.identifier FROM selected AS one"
            " JOIN document ON document.id = document LEFT JOIN listing"
            " ON listing.selection = one.selection AND listing.identifier = document.identifier"
            " WHERE one.selection = ? AND NOT document.deleted AND"
            " listing.identifier IS NULL AND NOT EXISTS (SELECT 1 FROM selection CROSS JOIN"
            " selected AS other ON other.selection = selection.id AND other.document = one.document"
            " WHERE selection.id <> one.selection) ORDER BY 1",
            (selection,),
        )
        return [identifier for (identifier,) in rows]

    def listed_sample(self, selection: int) -> list[str]:
        """Return a few of the records that the provider lists, if it lists any."""
        rows = self._connection.execute(
            "SELECT identifier FROM listing WHERE selection = ? AND NOT deleted LIMIT 3",
            (selection,),
        )
        return [identifier for (identifier,) in rows]

    def selected_count(self, selection: int) -> int:
        """Return how many documents in force a selection has brought."""
        (count,) = self._connection.execute(
            "SELECT count(*) FROM selected JOIN document ON document.id = document"
            " WHERE selection = ? AND NOT deleted",
            (selection,),
        ).fetchone()
        return int(count)

    # Changes that were announced (EMM)

    def announce(self, url: str, rows: Iterable[tuple[str, str, str, str | None]]) -> None:
        """Note changes: thing, kind (Create, Update, Delete), published, address of its graph.

        The latest one counts.
        """
        self._connection.executemany(
            "INSERT INTO announced VALUES (?, ?, ?, ?, ?) ON CONFLICT (url, thing) DO UPDATE SET"
            " kind = excluded.kind, published = excluded.published, address = excluded.address"
            " WHERE excluded.published > published",
            ((url, *row) for row in rows),
        )

    def announced(self, url: str) -> list[tuple[str, str, str | None]]:
        """Return thing, kind and address of the changes that are still to be fetched."""
        query = "SELECT thing, kind, address FROM announced WHERE url = ? ORDER BY published, thing"
        return self._connection.execute(query, (url,)).fetchall()

    def fetched(self, url: str, things: Iterable[str]) -> None:
        """Note that changes have been fetched."""
        self._connection.executemany(
            "DELETE FROM announced WHERE url = ? AND thing = ?", ((url, thing) for thing in things)
        )

    def followed(self) -> list[str]:
        """Return the addresses of the servers whose changes are followed."""
        rows = self._connection.execute("SELECT name FROM state WHERE name LIKE 'emm %'")
        return sorted(name.partition(" ")[2] for (name,) in rows)

    # Requests

    def spend(self, url: str, budget: int) -> None:
        """Count a request of today's (UTC); raise ProviderRefuses if there were too many."""
        name = f"requests {url} {datetime.now(UTC):%Y-%m-%d}"
        self._connection.execute(
            "DELETE FROM state WHERE name LIKE 'requests %' AND name NOT LIKE ?",
            (f"% {datetime.now(UTC):%Y-%m-%d}",),
        )
        (count,) = self._connection.execute(
            "INSERT INTO state VALUES (?, 1) ON CONFLICT (name) DO UPDATE SET value = value + 1"
            " RETURNING value",
            (name,),
        ).fetchone()
        if count > budget:
            tomorrow = datetime.now(UTC).replace(hour=0, minute=0) + timedelta(days=1)
            raise ProviderRefuses(f"the budget of {budget:,} requests a day is used up", tomorrow)


def _read_selection(
    row: tuple[int, str, str, str, int, str | None, str | None, str | None],
) -> Selection:
    number, url, prefix, set_spec, source, run, complete, compared = row
    unfinished = Run(**orjson.loads(run)) if run else None
    return Selection(number, url, prefix, set_spec, source, unfinished, complete, compared)
