"""The order of properties on a page: as a librarian looks for them."""

from __future__ import annotations

from collections.abc import Iterable

from sparql_server.sparql.namespaces import KBV, RDF_TYPE

TYPE = RDF_TYPE
MAIN_ENTITY = f"{KBV}mainEntity"
HOLDS = f"{KBV}itemOf"

_LEADING = (
    *("hasTitle", "mainTitle", "prefLabel", "name", "familyName", "givenName"),
    *(
        "subtitle",
        "lifeSpan",
        "birthYear",
        "birthDate",
        "deathYear",
        "deathDate",
        "itemOf",
        "heldBy",
        "shelfMark",
    ),
    *("responsibilityStatement", "contribution", "agent", "role", "instanceOf"),
    *("editionStatement", "publication", "year", "date", "place", "country"),
    *("seriesMembership", "language", "translationOf", "subject", "genreForm", "classification"),
    *("broader", "narrower", "related", "descriptionCreator", "created", "modified"),
)
_RANK = {f"{KBV}{name}": rank for rank, name in enumerate(_LEADING)}


_LINE = (
    *("familyName", "givenName", "name", "prefLabel", "mainTitle", "subtitle", "label", "lifeSpan"),
    *("place", "agent", "role", "year", "date", "country"),
    *("value", "qualifier", "code", "edition", "editionEnumeration", "version", "inScheme"),
    *("citationNote", "sameAs"),
)
_PLACE = {f"{KBV}{name}": place for place, name in enumerate(_LINE)}


def is_line(properties: Iterable[str]) -> bool:
    """Tell whether that which has only these properties is told in a line, as librarians do."""
    return all(each in _PLACE for each in properties)


def find_place(property_: str) -> int:
    """Return where a property stands in such a line; what has no place there comes last."""
    return _PLACE.get(property_, len(_PLACE))


def is_primary(class_: str) -> bool:
    """Tell whether what is of a class stands before its likes: the main contribution, say."""
    return class_.startswith(f"{KBV}Primary")


def is_leading(property_: str) -> bool:
    """Tell whether a property stands before holdings, and before all others."""
    return property_ in _RANK


def sort_properties(properties: Iterable[str]) -> list[str]:
    """Return properties in the order of a page; the type is told elsewhere."""
    last = len(_RANK)
    return sorted(
        (each for each in properties if each != TYPE),
        key=lambda each: (_RANK.get(each, last), each),
    )
