"""Suggestions while somebody types (6): entities, types, properties."""

from __future__ import annotations

from collections import Counter
from typing import Any

from sparql_server.answering.answer import Visitor
from sparql_server.catalogue.parameter_types import expand
from sparql_server.finding.schema import Schema
from sparql_server.finding.search import Finder, Search
from sparql_server.reconciling.reconciliation_request import LONGEST
from sparql_server.reconciling.types_and_properties import KINDS, PROPERTIES, Property, find_kind

_MOST = 10  # suggestions to a request
_FARTHEST = 100  # suggestions that there are

Json = dict[str, Any]


def suggest_entities(
    finder: Finder, text: str, language: str, visitor: Visitor, skipped: int = 0
) -> Json:
    """Return things whose names begin so. skipped: suggestions before. Raises RequestError."""
    if skipped >= _FARTHEST:
        return {"result": []}
    wanted = min(skipped + _MOST, _FARTHEST)
    found, _ = finder.things(Search(text[:LONGEST], "", language, wanted), visitor)
    return {
        "result": [
            {
                "id": hit["iri"],
                "name": hit["label"],
                "description": ", ".join(filter(None, (hit["class_label"], hit["detail"]))),
                "notable": [{"id": hit["class"], "name": hit["class_label"] or hit["class"]}]
                if hit["class"]
                else [],
            }
            for hit in found["hits"][skipped:]
        ]
    }


def suggest_types(schema: Schema | None, text: str, language: str, skipped: int = 0) -> Json:
    """Return types whose names begin so, or that have this id: those of the manifest first."""
    own = [kind.as_json() for kind in KINDS if _fits(kind.id, kind.name, text)]
    return {"result": _take([*own, *_find_terms(schema, "class", text, language)], skipped)}


def suggest_properties(schema: Schema | None, text: str, language: str, skipped: int = 0) -> Json:
    """Return properties whose names begin so, or that have this id: the service's own first."""
    own = [known.as_json() for known in PROPERTIES if _fits(known.id, known.name, text)]
    return {"result": _take([*own, *_find_terms(schema, "property", text, language)], skipped)}


def propose_properties(schema: Schema | None, kind: str, language: str, limit: int) -> Json:
    """Return the properties that things of a type have, the most used first (7.1).

    Things of the types below it count, too: those of Instance are of PhysicalResource, say.
    """
    counts = Counter[str]()
    below = schema.list_below(find_kind(kind).classes) if schema and kind else ()
    for known in (schema.classes.get(name) for name in below) if schema else ():
        counts.update({row["iri"]: row["count"] for row in (known or {}).get("properties", ())})
    terms = [schema.term(name) for name, _ in counts.most_common()] if schema else []
    own = [known.as_json() for known in PROPERTIES if _has(schema, kind, known)]
    named = [*own, *({"id": term.iri, "name": term.label(language)} for term in terms)]
    said: Json = {"limit": limit, "properties": named[:limit]}
    return {**said, "type": kind} if kind else said


def _has(schema: Schema | None, kind: str, known: Property) -> bool:
    """Tell whether things of a type have a property of the service's own, or may have it."""
    return not kind or kind in (schema.list_below(known.kinds) if schema else known.kinds)


def _find_terms(schema: Schema | None, kind: str, text: str, language: str) -> list[Json]:
    if schema is None:
        return []
    named = schema.terms.get((kind, expand(text.strip())))
    terms = [named] if named else [*schema.terms_named(text)]
    return [
        {"id": term.iri, "name": term.label(language), "description": term.name}
        for term in terms
        if term.kind == kind
    ]


def _fits(id_: str, name: str, text: str) -> bool:
    words = name.casefold().split()
    return expand(text.strip()) == id_ or any(word.startswith(text.casefold()) for word in words)


def _take(found: list[Json], skipped: int) -> list[Json]:
    by_id = {suggestion["id"]: suggestion for suggestion in reversed(found)}
    return list(by_id.values())[::-1][skipped : skipped + _MOST]
