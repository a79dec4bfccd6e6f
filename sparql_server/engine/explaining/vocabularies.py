"""Terms of vocabularies that people know, and what says the same in KBV, if the data has it.

For data without KB's vocabulary, which has equivalents for a part of these.
"""

from __future__ import annotations

import re

import pyoxigraph as ox

from sparql_server.engine.explaining.release_data import Facts
from sparql_server.sparql.namespaces import KBV

_SPACES = {
    "http://purl.org/dc/terms/": "dc",
    "http://purl.org/dc/elements/1.1/": "dc",
    "http://schema.org/": "schema",
    "https://schema.org/": "schema",
    "http://xmlns.com/foaf/0.1/": "foaf",
    "http://www.w3.org/2000/01/rdf-schema#": "rdfs",
    "http://www.w3.org/2004/02/skos/core#": "skos",
    "http://purl.org/ontology/bibo/": "bibo",
    "http://www.wikidata.org/prop/direct/": "wdt",
    "http://www.wikidata.org/entity/": "wd",
}
_AUTHOR = ":instanceOf/:contribution/:agent"
_TITLE = ":hasTitle/:mainTitle"
_YEAR = ":publication/:year"
_PUBLISHER = ":publication/:agent"
_NUMBER = ":identifiedBy/:value"
_PERSON = (":Person",)
_BOOK = (":Monograph", ":PhysicalResource")
_KNOWN: dict[str, tuple[str, ...]] = {
    "dc:title": (_TITLE,),
    "dc:creator": (_AUTHOR,),
    "dc:contributor": (_AUTHOR,),
    "dc:subject": (":instanceOf/:subject",),
    "dc:language": (":instanceOf/:language",),
    "dc:publisher": (_PUBLISHER,),
    "dc:date": (_YEAR,),
    "dc:issued": (_YEAR,),
    "dc:created": (":created",),
    "dc:modified": (":modified",),
    "dc:identifier": (_NUMBER,),
    "dc:type": ("a", ":category"),
    "schema:name": (":name", ":prefLabel", _TITLE),
    "schema:author": (_AUTHOR,),
    "schema:creator": (_AUTHOR,),
    "schema:about": (":instanceOf/:subject",),
    "schema:inLanguage": (":instanceOf/:language",),
    "schema:publisher": (_PUBLISHER,),
    "schema:datePublished": (_YEAR,),
    "schema:isbn": (_NUMBER,),
    "schema:familyName": (":familyName",),
    "schema:givenName": (":givenName",),
    "schema:genre": (":category",),
    "schema:Person": _PERSON,
    "schema:Organization": (":Organization",),
    "schema:Book": _BOOK,
    "schema:Library": (":Library",),
    "foaf:name": (":name", ":givenName", ":familyName"),
    "foaf:familyName": (":familyName",),
    "foaf:family_name": (":familyName",),
    "foaf:surname": (":familyName",),
    "foaf:lastName": (":familyName",),
    "foaf:givenName": (":givenName",),
    "foaf:firstName": (":givenName",),
    "foaf:Person": _PERSON,
    "foaf:Organization": (":Organization",),
    "foaf:maker": (_AUTHOR,),
    "rdfs:label": (":prefLabel", ":label", ":name", _TITLE),
    "rdfs:seeAlso": (":exactMatch", ":closeMatch"),
    "rdfs:subClassOf": (":broader",),
    "skos:prefLabel": (":prefLabel",),
    "skos:altLabel": (":altLabel", ":hasVariant"),
    "skos:broader": (":broader",),
    "skos:exactMatch": (":exactMatch",),
    "skos:closeMatch": (":closeMatch",),
    "skos:inScheme": (":inScheme",),
    "skos:Concept": (":Topic", ":GenreForm"),
    "skos:ConceptScheme": (":ConceptScheme",),
    "bibo:Book": _BOOK,
    "bibo:isbn": (_NUMBER,),
    "wdt:P31": ("a",),
    "wdt:P50": (_AUTHOR,),
    "wdt:P123": (_PUBLISHER,),
    "wdt:P136": (":category",),
    "wdt:P212": (_NUMBER,),
    "wdt:P213": (_NUMBER,),
    "wdt:P214": (":exactMatch",),
    "wdt:P279": (":broader",),
    "wdt:P407": (":instanceOf/:language",),
    "wdt:P577": (_YEAR,),
    "wdt:P734": (":familyName",),
    "wdt:P735": (":givenName",),
    "wdt:P921": (":instanceOf/:subject",),
    "wdt:P1476": (_TITLE,),
    "wd:Q5": _PERSON,
    "wd:Q571": _BOOK,
}
_NAME = re.compile(r":(\w+)")


def find_well_known(iri: str, facts: Facts) -> list[str]:
    """Return the terms and paths that say in the data what a well-known term does elsewhere."""
    for space, prefix in _SPACES.items():
        if iri.startswith(space):
            ways = _KNOWN.get(f"{prefix}:{iri.removeprefix(space)}", ())
            return [way for way in ways if _occurs(way, facts)]
    return []


def _occurs(way: str, facts: Facts) -> bool:
    terms = [ox.NamedNode(KBV + name) for name in _NAME.findall(way)]
    is_class = bool(terms) and terms[0].value[len(KBV)].isupper()
    return all(facts.is_class(term) if is_class else facts.is_property(term) for term in terms)
