"""Values of properties for things that have been reconciled (7)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from sparql_server.catalogue.parameter_types import expand
from sparql_server.engine.terms import iri
from sparql_server.finding.schema import Schema
from sparql_server.reconciling.candidate_facts import Asker, read_facts
from sparql_server.reconciling.cells import Cell, join_parts, make_cell
from sparql_server.reconciling.reconciliation_request import Extension, is_iri
from sparql_server.reconciling.types_and_properties import AUTHOR, LANGUAGE, PROPERTIES, YEARS

_OWN = {known.id: known.name for known in PROPERTIES}
_PATHS = {
    AUTHOR.id: ("k:contribution/k:agent", "k:instanceOf/k:contribution/k:agent"),
    LANGUAGE.id: ("k:language", "k:instanceOf/k:language"),
}

Json = dict[str, Any]
_Cells = Mapping[str, list[Cell]]


def extend(asker: Asker, schema: Schema | None, wanted: Extension, language: str) -> Json:
    """Return the values of properties, for each thing. Raises RequestError."""
    rows: dict[str, Json] = {thing: {} for thing in wanted.ids}
    for name, limit in wanted.properties:
        cells = _read_cells(asker, name, wanted.ids, language)
        for thing, row in rows.items():
            found = cells.get(thing, [])
            row[name] = found[:limit] if limit else found
    meta = [{"id": name, "name": _label(schema, name, language)} for name, _ in wanted.properties]
    return {"meta": meta, "rows": rows}


def _label(schema: Schema | None, name: str, language: str) -> str:
    if name in _OWN:
        return _OWN[name]
    return schema.term(expand(name)).label(language) if schema else name


def _read_cells(asker: Asker, name: str, things: tuple[str, ...], language: str) -> _Cells:
    """Return the cells of a property by thing: things by their names, texts, then parts."""
    if not things:
        return {}
    if name == YEARS.id:
        facts = read_facts(asker, name, things)
        return {thing: [{"str": text} for text in sorted(said)] for thing, said in facts.items()}
    property_ = expand(name)
    paths = _PATHS.get(name) or ((iri(property_),) if is_iri(property_) else ())
    if not paths:
        return {}
    values = " ".join(map(iri, things))
    either = " UNION ".join(f"{{ ?thing {path} ?value }}" for path in paths)
    pattern = f"VALUES ?thing {{ {values} }} {either}"
    cells: dict[str, list[Cell]] = defaultdict(list)
    for found in (_select_named(asker, pattern, language), _select_parts(asker, pattern)):
        for thing, cell in found:
            if cell not in cells[thing]:
                cells[thing].append(cell)
    return cells


def _select_named(asker: Asker, pattern: str, language: str) -> Iterable[tuple[str, Cell]]:
    """Yield thing and cell of each value that is no blank node."""
    named = f"{pattern} FILTER(!isBlank(?value))"
    rows = asker.select(f"SELECT DISTINCT ?thing ?value {{ {named} }} ORDER BY ?thing ?value")
    values = (row["value"] for row in rows)
    names = asker.read_names(
        (value["value"] for value in values if value["type"] == "uri"), language
    )
    for row in rows:
        yield row["thing"]["value"], make_cell(row["value"], names)


def _select_parts(asker: Asker, pattern: str) -> Iterable[tuple[str, Cell]]:
    """Yield thing and cell of each value that is a blank node: what hangs on it, in a line."""
    below = (
        "{ ?value ?property ?part } UNION"
        " { ?value ?property ?node FILTER(isBlank(?node)) ?node k:label|k:prefLabel|k:name ?part }"
    )
    query = (
        f"SELECT DISTINCT ?thing ?value ?property ?part {{ {pattern} FILTER(isBlank(?value))"
        f" {below} FILTER(isLiteral(?part)) }}"
    )
    parts: dict[tuple[str, str], list[tuple[str, str]]] = defaultdict(list)
    for row in asker.select(query):
        said = row["property"]["value"], row["part"]["value"]
        parts[row["thing"]["value"], row["value"]["value"]].append(said)
    lines = sorted((thing, join_parts(said)) for (thing, _), said in parts.items())
    return ((thing, {"str": line}) for thing, line in lines)
