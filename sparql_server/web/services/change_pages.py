"""Pages of what changed, for people: the feed, and each release's list, a hundred at a time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from flask import Response

from sparql_server.changes.change_names import name_entry
from sparql_server.changes.entries import CREATE, DELETE, UPDATE, Entry
from sparql_server.changes.feed import Feed, spell_time
from sparql_server.changes.log import Log
from sparql_server.finding.schema import Schema, Term
from sparql_server.web.transfer.responses import addresses

KINDS = (CREATE, UPDATE, DELETE)

_COMMON = {"kinds": KINDS, "spell_time": spell_time}

Show = Callable[[str, Mapping[str, object]], Response]
"""Makes a page of a template and what it shows."""


@dataclass(frozen=True, slots=True)
class _Row:
    """A change. address: of the thing here; history: of what is known of its changes.

    type: what its class is called, where that is known.
    """

    kind: str
    name: str
    iri: str
    address: str
    history: str
    type: Term | None
    published: str


def show_feed(feed: Feed, schema: Schema | None, until: int, show: Show) -> Response:
    """Return the page of all releases whose logs are kept, and the latest changes up to a time."""
    changes = feed.page(until)
    rows = [_describe(change.entry, change.time, schema) for change in changes]
    before = changes[-1].time - 1 if changes else 0
    older = before if next(feed.backwards(before), None) else None
    heads = [log.head for log in reversed(feed.logs)]
    return show("changes.html", {**_COMMON, "heads": heads, "rows": rows, "older": older})


def show_log(log: Log, page: int, schema: Schema | None, show: Show) -> Response:
    """Return a page of what changed with a release. page: from 1. Raises LogError."""
    first, entries = log.page(page - 1)
    rows = [
        _describe(entry, log.head.time(number), schema)
        for number, entry in enumerate(entries, first)
    ]
    values = {"head": log.head, "rows": rows, "number": page, "pages": log.pages}
    return show("changes_of_release.html", {**_COMMON, **values})


def _describe(entry: Entry, time: int, schema: Schema | None) -> _Row:
    address, record = addresses().of(entry.thing), addresses().of(entry.graph)
    history = f"{record}{'&' if '?' in record else '?'}history"
    return _Row(
        entry.kind,
        name_entry(entry),
        entry.thing,
        address,
        history,
        schema.term(entry.type) if schema and entry.type else None,
        spell_time(time),
    )
