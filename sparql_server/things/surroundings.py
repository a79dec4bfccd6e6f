"""Surroundings of a thing: its place in hierarchies, and the origin of its outside links."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sparql_server.engine.terms import iri
from sparql_server.sparql.namespaces import KBV
from sparql_server.things.document_queries import Document, write_values
from sparql_server.things.facts import Asker
from sparql_server.things.statements import Statements

UPWARDS = tuple(
    f"{KBV}{name}"
    for name in ("broader", "isPartOf", "inCollection", "locatedIn", "instanceOf", "itemOf")
)
"""Properties that lead to what stands above a thing."""

HIGHEST = 8  # levels
MOST_ABOVE = 20  # things on a level
MOST_LINKS = 500
_SSSOM = "https://w3id.org/sssom/"
_OWL = "http://www.w3.org/2002/07/owl#"
EVIDENCE = (
    *(f"{_OWL}annotated{end}" for end in ("Target", "Source")),
    *(f"{_SSSOM}{name}" for name in ("confidence", "other")),
)
"""Properties of what says why things are linked: target, source, confidence, reason."""


@dataclass(frozen=True, slots=True)
class Origin:
    """The origin of a link. graph: its name. mapping: what has the evidence; or empty.

    confidence: 0 to 1, as the evidence writes it. reason: in its words.
    """

    graph: str
    mapping: str = ""
    confidence: str = ""
    reason: str = ""


Origins = Mapping[tuple[str, str], Origin]
"""Property and object to the link's origin, where it is another than the record."""


def find_above(asker: Asker, main: str, statements: Statements) -> list[list[str]]:
    """Return what stands above a thing, level by level, the highest first."""
    seen, levels = {main}, list[list[str]]()
    above = _list_targets(statements.get(main, {}))
    while above and len(levels) < HIGHEST:
        level = [each for each in above if each not in seen][:MOST_ABOVE]
        seen.update(level)
        levels += [level] if level else []
        above = _ask_above(asker, level) if level else []
    return levels[::-1]


def _list_targets(said: Mapping[str, Sequence[Mapping[str, object]]]) -> list[str]:
    terms = [term for each in UPWARDS for term in said.get(each, ())]
    return sorted({str(term["value"]) for term in terms if term["type"] == "uri"})


def _ask_above(asker: Asker, things: Sequence[str]) -> list[str]:
    pattern = f"{write_values('s', things)} {write_values('p', UPWARDS)} ?s ?p ?up"
    query = (
        f"SELECT DISTINCT ?up {{ {pattern} FILTER(isIRI(?up)) }} ORDER BY ?up LIMIT {MOST_ABOVE}"
    )
    return [row["up"]["value"] for row in asker.select(query)]


def find_origins(asker: Asker, document: Document) -> Origins:
    """Return by which graphs a document's things link to others, where these are no records'."""
    if not document.records:
        return {}
    outside = f"FILTER(?g NOT IN ({', '.join(map(iri, document.records))}))"
    details = f"OPTIONAL {{ ?m <{_SSSOM}confidence> ?c }} OPTIONAL {{ ?m <{_SSSOM}other> ?w }}"
    evidence = f"?m <{_OWL}annotatedTarget> ?o ; <{_OWL}annotatedSource> ?s . {details}"
    rows = asker.select(
        f"SELECT ?p ?o ?g ?m ?c ?w {{ {write_values('s', document.things)}"
        f" GRAPH ?g {{ ?s ?p ?o }} FILTER(isIRI(?o)) {outside} OPTIONAL {{ {evidence} }} }}"
        f" LIMIT {MOST_LINKS}"
    )
    return {(row["p"]["value"], row["o"]["value"]): _read_origin(row) for row in rows}


def _read_origin(row: Mapping[str, Mapping[str, str]]) -> Origin:
    return Origin(*(row[name]["value"] if name in row else "" for name in ("g", "m", "c", "w")))
