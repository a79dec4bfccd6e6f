"""Values of properties for things that have been reconciled (7)."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from sparql_server.catalogue.parameter_types import expand
from sparql_server.engine.terms import iri
from sparql_server.finding.schema import Schema
from sparql_server.reconciling.candidate_facts import Asker, read_facts
from sparql_server.reconciling.reconciliation_request import Extension, is_iri
from sparql_server.reconciling.types_and_properties import PROPERTIES

_XSD = "http://www.w3.org/2001/XMLSchema#"
_KINDS = {f"{_XSD}integer": "int", f"{_XSD}decimal": "float", f"{_XSD}boolean": "bool"}
_DATES = (f"{_XSD}date", f"{_XSD}dateTime")
_OWN = {known.id: known.name for known in PROPERTIES}

Json = dict[str, Any]


def extend(asker: Asker, schema: Schema | None, wanted: Extension, language: str) -> Json:
    """Return the values of properties, for each thing. Raises RequestError."""
    rows: dict[str, Json] = {thing: {} for thing in wanted.ids}
    for name, limit in wanted.properties:
        values = _read_values(asker, name, wanted.ids)
        for thing, row in rows.items():
            found = values.get(thing, [])
            row[name] = found[:limit] if limit else found
    meta = [{"id": name, "name": _label(schema, name, language)} for name, _ in wanted.properties]
    return {"meta": meta, "rows": rows}


def _label(schema: Schema | None, name: str, language: str) -> str:
    if name in _OWN:
        return _OWN[name]
    return schema.term(expand(name)).label(language) if schema else name


def _read_values(asker: Asker, name: str, things: tuple[str, ...]) -> dict[str, list[Json]]:
    if not things:
        return {}
    if name in _OWN:
        facts = read_facts(asker, name, things)
        return {thing: [{"str": text} for text in sorted(said)] for thing, said in facts.items()}
    if not is_iri(expand(name)):
        return {}
    return _select(asker, iri(expand(name)), things)


def _select(asker: Asker, named: str, things: tuple[str, ...]) -> dict[str, list[Json]]:
    """Return the values of a property; of a blank node, what it is called."""
    values = " ".join(map(iri, things))
    query = (
        "SELECT DISTINCT ?thing ?value ?name {"
        f" VALUES ?thing {{ {values} }} ?thing {named} ?value ."
        " OPTIONAL { ?value k:prefLabel|k:label|k:name|k:mainTitle|k:familyName ?name } }"
        " ORDER BY ?thing ?value ?name"
    )
    found: dict[str, dict[str, Json]] = defaultdict(dict)
    for row in asker.select(query):
        value = _describe(row["value"], row.get("name"))
        if value:
            found[row["thing"]["value"]].setdefault(row["value"]["value"], value)
    return {thing: list(said.values()) for thing, said in found.items()}


def _describe(value: Json, name: Json | None) -> Json | None:
    text = value["value"]
    if value["type"] == "uri":
        return {"id": text, "name": name["value"] if name else text}
    if value["type"] == "bnode":
        return {"str": name["value"]} if name else None
    datatype = value.get("datatype", "")
    if datatype in _DATES:
        return {"date": text}
    kind = _KINDS.get(datatype)
    try:
        return {kind: _convert(kind, text)} if kind else {"str": text}
    except ValueError:
        return {"str": text}


def _convert(kind: str, text: str) -> int | float | bool:
    if kind == "bool":
        return text in ("true", "1")
    return int(text) if kind == "int" else float(text)
