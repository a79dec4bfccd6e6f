"""Suggestions while somebody types (6): entities, types, properties."""

from __future__ import annotations

from typing import Any

from sparql_server.answering.answer import Visitor
from sparql_server.finding.schema import Schema
from sparql_server.finding.search import Finder, Search
from sparql_server.reconciling.reconciliation_request import LONGEST
from sparql_server.reconciling.types_and_properties import KINDS, PROPERTIES

_MOST = 10

Json = dict[str, Any]


def suggest_entities(finder: Finder, text: str, language: str, visitor: Visitor) -> Json:
    """Return things whose names begin so. Raises RequestError."""
    found, _ = finder.things(Search(text[:LONGEST], "", language, _MOST), visitor)
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
            for hit in found["hits"]
        ]
    }


def suggest_types(schema: Schema | None, text: str, language: str) -> Json:
    """Return types whose names begin so: those of the manifest first."""
    own = [kind.as_json() for kind in KINDS if _begins(kind.name, text)]
    return {"result": _first([*own, *_find_terms(schema, "class", text, language)])}


def suggest_properties(schema: Schema | None, text: str, language: str) -> Json:
    """Return properties whose names begin so: those of the service first."""
    own = [known.as_json() for known in PROPERTIES if _begins(known.name, text)]
    return {"result": _first([*own, *_find_terms(schema, "property", text, language)])}


def propose_properties(schema: Schema | None, kind: str, language: str, limit: int) -> Json:
    """Return the properties that things of a type have, the most used first (7.1)."""
    known = schema.classes.get(kind) if schema else None
    rows = known["properties"] if known else []
    terms = [schema.term(row["iri"]) for row in rows] if schema else []
    named = [{"id": term.iri, "name": term.label(language)} for term in terms]
    said: Json = {"limit": limit, "properties": named[:limit]}
    return {**said, "type": kind} if kind else said


def _find_terms(schema: Schema | None, kind: str, text: str, language: str) -> list[Json]:
    terms = schema.terms_named(text) if schema else []
    return [
        {"id": term.iri, "name": term.label(language), "description": term.name}
        for term in terms
        if term.kind == kind
    ]


def _begins(name: str, text: str) -> bool:
    return any(word.startswith(text.casefold()) for word in name.casefold().split())


def _first(found: list[Json]) -> list[Json]:
    by_id = {suggestion["id"]: suggestion for suggestion in reversed(found)}
    return list(by_id.values())[::-1][:_MOST]
