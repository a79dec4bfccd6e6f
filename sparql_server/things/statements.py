"""Statements on things, by subject and property, and what they tell of a record."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sparql_server.engine.columns.telling import main_things
from sparql_server.records.kinds import FULL_LEVEL, Traits
from sparql_server.sparql.namespaces import KBV
from sparql_server.things.document_queries import TYPE, Document
from sparql_server.things.profiles.property_order import MAIN_ENTITY

Term = Mapping[str, Any]
"""A term of SPARQL's JSON results: ``type``, ``value``, ``xml:lang``, ``datatype``."""

Statements = dict[str, dict[str, list[Term]]]
"""Subject (an IRI, or a blank node with ``_:``) to property to objects."""


@dataclass(frozen=True, slots=True)
class Said:
    """The statements on things. counts: subject and property to how many values there are.

    Those that aren't in ``counts`` are all in ``statements``.
    """

    statements: Statements
    counts: Mapping[tuple[str, str], int] = field(default_factory=dict)


def read_traits(document: Document, said: Statements) -> Traits | None:
    """Return what tells the kind of the record that tells of a document; None: it is no record."""
    if not any(record in said for record in document.records):
        return None
    about = [said.get(thing, {}) for thing in document.things if thing not in document.records]
    levels = (said.get(record, {}).get(f"{KBV}encodingLevel", ()) for record in document.records)
    types = {str(term["value"]) for each in about for term in each.get(TYPE, ())}
    return Traits(
        {each.removeprefix(KBV) for each in types},
        is_item=any(f"{KBV}itemOf" in each for each in about),
        is_instance=any(f"{KBV}instanceOf" in each for each in about),
        is_full=any(term["value"] == FULL_LEVEL for level in levels for term in level),
    )


def find_main(things: Sequence[str], statements: Statements) -> str:
    """Return what a document is about: as it says, or what is told of first, or itself."""
    return main_things.find_main(things, statements, MAIN_ENTITY)


def list_objects(statements: Statements) -> Iterator[str]:
    """Yield the IRIs that statements point to."""
    for said in statements.values():
        for objects in said.values():
            yield from (str(term["value"]) for term in objects if term["type"] == "uri")


def gather(rows: Iterable[Mapping[str, Term]]) -> Statements:
    """Return the statements of solutions ``?s ?p ?o``."""
    statements: Statements = {}
    for row in rows:
        said = statements.setdefault(name_of(row["s"]), {})
        said.setdefault(str(row["p"]["value"]), []).append(row["o"])
    return statements


def name_of(term: Term) -> str:
    """Return what a subject is called in ``Statements``."""
    return f"_:{term['value']}" if term["type"] == "bnode" else str(term["value"])
