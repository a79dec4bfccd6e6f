"""The log of changes as a part of the data, where that is wanted: graphs that SPARQL can ask.

    urn:libris:changes:7:1   the first hundred changes of release 7

They are documents of the archive like others, so that store, columns and counts know of them; what
is told of them isn't logged again. A graph has as many changes as a frame of the log.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from loader import dates
from loader.archive.archive import Archive, Arrival
from loader.release.changes import DERIVED
from loader.store.apply import Applier
from loader.store.contents.graph_contents import RDF_TYPE
from loader.store.store import GraphStore
from sparql_server.changes.entries import UPDATE, Entry
from sparql_server.changes.feed import spell_time
from sparql_server.changes.log import Log, list_logs

VOCABULARY = "urn:libris:changes:vocabulary#"

_AS = "https://www.w3.org/ns/activitystreams#"
_XSD = "http://www.w3.org/2001/XMLSchema#"


def put_changes(archive: Archive, store: GraphStore, release: Path) -> None:
    """Bring the newest log of a release that is being made into archive and store.

    What stands there of releases whose logs aren't kept any more goes. Raises StoreError.
    """
    logs = [Log(folder) for folder in list_logs(release)]
    kept = {f"{DERIVED}{log.head.release}:" for log in logs}
    before = archive.reader.ids_in(DERIVED)
    source = archive.provider(DERIVED, dates.now())
    for arrival in _make_arrivals(logs[-1]) if logs else ():
        with archive.transaction():
            archive.store([arrival], source, dates.now())
    _delete_old(archive, source, kept)
    waiting = {*before, *archive.reader.ids_in(DERIVED)} & set(archive.reader.pending())
    Applier(archive, store).apply(sorted(waiting), lambda done: None)


def _delete_old(archive: Archive, source: int, kept: set[str]) -> None:
    documents = archive.reader.documents(archive.reader.ids_in(DERIVED))
    old = [
        (document.identifier, document.format, None)
        for document in documents
        if not document.graph.startswith(tuple(kept))
    ]
    if old:
        with archive.transaction():
            archive.delete(old, source, dates.now())


def _make_arrivals(log: Log) -> Iterator[Arrival]:
    for page in range(log.pages):
        first, entries = log.page(page)
        lines = [
            f"{line} .\n"
            for number, entry in enumerate(entries, first)
            for line in describe_entry(log, number, entry)
        ]
        graph = f"{DERIVED}{log.head.release}:{page + 1}"
        yield Arrival(graph, "ntriples", "".join(sorted(lines)).encode())


def describe_entry(log: Log, number: int, entry: Entry) -> Iterator[str]:
    """Yield the statements that tell of a change; of an update, also what went and came."""
    change = f"<{DERIVED}{log.head.release}#{number + 1}>"
    yield f"{change} {RDF_TYPE} <{_AS}{entry.kind}>"
    yield f"{change} <{_AS}object> <{entry.graph}>"
    published = spell_time(log.head.time(number))
    yield f'{change} <{_AS}published> "{published}"^^<{_XSD}dateTime>'
    yield f'{change} <{VOCABULARY}release> "{log.head.release}"^^<{_XSD}integer>'
    yield f"{change} <{VOCABULARY}thing> <{entry.thing}>"
    if entry.type:
        yield f"{change} <{VOCABULARY}type> <{entry.type}>"
    if entry.held_by:
        yield f"{change} <{VOCABULARY}heldBy> <{entry.held_by}>"
    if entry.kind == UPDATE:
        yield from _describe_statements(change, "went", entry.went)
        yield from _describe_statements(change, "came", entry.came)


def _describe_statements(change: str, way: str, statements: tuple[str, ...]) -> Iterator[str]:
    for number, statement in enumerate(statements, 1):
        _, predicate, value = statement.split(" ", 2)
        node = f"{change[:-1]}-{way}-{number}>"
        yield f"{change} <{VOCABULARY}{way}> {node}"
        yield f"{node} <{VOCABULARY}property> {predicate}"
        if not value.startswith("_:"):
            yield f"{node} <{VOCABULARY}value> {value}"
