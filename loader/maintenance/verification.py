"""Verification that the store keeps the rules: each check yields a sentence for each breach.

The rules are those docs/data-model.md lists under "What always holds".
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from loader.archive.archive import Archive
from loader.progress import Advance
from loader.store.contents.graph_contents import is_isomorphic, normalize, tally
from loader.store.contents.literal_values import RESPELT
from loader.store.ledger import Ledger, Tally
from loader.store.placement import Attempt, Contents, attempts
from loader.store.store import GraphStore
from loader.transform.ownership import Ownership


def find_breaches(archive: Archive, store: GraphStore, advance: Advance) -> Iterator[str]:
    """Yield what is wrong, one sentence each; nothing when every rule holds."""
    yield from _check_default_graph(store)
    yield from _check_pending(archive)
    for name in archive.reader.damaged():
        yield f"document {name}: its content in the archive doesn't match its checksum"
    flawed = set()
    for name, quad in store.invalid_quads():
        flawed.add(name)
        yield f"graph <{name}> holds what is no RDF: {quad}"
    names = [name for name in store.graph_names() if name not in flawed]
    # What is no RDF can't be compared with anything.
    seen: set[str] = set(flawed)
    ledger = Ledger(archive.connection)
    contents = Contents(archive, ledger, store.graphs_about)
    for attempt in attempts(archive.reader.documents(archive.reader.all_ids())):
        if attempt.document.graph not in seen:
            seen.add(attempt.document.graph)
            yield from _check_document(store, contents, attempt)
        advance(1)
    yield from _check_things(ledger, contents, store, seen)
    yield from _check_strangers(names, seen)
    yield from _check_blank_nodes(store, names)
    found = tally(line for name in names for line in store.graph(name))
    if not flawed:
        yield from _check_counts(ledger.tally(), found)
    yield from _check_repeated(store, found)


def _check_default_graph(store: GraphStore) -> Iterator[str]:
    count = store.in_default_graph()
    if count:
        yield f"{count} triples stand in no named graph"


def _check_repeated(store: GraphStore, found: Tally) -> Iterator[str]:
    for kind, iri in sorted(found):
        if kind == "property":
            for triple, graphs in store.repeated_triples(iri):
                yield f"a triple stands in {len(graphs)} graphs ({', '.join(graphs)}): {triple}"


def _check_pending(archive: Archive) -> Iterator[str]:
    pending = len(archive.reader.pending())
    if pending:
        yield f"{pending} documents of the archive are not in the store: run load or rebuild"


def _check_document(store: GraphStore, contents: Contents, attempt: Attempt) -> Iterator[str]:
    """Compare one document with its graph, up to blank node labels."""
    document = attempt.document
    found = store.graph(document.graph)
    alone = attempt.transformed if document.format == "jsonld" else None
    yield from _compare(document.graph, contents.placed(document.graph, alone), found)
    is_record = document.format == "jsonld" and document.main_entity and not document.deleted
    if is_record and not contents.has_others(document.graph):
        yield from _check_foreign(Ownership(document.identifier, document.main_entity), found)


def _compare(name: str, expected: list[str], found: list[str]) -> Iterator[str]:
    stored = normalize(expected)
    if len(stored) != len(found):
        yield f"graph <{name}> has {len(found)} triples; its document has {len(stored)}"
    elif not is_isomorphic(stored, found):
        yield f"graph <{name}> differs from its document"


def _check_foreign(own: Ownership, found: list[str]) -> Iterator[str]:
    subjects = {statement.split(" ", 1)[0] for statement in found}
    for subject in sorted(subjects):
        if subject.startswith("<") and not own.owns(subject):
            yield f"graph <{own.record}> describes something else: {subject}"


def _check_things(
    ledger: Ledger, contents: Contents, store: GraphStore, seen: set[str]
) -> Iterator[str]:
    """Compare the graphs of outside things with what documents say of them."""
    for thing in ledger.things():
        if thing not in seen:
            seen.add(thing)
            yield from _compare(thing, contents.placed(thing), store.graph(thing))


def _check_strangers(names: Sequence[str], seen: set[str]) -> Iterator[str]:
    for name in names:
        if name not in seen:
            yield f"graph <{name}> has no document in the archive"


def _check_blank_nodes(store: GraphStore, names: Sequence[str]) -> Iterator[str]:
    graph_of: dict[str, str] = {}
    for name in names:
        for statement in store.graph(name):
            subject = statement.split(" ", 1)[0]
            if subject.startswith("_:") and graph_of.setdefault(subject, name) != name:
                yield f"blank node {subject} stands in <{graph_of[subject]}> and in <{name}>"


def _check_counts(counted: Tally, found: Tally) -> Iterator[str]:
    for kind, iri in sorted(counted.keys() | found.keys()):
        if kind == RESPELT:  # of what was written, which the store can't tell
            continue
        if counted[kind, iri] != found[kind, iri]:
            yield (
                f"{kind} <{iri}> is counted {counted[kind, iri]} times"
                f" and stands {found[kind, iri]} times"
            )
