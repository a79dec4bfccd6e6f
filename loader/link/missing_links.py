"""Answers to why a thing has no link: what was looked at by name, and why it wasn't proposed."""

from __future__ import annotations

from collections.abc import Iterator

from loader.link.entities.entities import Entity
from loader.link.entities.extraction import load_entity
from loader.link.extracts.link_database import Tables
from loader.link.joining.name_search import NameSearch
from loader.link.joining.thing_evidence import KINDS
from loader.link.joining.thing_search import ThingSearch
from loader.link.joining.work_search import WorkSearch
from loader.link.runs.evidence_wording import split_evidence
from loader.link.stages import prepare_tables

_NEAREST = 3
_NAMED = "is of this kind and has one of its names"
_WANTED = {
    "instance": "has its ISBN, ISSN or number of OCLC",
    "work": "has its title and an author who is linked to be one of its authors",
    "term": "has its code",
}


def explain_absence(tables: Tables, iri: str) -> Iterator[str]:
    """Yield why nothing is linked or proposed; nothing for an address that no record has.

    iri: of an entity, of its record, or of an item.
    """
    row = tables.connection.execute(
        "SELECT id, iri, body FROM entity WHERE iri IN (?1, ?2) ORDER BY id", (iri, f"{iri}#it")
    ).fetchone()
    if row is None:
        if tables.connection.execute("SELECT 1 FROM authority WHERE iri = ?", (iri,)).fetchone():
            yield f"<{iri}> is in the extracts; no record was found to be it"
        return
    entity = load_entity(row[1], row[2])
    yield f"<{entity.iri}> has no link, and nothing is in review"
    if entity.kind == "person":
        yield from _explain_person(NameSearch(tables, {}), row[0], entity)
        return
    search = ThingSearch(tables, {}) if entity.kind in KINDS else WorkSearch(tables, {})
    prepare_tables(tables)
    found = list(search.decide(row[0], entity))
    yield from (f"  <{decision.object}> has the name" for decision in found)
    if not found:
        yield f"  nothing in the extracts {_WANTED.get(entity.kind, _NAMED)}"


def _explain_person(search: NameSearch, number: int, entity: Entity) -> Iterator[str]:
    ranked = search.candidates(number, entity)[1]
    nearest = [candidate for candidates in ranked.values() for candidate in candidates][:_NEAREST]
    for candidate in nearest:
        yield f"  <{candidate.iri}> was looked at: {candidate.probability:.1%} likely"
        support, against = split_evidence(search.steps(entity.iri, candidate))
        yield f"    for it: {', '.join(support) or 'nothing'}"
        if candidate.contradiction:
            against.insert(0, candidate.contradiction)
        yield f"    against: {', '.join(against) or 'nothing'}"
    if not nearest:
        yield "  no person in the extracts has a name like it without years that contradict"
