"""Names of things: the queries for them, and the best of them in a language."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sparql_server.engine.terms import iri, literal
from sparql_server.saved.table import shorten_subject
from sparql_server.sparql.namespaces import KBV
from sparql_server.things.document_queries import TYPE, write_values

MOST_NAMED = 600
"""Things that are named in one go."""

_RDFS = "http://www.w3.org/2000/01/rdf-schema#"
_SKOS = "http://www.w3.org/2004/02/skos/core#"

NAMES = {
    "label": (f"{KBV}prefLabel", f"{_SKOS}prefLabel", f"{KBV}label", f"{_RDFS}label"),
    "name": (f"{KBV}name", "http://xmlns.com/foaf/0.1/name", "http://schema.org/name"),
    "family": (f"{KBV}familyName",),
    "given": (f"{KBV}givenName",),
    "life": (f"{KBV}lifeSpan",),
}
"""Kind of name to the properties that have it."""

_OVER = {  # kind of name: the paths over other things that have it
    "title": (f"<{KBV}hasTitle>/<{KBV}mainTitle>",),
    "work": (
        f"<{KBV}instanceOf>/<{KBV}hasTitle>/<{KBV}mainTitle>",
        f"<{KBV}mainEntity>/<{KBV}hasTitle>/<{KBV}mainTitle>",
        *(f"<{KBV}mainEntity>/<{KBV}{name}>" for name in ("prefLabel", "name", "familyName")),
    ),
    "held": (f"<{KBV}itemOf>/<{KBV}hasTitle>/<{KBV}mainTitle>",),
    "holder": (f"<{KBV}heldBy>/<{KBV}name>",),
}

LIBRARY = "library"
"""The kind of name of what is held, whose holder has none: the IRI of that."""

_HELD_BY = f"{KBV}heldBy"

PATHS = {
    **{kind: [[each] for each in several] for kind, several in NAMES.items()},
    **{kind: [path.strip("<>").split(">/<") for path in paths] for kind, paths in _OVER.items()},
    LIBRARY: [[_HELD_BY]],
}
"""Kind of name to the paths of properties that lead to such names."""

NAMING = (TYPE, *(each for several in NAMES.values() for each in several), _HELD_BY)
"""Properties that say what a thing is called, of what class it is, and which library has it."""

TITLES = (f"{KBV}hasTitle", TYPE, f"{KBV}mainTitle")
"""The property to a title, and those of a title that go with the name of a thing."""

Names = dict[str, dict[str, dict[str, str]]]
"""Thing to kind of name to language (empty: none) to name."""

_KINDS = ("label", "name", "family", "title", "work", "holder", LIBRARY)  # the best first

_BESIDE = {
    "family": ("given", "life"),
    "holder": ("held",),
    LIBRARY: ("held",),
}  # what tells those of a kind apart


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
    held = f"?thing <{_HELD_BY}> ?name FILTER(isIRI(?name))"
    parts.append(f"{{ {values} {held} BIND({literal(LIBRARY)} AS ?kind) }}")
    return f"SELECT DISTINCT ?thing ?kind ?name {{ {' UNION '.join(parts)} }} LIMIT 9000"


def read_names(rows: Iterable[Mapping[str, Any]]) -> Names:
    """Return names as ``select_names`` finds them; of equals the first in the alphabet."""
    found: Names = {}
    for row in rows:
        if row["name"]["type"] == "literal" or row["kind"]["value"] == LIBRARY:
            kinds = found.setdefault(row["thing"]["value"], {})
            names = kinds.setdefault(row["kind"]["value"], {})
            language, name = row["name"].get("xml:lang", ""), row["name"]["value"]
            names[language] = min(names.get(language, name), name)
    return found


def find_name(names: Names, thing: str, language: str) -> str | None:
    """Return what a thing is called: in a language, or in none, or in another; None: nothing.

    >>> person = {"family": {"": "Boye"}, "given": {"": "Karin"}, "life": {"": "1900-1941"}}
    >>> find_name({"urn:k": person}, "urn:k", "sv")
    'Boye, Karin, 1900-1941'
    """
    kinds = names.get(thing, {})
    best = next((kind for kind in _KINDS if kind in kinds), None)
    if best is None:
        return None
    parts = [kind for kind in (best, *_BESIDE.get(best, ("life",))) if kind in kinds]
    texts = (_pick(kinds[kind], language) for kind in parts)
    return ", ".join(
        shorten_subject(text) if kind == LIBRARY else text
        for kind, text in zip(parts, texts, strict=True)
    )


def name(names: Names, thing: str, language: str) -> str:
    """Return what a thing is called, or else its IRI in short."""
    return find_name(names, thing, language) or shorten_subject(thing)


def _pick(names: Mapping[str, str], language: str) -> str:
    other = next(iter(sorted(names.values())))
    return names.get(language) or names.get("") or names.get("sv") or other
