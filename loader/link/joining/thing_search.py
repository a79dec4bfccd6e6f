"""Search by name for what is no person: organizations, meetings, families, places and terms.

A link needs one candidate of the name and kind, that nothing speaks against, and something that
speaks for it beside the name: what it is part of or lies in, its years, another name of its own;
or a name of several words. Anything else of the name goes to review. No probability was fitted:
confidence says which of these it was.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from loader.link.entities.entities import Entity
from loader.link.extracts.link_database import Tables
from loader.link.joining.decisions import EXACT, Doubt, Link
from loader.link.joining.objections import Objections
from loader.link.joining.thing_evidence import (
    KINDS,
    MANY,
    TERMS,
    Candidate,
    compare_things,
    is_telling,
    list_steps,
)
from loader.link.matching.blocks import hash_key, list_thing_search_keys
from loader.link.matching.profiles import Profile, load_profiles, make_profile
from loader.link.names.keys import fold, sort_words
from loader.link.names.thing_names import list_singulars, make_thing_key

_CORROBORATED, _TELLING, _ASKED = 0.99, 0.985, 0.6
_CROWD = 100
_LEVELS = 3  # municipality, county, country; or that of a term's broader terms
_WITHIN = """
WITH RECURSIVE above (iri, level) AS (
  SELECT value, 1 FROM said WHERE authority = ?1 AND property IN ('within', 'subclass')
  UNION SELECT said.value, level + 1 FROM above
    JOIN authority ON authority.iri = above.iri
    JOIN said ON said.authority = authority.id AND said.property IN ('within', 'subclass')
    WHERE level < ?2
)
SELECT DISTINCT label.value FROM above
  JOIN authority ON authority.iri = above.iri
  JOIN said AS label ON label.authority = authority.id AND label.property IN ('label', 'alias')
"""
_HEADING = """
SELECT 1 FROM identifier JOIN heading ON heading.subject = ?1
  WHERE identifier.authority = ?2 AND (identifier.iri = heading.number OR EXISTS (
    SELECT 1 FROM label JOIN authority ON authority.id = label.authority
    WHERE label.key = heading.key AND authority.iri = identifier.iri))
"""


class ThingSearch:
    """Finds things by name; ``taken``: authorities that some entity has by its identifiers."""

    def __init__(self, tables: Tables, taken: dict[str, str]) -> None:
        self._tables = tables
        self._objections = Objections(tables, taken)
        query = "SELECT count(*) FROM (SELECT 1 FROM profile LIMIT ?)"
        self._is_much_read = tables.connection.execute(query, (MANY,)).fetchone()[0] == MANY

    def decide(self, number: int, entity: Entity) -> Iterator[Link | Doubt]:
        """Yield a link, or doubts, for an entity."""
        if entity.kind not in KINDS or not entity.names:
            return
        mine = make_profile(entity.kind, entity.names, entity.life, others=entity.others)
        candidates = _prefer_same(list(self._find(entity, mine)))
        possible = [candidate for candidate in candidates if not candidate.against]
        backed = [candidate for candidate in possible if candidate.supports]
        best = backed if len(backed) == 1 else possible
        for candidate in candidates[:3]:
            reason = self._hindrance(number, entity, candidate, best)
            why = tuple(list_steps(entity.iri, candidate))
            if reason:
                yield Doubt(entity.iri, candidate.iri, reason, _ASKED, why)
            elif candidate in best:
                confidence = _CORROBORATED if candidate.supports else _TELLING
                yield Link(entity.iri, EXACT, candidate.iri, "names", confidence, why)
                return

    def _find(self, entity: Entity, mine: Profile) -> Iterator[Candidate]:
        keys = list_thing_search_keys(entity.names, terms=entity.kind in TERMS)
        numbers = self._in_blocks(keys)
        marks = ",".join("?" * len(numbers))
        query = f"SELECT id, iri FROM authority WHERE source = 'wikidata' AND id IN ({marks})"
        named = dict(self._tables.connection.execute(query, numbers).fetchall())
        for authority, theirs in load_profiles(self._tables, sorted(named)):
            if theirs.kind in (*KINDS[entity.kind], "other"):
                around = self._list_around(authority)
                found = compare_things(named[authority], entity, (mine, theirs), around)
                more = self._compare_headings(entity, authority, theirs)
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

    def _compare_headings(self, entity: Entity, authority: int, theirs: Profile) -> Iterator[str]:
        """Yield how headings of the Library of Congress that a record names speak for an item."""
        if self._tables.connection.execute(_HEADING, (entity.iri, authority)).fetchone():
            yield "the same heading of the Library of Congress"
        rows = self._tables.connection.execute(
            "SELECT text FROM heading WHERE subject = ?", (entity.iri,)
        )
        names = {make_thing_key(name) for name in theirs.folded}
        for (text,) in rows:
            forms = {" ".join(sorted(form.split())) for form in (fold(text), *list_singulars(text))}
            if names & forms:
                yield "the same name in another language"
                return

    def _list_around(self, authority: int) -> set[str]:
        rows = self._tables.connection.execute(_WITHIN, (authority, _LEVELS))
        return {make_thing_key(label) for (label,) in rows}

    def _hindrance(
        self, number: int, entity: Entity, candidate: Candidate, best: Sequence[Candidate]
    ) -> str:
        """Return why a candidate isn't linked to; the empty text if it is."""
        if candidate.against:
            return candidate.against
        if len(best) > 1 or candidate not in best:
            return "several of the name: " + ", ".join(sorted(other.iri for other in best))
        if objection := self._objections.find(number, entity.iri, candidate.iri):
            return objection
        if not candidate.supports and not is_telling(entity, candidate, self._is_much_read):
            return "only the name agrees"
        return self._rival(number, entity, candidate)

    def _rival(self, number: int, entity: Entity, candidate: Candidate) -> str:
        """Return who else in Libris has the name, unless what they are part of tells them apart.

        A vocabulary that has "Charity" beside "Charities" means two things by them.
        """
        if entity.within:
            return ""
        keys = [sort_words(fold(entity.names[0]))]
        if not candidate.is_same:
            keys += map(sort_words, list_singulars(entity.names[0]))
        row = self._tables.connection.execute(
            f"SELECT iri FROM namesake JOIN entity ON entity.id = entity"
            f" WHERE key IN ({','.join('?' * len(keys))})"
            " AND entity != ? AND json_extract(body, '$.kind') = ?",
            (*keys, number, entity.kind),
        ).fetchone()
        return f"another record has the name: {row[0]}" if row else ""


def _prefer_same(candidates: Sequence[Candidate]) -> Sequence[Candidate]:
    """Return the candidates of the very name; if there are none, those of it in the singular."""
    same = [candidate for candidate in candidates if candidate.is_same]
    return same or candidates
