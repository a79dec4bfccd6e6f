"""The queries for what things are called: each name with its kind."""

from __future__ import annotations

from collections.abc import Sequence

from sparql_server.engine.terms import iri, literal
from sparql_server.things.patterns import write_values

MOST_NAMED = 600
"""Things that are named in one go."""

_KBV = "https://id.kb.se/vocab/"
_RDFS = "http://www.w3.org/2000/01/rdf-schema#"
_SKOS = "http://www.w3.org/2004/02/skos/core#"

NAMES = {
    "label": (f"{_KBV}prefLabel", f"{_SKOS}prefLabel", f"{_KBV}label", f"{_RDFS}label"),
    "name": (f"{_KBV}name", "http://xmlns.com/foaf/0.1/name", "http://schema.org/name"),
    "family": (f"{_KBV}familyName",),
    "given": (f"{_KBV}givenName",),
    "life": (f"{_KBV}lifeSpan",),
}
"""Kind of name to the properties that have it."""

_OVER = {  # kind of name: the paths over other things that have it
    "title": (f"<{_KBV}hasTitle>/<{_KBV}mainTitle>",),
    "work": (
        f"<{_KBV}instanceOf>/<{_KBV}hasTitle>/<{_KBV}mainTitle>",
        f"<{_KBV}mainEntity>/<{_KBV}hasTitle>/<{_KBV}mainTitle>",
        *(f"<{_KBV}mainEntity>/<{_KBV}{name}>" for name in ("prefLabel", "name", "familyName")),
    ),
    "held": (f"<{_KBV}itemOf>/<{_KBV}hasTitle>/<{_KBV}mainTitle>",),
    "holder": (f"<{_KBV}heldBy>/<{_KBV}name>",),
}


def select_names(things: Sequence[str]) -> str:
    """Return the query for what things are called: ``?thing ?kind ?name``."""
    kinds = " ".join(
        f"({iri(property_)} {literal(kind)})"
        for kind, properties in NAMES.items()
        for property_ in properties
    )
    values = write_values("thing", things[:MOST_NAMED])
    parts = [f"{{ {values} VALUES (?p ?kind) {{ {kinds} }} ?thing ?p ?name }}"]
    for kind, paths in _OVER.items():
        parts += [f"{{ {values} ?thing {p} ?name BIND({literal(kind)} AS ?kind) }}" for p in paths]
    return f"SELECT DISTINCT ?thing ?kind ?name {{ {' UNION '.join(parts)} }} LIMIT 9000"


def name_values() -> str:
    """Return the data block of the properties that name a thing by themselves: ``?p``."""
    kinds = [each for several in NAMES.values() for each in several]
    return write_values("p", kinds)
