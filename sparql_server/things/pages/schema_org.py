"""A thing as schema.org has it, for search engines: what of KBV has a name there.

https://schema.org/docs/documents.html. What has none is left out: the page links to all data.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sparql_server.sparql.namespaces import KBV
from sparql_server.things.names import Names, find_name
from sparql_server.things.pages.writer import list_types
from sparql_server.things.statements import Statements, Term, name_of

_CLASSES = {
    "Person": "Person",
    "Family": "Organization",
    "Organization": "Organization",
    "Library": "Library",
    "Place": "Place",
    "Meeting": "Event",
    "PhysicalResource": "Book",
    "DigitalResource": "Book",
    "Print": "Book",
    "Electronic": "Book",
    "Instance": "CreativeWork",
    "Work": "CreativeWork",
    "Monograph": "CreativeWork",
    "Serial": "Periodical",
    "Item": "Product",
    "Topic": "DefinedTerm",
    "GenreForm": "DefinedTerm",
    "Concept": "DefinedTerm",
    "ConceptScheme": "DefinedTermSet",
}
_PLAIN = {  # those whose values are texts
    "givenName": "givenName",
    "familyName": "familyName",
    "birthYear": "birthDate",
    "deathYear": "deathDate",
}
_CREATIVE = frozenset(("Book", "CreativeWork", "Periodical"))


def describe(
    statements: Statements, iri: str, names: Names, language: str
) -> dict[str, Any] | None:
    """Return a thing as JSON-LD; None: schema.org has no such class."""
    kinds = [each.removeprefix(KBV) for each in list_types(statements, iri)]
    kind = next((_CLASSES[each] for each in kinds if each in _CLASSES), None)
    if kind is None:
        return None
    said = {"@context": "https://schema.org", "@type": kind, "@id": iri}
    label = find_name(names, iri, language)
    found: dict[str, Any] = {**said, "name": label} if label else dict(said)
    for ours, theirs in _PLAIN.items():
        found |= _given(theirs, [str(term["value"]) for term in _objects(statements, iri, ours)])
    found |= _given("sameAs", _same(statements, iri))
    return found | (_creative(statements, iri, names, language) if kind in _CREATIVE else {})


def _creative(statements: Statements, iri: str, names: Names, language: str) -> dict[str, Any]:
    """Return what is said of a work or an edition."""
    agents = _walk(statements, iri, "contribution", "agent")
    years = _walk(statements, iri, "publication", "year")
    publishers = _walk(statements, iri, "publication", "agent", "label")
    works = _objects(statements, iri, "instanceOf")
    return {
        **_given("contributor", [_thing(term, names, language) for term in agents]),
        **_given("datePublished", [str(term["value"]) for term in years]),
        **_given("publisher", [str(term["value"]) for term in publishers]),
        **_given("exampleOfWork", [_thing(term, names, language) for term in works]),
    }


def _thing(term: Term, names: Names, language: str) -> dict[str, str]:
    if term["type"] != "uri":
        return {}
    iri = str(term["value"])
    label = find_name(names, iri, language)
    return {"@id": iri, **({"name": label} if label else {})}


def _same(statements: Statements, iri: str) -> list[str]:
    several = (_objects(statements, iri, each) for each in ("exactMatch", "sameAs"))
    iris = (str(term["value"]) for terms in several for term in terms if term["type"] == "uri")
    return [iri for iri in iris if iri.startswith(("http://", "https://"))]


def _walk(statements: Statements, subject: str, *path: str) -> list[Term]:
    terms = _objects(statements, subject, path[0])
    for property_ in path[1:]:
        terms = list(_beyond(statements, terms, property_))
    return terms


def _beyond(statements: Statements, terms: Sequence[Term], property_: str) -> Iterator[Term]:
    for term in terms:
        if term["type"] != "literal":
            yield from _objects(statements, name_of(term), property_)


def _objects(statements: Statements, subject: str, property_: str) -> list[Term]:
    return statements.get(subject, {}).get(f"{KBV}{property_}", [])


def _given(name: str, values: Sequence[object]) -> dict[str, Any]:
    """Return a member with its values that say anything: a single one, or a list."""
    said = [value for value in values if value]
    return {} if not said else {name: said[0] if len(said) == 1 else said}
