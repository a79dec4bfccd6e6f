"""Search for works by author, title and year: one work of an author has a title.

The author is known by then: an item that the record's agent is, by identifiers or by name.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from loader.link.entities.entities import Entity
from loader.link.extracts.link_database import Tables
from loader.link.joining.decisions import EXACT, Doubt, Link, Step
from loader.link.joining.objections import Objections
from loader.link.matching.blocks import hash_key, list_thing_search_keys
from loader.link.matching.profiles import Profile, load_profiles, make_profile
from loader.link.names.lifespans import APART, compare_years

WORK = "work"
_AGREED, _ASKED = 0.99, 0.6
_CROWD = 200
_BY_AUTHOR = (
    "SELECT DISTINCT value FROM said JOIN authority ON authority.id = said.authority"
    " WHERE property = 'author' AND authority.id = ?"
)
_ITEM = (
    "SELECT object FROM (SELECT object FROM found WHERE subject = ?1 AND object LIKE ?2"
    " UNION SELECT object FROM link WHERE subject = ?1 AND object LIKE ?2 AND withdrawn IS NULL"
    " UNION SELECT claim.iri FROM claim JOIN entity ON entity.id = claim.entity"
    "  WHERE entity.iri = ?1 AND shape = 'exactMatch' AND claim.iri LIKE ?2)"
)
_WIKIDATA = "http://www.wikidata.org/entity/%"


class WorkSearch:
    """Finds works; ``taken``: items that some entity has. Authors' links are in ``found``."""

    def __init__(self, tables: Tables, taken: Mapping[str, str]) -> None:
        self._execute = tables.connection.execute
        self._tables = tables
        self._objections = Objections(tables, taken)

    def decide(self, number: int, entity: Entity) -> Iterator[Link | Doubt]:
        """Yield a link, or doubts, for a work whose author has an item."""
        authors = {item for agent in entity.authors for item in self._list_items(agent)}
        if not authors or not entity.names:
            return
        mine = make_profile(WORK, entity.names, entity.life)
        candidates = list(self._find(mine, entity, authors))
        for iri, theirs, shared in candidates[:3]:
            why = (
                Step(entity.iri, iri, "the same title"),
                *(Step(entity.iri, iri, "the same author", author) for author in sorted(shared)),
            )
            if reason := self._hinder(number, entity, (iri, theirs), len(candidates)):
                yield Doubt(entity.iri, iri, reason, _ASKED, why)
            else:
                yield Link(entity.iri, EXACT, iri, "names", _AGREED, why)

    def _list_items(self, agent: str) -> list[str]:
        return [item for (item,) in self._execute(_ITEM, (agent, _WIKIDATA))]

    def _find(
        self, mine: Profile, entity: Entity, authors: set[str]
    ) -> Iterator[tuple[str, Profile, set[str]]]:
        """Yield the works of these authors that have a title in common."""
        numbers: set[int] = set()
        for key in sorted(list_thing_search_keys(entity.names, terms=False)):
            query = "SELECT authority FROM block WHERE key = ? LIMIT ?"
            rows = self._execute(query, (hash_key(key), _CROWD)).fetchall()
            numbers.update(number for (number,) in rows)
        for number, theirs in load_profiles(self._tables, numbers):
            shared = authors & {author for (author,) in self._execute(_BY_AUTHOR, (number,))}
            if shared and theirs.kind in (WORK, "other"):
                row = self._execute("SELECT iri FROM authority WHERE id = ?", (number,)).fetchone()
                yield row[0], theirs, shared

    def _hinder(
        self, number: int, entity: Entity, candidate: tuple[str, Profile], count: int
    ) -> str:
        """Return why a work isn't linked to; the empty text if it is."""
        iri, theirs = candidate
        if count > 1:
            return "several works of the author have the title"
        if compare_years(entity.life.birth, theirs.life.birth) == APART:
            return "years of publication differ"
        return self._objections.find(number, entity.iri, iri)
