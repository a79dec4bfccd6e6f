"""Properties that name things, tell them apart, or identify them; in KBV and other vocabularies.

A statement is about a thing if its subject is the thing, or a node that a link leads to: the title
of an instance, a variant of a person, the record that describes it.
"""

from __future__ import annotations

from enum import IntEnum

from loader.transform.context import KBV

BF2 = "http://id.loc.gov/ontologies/bibframe/"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
RDFS = "http://www.w3.org/2000/01/rdf-schema#"
OWL = "http://www.w3.org/2002/07/owl#"
_SKOS = "http://www.w3.org/2004/02/skos/core#"

TYPE = f"{RDF}type"
MAIN_ENTITY = f"{KBV}mainEntity"


class Place(IntEnum):
    """The place of a node, seen from the thing that it says something of."""

    NONE = 0
    ITSELF = 1
    TITLE = 2
    VARIANT = 3
    PUBLICATION = 4
    IDENTIFIER = 5
    RECORD = 6


class Role(IntEnum):
    """The role that a literal has for the thing."""

    NAME = 0
    OTHER = 1
    FAMILY = 2
    GIVEN = 3
    NUMERATION = 4
    TITLE = 5
    SUBTITLE = 6
    LIFE = 7
    YEAR = 8
    IDENTIFIER = 9
    CREDIT = 10


LINKS = {
    f"{KBV}hasTitle": Place.TITLE,
    f"{BF2}title": Place.TITLE,
    f"{KBV}hasVariant": Place.VARIANT,
    f"{KBV}publication": Place.PUBLICATION,
    f"{BF2}provisionActivity": Place.PUBLICATION,
    f"{KBV}identifiedBy": Place.IDENTIFIER,
    f"{KBV}indirectlyIdentifiedBy": Place.IDENTIFIER,
    f"{BF2}identifiedBy": Place.IDENTIFIER,
}
"""Links from a thing, or a node that belongs to one, to a node that belongs to it."""

INSTANCE_OF = (f"{KBV}instanceOf", f"{BF2}instanceOf")
"""Links from a thing to the work, which says who has made it."""

CONTRIBUTION = (f"{KBV}contribution", f"{BF2}contribution")
"""Links from a thing or a work to a node that names one who has part in it."""

AGENT = (f"{KBV}agent", f"{BF2}agent")
"""Links from such a node to whom it names."""

_OWN = (Place.ITSELF, Place.VARIANT)
_TITLES = (Place.ITSELF, Place.TITLE, Place.VARIANT)

ROLES: dict[str, tuple[Role, tuple[Place, ...]]] = {
    f"{KBV}prefLabel": (Role.NAME, _OWN),
    f"{KBV}label": (Role.NAME, _TITLES),
    f"{KBV}name": (Role.NAME, _OWN),
    f"{RDFS}label": (Role.NAME, _TITLES),
    f"{_SKOS}prefLabel": (Role.NAME, _OWN),
    "http://xmlns.com/foaf/0.1/name": (Role.NAME, _OWN),
    "http://schema.org/name": (Role.NAME, _OWN),
    "http://purl.org/dc/terms/title": (Role.NAME, _OWN),
    "http://purl.org/dc/elements/1.1/title": (Role.NAME, _OWN),
    f"{KBV}altLabel": (Role.OTHER, _OWN),
    f"{KBV}hiddenLabel": (Role.OTHER, _OWN),
    f"{_SKOS}altLabel": (Role.OTHER, _OWN),
    f"{_SKOS}hiddenLabel": (Role.OTHER, _OWN),
    f"{KBV}familyName": (Role.FAMILY, _OWN),
    f"{KBV}givenName": (Role.GIVEN, _OWN),
    f"{KBV}numeration": (Role.NUMERATION, _OWN),
    f"{KBV}mainTitle": (Role.TITLE, _TITLES),
    f"{BF2}mainTitle": (Role.TITLE, _TITLES),
    f"{KBV}subtitle": (Role.SUBTITLE, _TITLES),
    f"{BF2}subtitle": (Role.SUBTITLE, _TITLES),
    f"{KBV}lifeSpan": (Role.LIFE, (Place.ITSELF,)),
    f"{KBV}year": (Role.YEAR, (Place.PUBLICATION,)),
    f"{BF2}date": (Role.YEAR, (Place.PUBLICATION,)),
    f"{KBV}responsibilityStatement": (Role.CREDIT, (Place.ITSELF,)),
    f"{BF2}responsibilityStatement": (Role.CREDIT, (Place.ITSELF,)),
    f"{KBV}value": (Role.IDENTIFIER, (Place.IDENTIFIER,)),
    f"{RDF}value": (Role.IDENTIFIER, (Place.IDENTIFIER,)),
    f"{KBV}code": (Role.IDENTIFIER, (Place.ITSELF,)),
    f"{KBV}sigel": (Role.IDENTIFIER, (Place.ITSELF,)),
    f"{KBV}controlNumber": (Role.IDENTIFIER, (Place.RECORD,)),
    f"{KBV}recordControlNumber": (Role.IDENTIFIER, (Place.ITSELF, Place.RECORD)),
}
"""Property: what its values are to a thing, and the places in which that holds."""

CREDITS = (
    f"{KBV}familyName",
    f"{KBV}givenName",
    f"{KBV}name",
    f"{KBV}label",
    f"{RDFS}label",
)
"""Properties with the names of those who have part in a thing."""
