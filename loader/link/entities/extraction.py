"""Extraction of entities from the archive into tables; only changed records are read again.

No link leads from here to the network, and nothing of the archive is changed.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

import orjson

from loader.archive.archive import Archive, Document
from loader.link.entities import entities, titles
from loader.link.entities.entities import Claim, Entity
from loader.link.extracts.link_database import Tables
from loader.link.headings import headings
from loader.link.headings.headings import Heading
from loader.link.identifiers import identifiers, normalisation
from loader.link.names.backgrounds import Background
from loader.link.names.keys import fold, sort_words
from loader.link.names.lifespans import Life, Years
from loader.progress import Advance
from loader.transform.jsonld import repair_iri

GRAPHS = "urn:x-libris-links:"
"""The beginning of the names of the graphs that links are published in; they aren't read."""

_PAGE = 1000
# Kinds of identifier that name no thing: a record is about its thing, a label is a text.
_NO_NAMES = ("record", "label", "pending")
_TABLES = (
    ("claim", "entity IN (SELECT id FROM entity WHERE document = ?)"),
    ("unread_claim", "entity IN (SELECT id FROM entity WHERE document = ?)"),
    ("namesake", "entity IN (SELECT id FROM entity WHERE document = ?)"),
    ("entity", "document = ?"),
    ("heading", "document = ?"),
    ("title", "document = ?"),
    ("reading", "document = ?"),
)
# A language or country, which Wikidata has the code of.
_CODED = re.compile(
    rb"^<(https://id\.kb\.se/(?:language/[a-z]{3}|country/[a-z]{2,3}))> ", re.MULTILINE
)
_MATCH = re.compile(
    rb"<([^>]+)> <(?:http://www\.w3\.org/2004/02/skos/core#|https://id\.kb\.se/vocab/)"
    rb"exactMatch> <([^>]+)> \."
)


def read_entities(archive: Archive, tables: Tables, advance: Advance) -> int:
    """Bring the tables in step with the archive; return how many documents were read.

    A page of documents is one transaction, so a killed run goes on where it stood.
    """
    known = dict(tables.connection.execute("SELECT document, hash FROM reading"))
    current = dict(archive.reader.contents(GRAPHS))
    gone = [number for number in known if number not in current]
    changed = [number for number, digest in current.items() if known.get(number) != digest]
    for start in range(0, len(gone), _PAGE):
        with tables.transaction() as connection:
            _forget(connection, gone[start : start + _PAGE])
    waiting = iter(changed)
    while page := list(islice(waiting, _PAGE)):
        with tables.transaction() as connection:
            _forget(connection, [number for number in page if number in known])
            _store_page(connection, archive.reader.documents(page))
            marks = ((number, current[number]) for number in page)
            connection.executemany("INSERT INTO reading VALUES (?, ?)", marks)
        advance(len(page))
    return len(changed)


def _forget(connection: sqlite3.Connection, documents: Sequence[int]) -> None:
    for table, condition in _TABLES:
        statement = f"DELETE FROM {table} WHERE {condition}"
        connection.executemany(statement, ((number,) for number in documents))


def _store_page(connection: sqlite3.Connection, documents: Iterator[Document]) -> None:
    (last,) = connection.execute("SELECT ifnull(max(id), 0) FROM entity").fetchone()
    rows = _Rows(int(last))
    for document in documents:
        if document.format == "jsonld":
            _read_record(rows, document)
        else:
            for entity in _read_plain(document.payload):
                rows.add(document.id, entity)
    rows.write(connection)


def _read_record(rows: _Rows, document: Document) -> None:
    record = orjson.loads(document.payload)
    graph = record.get("@graph") if isinstance(record, dict) else None
    things = graph[1:2] if isinstance(graph, list) else []
    for thing in things:
        if not isinstance(thing, dict):
            continue
        entity = entities.read_entity(thing)
        if entity is not None:
            rows.add(document.id, entity, f"{document.identifier}#it")
        for heading in _headings(thing, document.payload):
            subject = spell_as_stored(heading.subject)
            rows.headings.append(
                (
                    document.id,
                    subject,
                    heading.vocabulary,
                    heading.key,
                    heading.number,
                    heading.text,
                )
            )
        for title in titles.read_titles(thing):
            fields = " ".join(sorted(title.fields))
            row = (title.agent, fold(title.text), document.id, title.year, title.text, fields)
            rows.titles.append(row)


def _headings(thing: dict[str, Any], payload: bytes) -> Iterator[Heading]:
    if isinstance(thing.get("@id"), str) and "closeMatch" in thing:
        yield from headings.read_headings(thing["@id"], thing)
    if b"/label/" in payload:
        for node in headings.find_label_nodes(thing):
            yield from headings.read_heading(node["@id"], node)


def spell_as_stored(iri: str) -> str:
    """Return an IRI as the store has it: what it may not contain is percent-encoded."""
    return repair_iri(iri) or iri


class _Rows:
    """The rows that a page of documents adds to the tables, gathered to be written at once."""

    def __init__(self, last: int) -> None:
        self._last = last
        self._entities: list[tuple[int, int, str, str]] = []
        self._claims: list[tuple[int, str, str, str]] = []
        self._unread: list[tuple[int, str, str]] = []
        self._namesakes: list[tuple[str, int]] = []
        self.headings: list[tuple[int, str, str, str, str, str]] = []
        self.titles: list[tuple[str, str, int, int | None, str, str]] = []

    def add(self, document: int, entity: Entity, alias: str = "") -> None:
        """Add an entity with its claims; its own names, old and new, are among them.

        alias: what it would be called after its record.
        """
        self._last += 1
        number, iri = self._last, spell_as_stored(entity.iri)
        self._entities.append((number, document, iri, _body(entity)))
        own = (iri, alias, identifiers.thing_before_2018(alias or iri))
        self._claims += [(number, name, "self", name) for name in own if name]
        for claim in entity.claims:
            if claim.identifier is None:
                self._unread.append((number, claim.shape, claim.text))
            elif claim.identifier.kind not in _NO_NAMES:
                self._claims.append((number, claim.identifier.iri, claim.shape, claim.text))
        keys = {sort_words(fold(name)) for name in entity.names}
        if entity.kind == "person":
            # Each word is counted, too: how rare a name is shows in records as in extracts.
            words = {f"w {word}" for word in fold(entity.names[0]).split()} if entity.names else ()
            keys |= {"w ", *words}
        self._namesakes += [(key, number) for key in keys if key]

    def write(self, connection: sqlite3.Connection) -> None:
        """Write all of it."""
        execute = connection.executemany
        execute("INSERT INTO entity VALUES (?, ?, ?, ?)", self._entities)
        execute("INSERT OR IGNORE INTO claim VALUES (?, ?, ?, ?)", self._claims)
        execute("INSERT INTO unread_claim VALUES (?, ?, ?)", self._unread)
        execute("INSERT OR IGNORE INTO namesake VALUES (?, ?)", sorted(self._namesakes))
        execute("INSERT OR IGNORE INTO heading VALUES (?, ?, ?, ?, ?, ?)", self.headings)
        execute("INSERT OR IGNORE INTO title VALUES (?, ?, ?, ?, ?, ?)", self.titles)


def _body(entity: Entity) -> str:
    body = {
        "kind": entity.kind,
        "names": entity.names,
        "others": entity.others,
        "within": entity.within,
        "birth": dump_years(entity.life.birth),
        "death": dump_years(entity.life.death),
    }
    more = {
        "authors": [*entity.authors],
        "nations": sorted(entity.background.nations),
        "fields": sorted(entity.background.fields),
    }
    return orjson.dumps(body | {key: values for key, values in more.items() if values}).decode()


def dump_years(years: Years | None) -> list[int] | None:
    """Return a range of years as JSON has it."""
    return [years.low, years.high, int(years.exact)] if years else None


def load_entity(iri: str, body: str) -> Entity:
    """Return an entity as the table keeps it, without its claims."""
    kept = orjson.loads(body)
    life = Life(load_years(kept["birth"]), load_years(kept["death"]))
    return Entity(
        iri,
        kept["kind"],
        tuple(kept["names"]),
        life,
        others=tuple(kept["others"]),
        within=tuple(kept.get("within", ())),
        authors=tuple(kept.get("authors", ())),
        background=Background(
            frozenset(kept.get("nations", ())), frozenset(kept.get("fields", ()))
        ),
    )


def load_years(kept: list[int] | None) -> Years | None:
    """Return the range of years that ``dump_years`` made JSON of."""
    return Years(kept[0], kept[1], bool(kept[2])) if kept else None


def _read_plain(payload: bytes) -> Iterator[Entity]:
    """Yield what plain RDF says matches exactly, as definitions of languages and countries do."""
    found: dict[str, list[Claim]] = {}
    for subject, target in _MATCH.findall(payload):
        text = target.decode()
        if (identifier := normalisation.read_address(text)) is not None:
            claim = Claim(identifier, "exactMatch", text)
            found.setdefault(subject.decode(), []).append(claim)
    for subject in _CODED.findall(payload):
        found.setdefault(subject.decode(), [])
    for iri, claims in found.items():
        yield Entity(iri, "term", claims=tuple(claims))
