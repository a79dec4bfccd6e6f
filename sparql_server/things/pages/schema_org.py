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
    "Geographic": "Place",
    "Country": "Country",
    "Language": "Language",
    "Meeting": "Event",
    "PhysicalResource": "Book",
    "DigitalResource": "Book",
    "Print": "Book",
    "Electronic": "Book",
    "Instance": "CreativeWork",
    "Work": "CreativeWork",
    "Monograph": "CreativeWork",
    "Serial": "Periodical",
    "Item": "Offer",  # https://www.w3.org/community/schemabibex/wiki/Holdings_via_Offer
    "Topic": "DefinedTerm",
    "GenreForm": "DefinedTerm",
    "Temporal": "DefinedTerm",
    "ComplexSubject": "DefinedTerm",
    "Concept": "DefinedTerm",
    "ConceptScheme": "DefinedTermSet",
}
_PLAIN = {  # those whose values are texts
    "givenName": "givenName",
    "familyName": "familyName",
    "birthDate": "birthDate",
    "deathDate": "deathDate",
    "editionStatement": "bookEdition",
}
_CREATIVE = frozenset(("Book", "CreativeWork", "Periodical"))
_ROLES = frozenset(("author", "editor", "illustrator", "translator"))
_IDENTIFIERS = {"ISBN": "isbn", "ISSN": "issn"}
_OF_BOOKS = frozenset(("Print", "Volume", "EBook"))
"""Categories of editions that are books; one that has others, and none of these, is none."""


def describe(
    statements: Statements, iri: str, names: Names, language: str
) -> dict[str, Any] | None:
    """Return a thing as JSON-LD; None: schema.org has no such class."""
    kinds = [each.removeprefix(KBV) for each in list_types(statements, iri)]
    kind = next((_CLASSES[each] for each in kinds if each in _CLASSES), None)
    if kind is None:
        return None
    kind = _correct(statements, iri, kind)
    said = {"@context": "https://schema.org", "@type": kind, "@id": iri}
    label = _name(names, iri, language)
    found: dict[str, Any] = {**said, "name": label} if label else dict(said)
    for ours, theirs in _PLAIN.items():
        found |= _given(theirs, [str(term["value"]) for term in _objects(statements, iri, ours)])
    found |= _given("sameAs", _same(statements, iri))
    if kind in _CREATIVE:
        return found | _creative(statements, iri, names, language)
    return found | (_holding(statements, iri, names, language) if kind == "Offer" else {})


def _correct(statements: Statements, iri: str, kind: str) -> str:
    """Return the class of an edition by what else is said of it: not all are books."""
    if kind != "Book":
        return kind
    if _identify(statements, iri).get("issn"):
        return "Periodical"
    categories = {
        str(term["value"]).rpartition("/")[2] for term in _objects(statements, iri, "category")
    }
    return "CreativeWork" if categories and categories.isdisjoint(_OF_BOOKS) else kind


def _name(names: Names, iri: str, language: str) -> str | None:
    """Return what a thing is called, without the years of life."""
    kinds = {kind: said for kind, said in names.get(iri, {}).items() if kind != "life"}
    return find_name({iri: kinds}, iri, language)


def _creative(statements: Statements, iri: str, names: Names, language: str) -> dict[str, Any]:
    """Return what is said of a work or an edition."""
    years = _walk(statements, iri, "publication", "year")
    publishers = _walk(statements, iri, "publication", "agent", "label")
    things = {
        **_list_contributors(statements, iri),
        "inLanguage": _objects(statements, iri, "language"),
        "about": _objects(statements, iri, "subject"),
        "exampleOfWork": _objects(statements, iri, "instanceOf"),
    }
    found = {
        **_identify(statements, iri),
        **_given("datePublished", [str(term["value"]) for term in years]),
        **_given("publisher", [str(term["value"]) for term in publishers]),
    }
    for name, terms in things.items():
        found |= _given(name, [_thing(term, names, language) for term in terms])
    return found


def _list_contributors(statements: Statements, iri: str) -> dict[str, list[Term]]:
    """Return the agents of contributions by what schema.org calls their part in it."""
    found: dict[str, list[Term]] = {}
    for term in _objects(statements, iri, "contribution"):
        node = name_of(term)
        roles = {
            str(each["value"]).rpartition("/")[2] for each in _objects(statements, node, "role")
        }
        is_primary = f"{KBV}PrimaryContribution" in list_types(statements, node)
        usual = {"author"} if is_primary and not roles else {"contributor"}
        for name in sorted(roles & _ROLES or usual):
            found.setdefault(name, []).extend(_objects(statements, node, "agent"))
    return found


def _identify(statements: Statements, iri: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for kind, name in _IDENTIFIERS.items():
        nodes = map(name_of, _objects(statements, iri, "identifiedBy"))
        known = [node for node in nodes if f"{KBV}{kind}" in list_types(statements, node)]
        values = [term for node in known for term in _objects(statements, node, "value")]
        found |= _given(name, [str(term["value"]) for term in values])
    return found


def _holding(statements: Statements, iri: str, names: Names, language: str) -> dict[str, Any]:
    """Return what is said of a copy: which library has which edition, and under which mark."""
    found: dict[str, Any] = {}
    for ours, theirs in (("itemOf", "itemOffered"), ("heldBy", "offeredBy")):
        terms = _objects(statements, iri, ours)
        found |= _given(theirs, [_thing(term, names, language) for term in terms])
    marks = _walk(statements, iri, "shelfMark", "label")
    return found | _given("sku", [str(term["value"]) for term in marks])


def _thing(term: Term, names: Names, language: str) -> dict[str, str]:
    if term["type"] != "uri":
        return {}
    iri = str(term["value"])
    label = _name(names, iri, language)
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
