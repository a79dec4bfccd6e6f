"""Search by name for what is no person: organizations, meetings, families, places and terms.

A link needs one candidate of the name and kind, that nothing speaks against, and something that
speaks for it beside the name: what it is part of or lies in, its years, another name of its own;
or a name of several words. Anything else of the name goes to review. No probability was fitted:
confidence says which of these it was.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from loader.link.entities.entities import Entity
from loader.link.extracts.tables import Tables
from loader.link.joining.decisions import EXACT, Doubt, Link, Step
from loader.link.joining.objections import Objections
from loader.link.matching.profiles import Profile, hash_key, load_profiles, make_profile, thing_keys
from loader.link.matching.score import find_veto
from loader.link.names.keys import fold, sort_words, split_qualifiers, stem_term, thing_key
from loader.link.names.lifespans import EQUAL, compare_years

TERMS = frozenset({"topic", "genre"})
_KINDS = {
    "organization": ("organization",),
    "meeting": ("meeting",),
    "family": ("family",),
    "place": ("place",),
    "topic": ("other", "topic", ""),
    "genre": ("other", "genre", "topic", ""),
}
_CORROBORATED, _TELLING, _ASKED = 0.99, 0.985, 0.6
_CROWD = 100
_WITHIN = """
SELECT DISTINCT label.value FROM said AS within
  JOIN authority ON authority.iri = within.value
  JOIN said AS label ON label.authority = authority.id AND label.property IN ('label', 'alias')
  WHERE within.authority = ? AND within.property = 'within'
"""
_HEADING = """
SELECT 1 FROM identifier JOIN heading ON heading.subject = ?1
  WHERE identifier.authority = ?2 AND (identifier.iri = heading.number OR EXISTS (
    SELECT 1 FROM label JOIN authority ON authority.id = label.authority
    WHERE label.key = heading.key AND authority.iri = identifier.iri))
"""


@dataclass(frozen=True, slots=True)
class _Candidate:
    """An authority of the name. supports: what speaks for it. against: what does not."""

    iri: str
    supports: tuple[str, ...]
    against: str


class ThingSearch:
    """Finds things by name; ``taken``: authorities that some entity has by its identifiers."""

    def __init__(self, tables: Tables, taken: dict[str, str]) -> None:
        self._tables = tables
        self._objections = Objections(tables, taken)

    def decide(self, number: int, entity: Entity) -> Iterator[Link | Doubt]:
        """Yield a link, or doubts, for an entity."""
        if entity.kind not in _KINDS or not entity.names:
            return
        mine = make_profile(entity.kind, entity.names, entity.life, others=entity.others)
        candidates = list(self._find(entity, mine))
        possible = [candidate for candidate in candidates if not candidate.against]
        backed = [candidate for candidate in possible if candidate.supports]
        best = backed if len(backed) == 1 else possible
        for candidate in candidates[:3]:
            reason = self._hindrance(number, entity, candidate, best)
            why = tuple(_steps(entity.iri, candidate))
            if reason:
                yield Doubt(entity.iri, candidate.iri, reason, _ASKED, why)
            elif candidate in best:
                confidence = _CORROBORATED if candidate.supports else _TELLING
                yield Link(entity.iri, EXACT, candidate.iri, "names", confidence, why)
                return

    def _find(self, entity: Entity, mine: Profile) -> Iterator[_Candidate]:
        numbers = self._in_blocks(thing_keys(entity.names))
        marks = ",".join("?" * len(numbers))
        query = f"SELECT id, iri FROM authority WHERE source = 'wikidata' AND id IN ({marks})"
        named = dict(self._tables.connection.execute(query, numbers).fetchall())
        context = _context(entity)
        for authority, theirs in load_profiles(self._tables, sorted(named)):
            if theirs.kind in _KINDS[entity.kind]:
                around = self._around(authority)
                found = _compare(named[authority], entity, (mine, theirs), (context, around))
                more = self._headings(entity, authority, theirs)
                yield replace(found, supports=(*found.supports, *more))

    def _in_blocks(self, keys: set[str]) -> list[int]:
        found: set[int] = set()
        for key in sorted(keys):
            rows = self._tables.connection.execute(
                "SELECT authority FROM block WHERE key = ? LIMIT ?", (hash_key(key), _CROWD + 1)
            ).fetchall()
            if len(rows) <= _CROWD:
                found.update(number for (number,) in rows)
        return sorted(found)

    def _headings(self, entity: Entity, authority: int, theirs: Profile) -> Iterator[str]:
        """Yield how headings of the Library of Congress that a record names speak for an item."""
        if self._tables.connection.execute(_HEADING, (entity.iri, authority)).fetchone():
            yield "the same heading of the Library of Congress"
        rows = self._tables.connection.execute(
            "SELECT text FROM heading WHERE subject = ?", (entity.iri,)
        )
        stems = {stem_term(name) for name in theirs.folded}
        if any(stem_term(sort_words(fold(text))) in stems for (text,) in rows):
            yield "the same name in another language"

    def _around(self, authority: int) -> set[str]:
        rows = self._tables.connection.execute(_WITHIN, (authority,))
        return {thing_key(label) for (label,) in rows}

    def _hindrance(
        self, number: int, entity: Entity, candidate: _Candidate, best: Sequence[_Candidate]
    ) -> str:
        """Return why a candidate isn't linked to; the empty text if it is."""
        if candidate.against:
            return candidate.against
        if len(best) > 1 or candidate not in best:
            return "several of the name: " + ", ".join(sorted(other.iri for other in best))
        if objection := self._objections.find(number, entity.iri, candidate.iri):
            return objection
        if not candidate.supports and not _is_telling(entity):
            return "only the name agrees"
        return self._rival(number, entity)

    def _rival(self, number: int, entity: Entity) -> str:
        """Return who else in Libris has the name, unless what they are part of tells them apart."""
        if entity.within:
            return ""
        row = self._tables.connection.execute(
            "SELECT iri FROM namesake JOIN entity ON entity.id = entity WHERE key = ?"
            " AND entity != ? AND json_extract(body, '$.kind') = ?",
            (" ".join(sorted(fold(entity.names[0]).split())), number, entity.kind),
        ).fetchone()
        return f"another record has the name: {row[0]}" if row else ""


def _context(entity: Entity) -> set[str]:
    """Return what an entity is part of or lies in, as keys."""
    parts = [*entity.within, *(part for name in entity.names for part in split_qualifiers(name))]
    return {thing_key(part) for part in parts} - {""}


def _compare(
    iri: str,
    entity: Entity,
    profiles: tuple[Profile, Profile],
    surroundings: tuple[set[str], set[str]],
) -> _Candidate:
    (mine, theirs), (context, around) = profiles, surroundings
    supports = []
    if context & around:
        supports.append("part of, or lies in: " + ", ".join(sorted(context & around)))
    if compare_years(mine.life.birth, theirs.life.birth) == EQUAL:
        supports.append("same year of beginning")
    shared = set(mine.folded) & set(theirs.folded)
    if len(shared) > 1:
        supports.append("several names in common")
    against = find_veto(mine, theirs)
    if not against and context and around and not context & around:
        against = f"part of something else: {', '.join(sorted(around)[:3])}"
    if not against and entity.kind in TERMS and not _same_term(mine, theirs):
        against = "only in the plural or singular is the term the same"
    return _Candidate(iri, tuple(supports), against)


def _same_term(mine: Profile, theirs: Profile) -> bool:
    stems = {stem_term(name) for name in theirs.folded}
    return any(stem_term(name) in stems for name in mine.folded)


def _is_telling(entity: Entity) -> bool:
    """Tell whether few other things can have a name: it has several words, or is a place's."""
    if entity.kind in TERMS:
        return False
    words = [word for word in thing_key(entity.names[0]).split() if len(word) > 2]
    return len(words) > 1 or entity.kind == "place"


def _steps(iri: str, candidate: _Candidate) -> Iterator[Step]:
    yield Step(iri, candidate.iri, "the same name")
    for support in candidate.supports:
        yield Step(iri, candidate.iri, support)
    if candidate.against:
        yield Step(iri, candidate.iri, candidate.against)
