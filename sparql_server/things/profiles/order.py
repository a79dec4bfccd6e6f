"""In which order a page tells what is said of a thing: as a librarian looks for it."""

from __future__ import annotations

from collections.abc import Iterable

from sparql_server.sparql.namespaces import KBV

TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
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
