"""Pages of what changed, for people: the feed, and each release's list, a hundred at a time."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Response, request

from sparql_server.changes.entries import CREATE, DELETE, UPDATE, Entry
from sparql_server.changes.feed import Feed, spell_time
from sparql_server.changes.log import Log
from sparql_server.changes.naming import name_entry
from sparql_server.finding.schema import Schema
from sparql_server.sparql.formats import prefers_html, wants_page
from sparql_server.sparql.protocol import Parameters, read_format
from sparql_server.web import language
from sparql_server.web.transfer.responses import addresses

KINDS = (CREATE, UPDATE, DELETE)


@dataclass(frozen=True, slots=True)
class _Row:
    """A change. address: of the thing here; history: of what is known of its changes."""

    kind: str
    name: str
    iri: str
    address: str
    history: str
    type: str
    published: str


def prefers_page(parameters: Parameters) -> bool:
    """Tell whether a request wants a page."""
    wanted = read_format(parameters)
    return wants_page(wanted) or (wanted is None and prefers_html(request.headers.get("Accept")))


def show_feed(feed: Feed, schema: Schema | None, until: int) -> Response:
    """Return the page of all releases whose logs are kept, and the latest changes up to a time."""
    changes = feed.page(until)
    rows = [_describe(each.entry, each.time, schema) for each in changes]
    before = changes[-1].time - 1 if changes else 0
    older = before if next(feed.backwards(before), None) else None
    heads = [log.head for log in reversed(feed.logs)]
    return _send("changes.html", heads=heads, rows=rows, older=older)


def show_log(log: Log, page: int, schema: Schema | None) -> Response:
    """Return a page of what changed with a release. page: from 1. Raises LogError."""
    first, entries = log.page(page - 1)
    rows = [
        _describe(entry, log.head.time(number), schema)
        for number, entry in enumerate(entries, first)
    ]
    return _send("changes_of_release.html", head=log.head, rows=rows, number=page, pages=log.pages)


def _send(template: str, **values: object) -> Response:
    body = language.render(template, **values, kinds=KINDS, spell_time=spell_time)
    return language.page(body)


def _describe(entry: Entry, time: int, schema: Schema | None) -> _Row:
    address, record = addresses().of(entry.thing), addresses().of(entry.graph)
    history = f"{record}{'&' if '?' in record else '?'}history"
    kind = schema.term(entry.type).label(language.language()) if schema and entry.type else ""
    return _Row(
        entry.kind,
        name_entry(entry),
        entry.thing,
        address,
        history,
        kind or entry.type,
        spell_time(time),
    )
