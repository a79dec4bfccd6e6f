"""Answers to why a thing has no link: what its record says, and who was looked at by name."""

from __future__ import annotations

import re
from collections.abc import Iterator

from loader.link.entities.entities import Entity
from loader.link.entities.extraction import load_entity
from loader.link.extracts.link_database import Tables
from loader.link.identifiers import identifiers
from loader.link.identifiers.normalisation import read_address
from loader.link.joining.closure import WIKIDATA
from loader.link.joining.name_search import NameSearch
from loader.link.joining.redirects import list_moved
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


_RECORD = re.compile(r"[0-9a-z]{14,17}", re.ASCII)
_CLAIMS = (
    "SELECT DISTINCT claim.iri, shape, text FROM claim"
    " WHERE entity = ? AND shape NOT IN ('self', 'judgement') ORDER BY 1, 2"
)
_CLAIMED = (
    "SELECT DISTINCT entity.iri, shape FROM claim JOIN entity ON entity.id = entity"
    " WHERE claim.iri = ? AND shape NOT IN ('self', 'judgement') ORDER BY 1, 2 LIMIT 20"
)


def spell_address(text: str) -> str:
    """Return the address that somebody means: of an item, a record, or as it is.

    >>> spell_address("Q7724"), spell_address("https://www.wikidata.org/wiki/Q7724")
    ('http://www.wikidata.org/entity/Q7724', 'http://www.wikidata.org/entity/Q7724')
    >>> spell_address("64jmq9fq21x1w63")
    'https://libris.kb.se/64jmq9fq21x1w63'
    """
    plain = text.strip().removeprefix("<").removesuffix(">")
    if _RECORD.fullmatch(plain):
        return f"https://libris.kb.se/{plain}"
    known = identifiers.wikidata(plain) or read_address(plain)
    return known.iri if known and known.kind not in ("libris", "record", "label") else plain


def explain_absence(tables: Tables, iri: str) -> Iterator[str]:
    """Yield why nothing is linked or proposed; nothing for an address that no record has.

    iri: of an entity, of its record, or of an item.
    """
    row = tables.connection.execute(
        "SELECT id, iri, body FROM entity WHERE iri IN (?1, ?2) ORDER BY id", (iri, f"{iri}#it")
    ).fetchone()
    if row is None:
        yield from _explain_authority(tables, iri)
        return
    entity = load_entity(row[1], row[2])
    said = list(_explain_claims(tables, row[0]))
    yield f"<{entity.iri}> has no link of a run, and nothing is in review"
    yield from (line for line, _ in said)
    if any(is_settled for _, is_settled in said):
        yield "  so it isn't looked for by name"
        return
    if entity.kind == "person":
        yield from _explain_person(NameSearch(tables, {}), row[0], entity)
        return
    search = ThingSearch(tables, {}) if entity.kind in KINDS else WorkSearch(tables, {})
    prepare_tables(tables)
    found = list(search.decide(row[0], entity))
    yield from (f"  <{decision.object}> has the name" for decision in found)
    if not found:
        yield f"  nothing in the extracts {_WANTED.get(entity.kind, _NAMED)}"


def _explain_authority(tables: Tables, iri: str) -> Iterator[str]:
    """Yield which records link to an authority themselves, what it became, or that it is there."""
    query = tables.connection.execute
    claimed = query(_CLAIMED, (iri,)).fetchall()
    yield from (f"<{entity}> links to <{iri}> itself ({shape})" for entity, shape in claimed)
    if became := _tell_moved(tables, iri):
        yield f"<{iri}> {became}"
    elif not claimed and query("SELECT 1 FROM authority WHERE iri = ?", (iri,)).fetchone():
        yield f"<{iri}> is in the extracts; no record was found to be it"


def _explain_claims(tables: Tables, number: int) -> Iterator[tuple[str, bool]]:
    """Yield what a record says of its thing, and whether that settles which item it is."""
    query = tables.connection.execute
    for iri, shape, _ in query(_CLAIMS, (number,)).fetchall():
        became = _tell_moved(tables, iri)
        line = f"  its record links to <{iri}> itself ({shape})"
        is_item = shape == "exactMatch" and iri.startswith(WIKIDATA)
        yield f"{line}, which {became}" if became else line, is_item and not became
    unread = "SELECT shape, text FROM unread_claim WHERE entity = ? ORDER BY 1, 2"
    for shape, text in query(unread, (number,)).fetchall():
        yield f"  its record has an identifier that can't be read: {text!r} ({shape})", False


def _tell_moved(tables: Tables, iri: str) -> str:
    """Return what became of a name that was merged, split or deleted; empty for any other."""
    now = list_moved(tables, iri)
    if now == [iri]:
        return ""
    return f"was merged into {' and '.join(f'<{name}>' for name in now)}" if now else "was deleted"


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
