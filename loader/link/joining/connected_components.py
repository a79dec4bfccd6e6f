"""Connected components: entities and authorities that identifiers connect, loaded together.

The join itself is the database's; what hangs together is found with whole numbers only, so that a
million entities fit in little memory.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from loader.link.entities.extraction import load_entity
from loader.link.extracts.link_database import Tables
from loader.link.joining.closure import PROPERTIES, SHAPES, Edge
from loader.link.joining.redirects import follow_edges
from loader.link.matching.profiles import Profile, load_profiles, make_profile

_TOGETHER = 400  # components loaded with one query

# One statement at a time: a script would end the transaction that it is run in.
_TOUCHED = (
    "CREATE TEMP TABLE touched (authority INTEGER PRIMARY KEY, round INTEGER NOT NULL)",
    "INSERT OR IGNORE INTO touched SELECT DISTINCT identifier.authority, 0"
    " FROM claim JOIN identifier ON identifier.iri = claim.iri WHERE NOT identifier.pseudonym",
)
_FURTHER = """
INSERT OR IGNORE INTO touched SELECT DISTINCT other.authority, ?1 + 1
  FROM touched JOIN identifier AS one ON one.authority = touched.authority
  JOIN identifier AS other ON other.iri = one.iri
  WHERE touched.round = ?1 AND NOT one.pseudonym AND NOT other.pseudonym
"""
_OF_ENTITIES = """
SELECT DISTINCT claim.entity, identifier.authority FROM claim
  JOIN identifier ON identifier.iri = claim.iri WHERE NOT identifier.pseudonym
"""
_OF_AUTHORITIES = """
SELECT DISTINCT one.authority, other.authority FROM touched
  JOIN identifier AS one ON one.authority = touched.authority
  JOIN identifier AS other ON other.iri = one.iri AND other.authority > one.authority
  WHERE NOT one.pseudonym AND NOT other.pseudonym
"""
# An edition's number says something only if an extract has it, too: reprints share them.
_SAYS_ALONE = "iri NOT LIKE 'urn:%' AND iri NOT LIKE 'http://www.worldcat.org/oclc/%'"
_CLAIMANTS = f"SELECT DISTINCT entity FROM claim WHERE shape != 'self' AND {_SAYS_ALONE}"
_SHARED = f"""
SELECT iri, entity FROM claim WHERE iri IN
  (SELECT iri FROM claim GROUP BY iri HAVING min(entity) < max(entity)
     AND ({_SAYS_ALONE} OR EXISTS (SELECT 1 FROM identifier WHERE identifier.iri = claim.iri)))
  ORDER BY iri, entity
"""


@dataclass(frozen=True, slots=True)
class Component:
    """Entities and authorities that identifiers connect.

    entities, authorities: IRI to number. edges: who says what of whom. profiles: by IRI.
    apart: pairs that records or extracts say are different.
    """

    entities: dict[str, int]
    authorities: dict[str, int]
    edges: tuple[Edge, ...]
    profiles: dict[str, Profile]
    apart: tuple[frozenset[str], ...] = ()


class _Forest:
    """Disjoint sets of whole numbers, with path halving."""

    def __init__(self, size: int) -> None:
        self._parent = array("q", range(size))

    def find(self, node: int) -> int:
        parent = self._parent
        while parent[node] != node:
            parent[node] = parent[parent[node]]
            node = parent[node]
        return node

    def join(self, one: int, other: int) -> None:
        # The smaller number is the root, whatever the order of joining.
        one, other = sorted((self.find(one), self.find(other)))
        self._parent[other] = one

    def sets(self) -> Iterator[list[int]]:
        """Yield the sets, by their smallest numbers."""
        members: dict[int, list[int]] = {}
        for node in range(len(self._parent)):
            root = self.find(node)
            if root != node:
                members.setdefault(root, [root]).append(node)
        for node in range(len(self._parent)):
            if self._parent[node] == node:
                yield members.pop(node, [node])


def load_components(tables: Tables) -> Iterator[Component]:
    """Yield what hangs together: an entity at least, with something that it is called elsewhere."""
    connection = tables.connection
    connection.execute("DROP TABLE IF EXISTS temp.touched")
    for statement in _TOUCHED:
        connection.execute(statement)
    step = 0
    while connection.execute(_FURTHER, (step,)).rowcount > 0:
        step += 1
    forest = _Forest(_size(tables))
    for entity, authority in connection.execute(_OF_ENTITIES):
        forest.join(2 * entity, 2 * authority + 1)
    for authority, other in connection.execute(_OF_AUTHORITIES):
        forest.join(2 * authority + 1, 2 * other + 1)
    for first, entity in _find_shared(connection.execute(_SHARED)):
        forest.join(2 * first, 2 * entity)
    claimants = {entity for (entity,) in connection.execute(_CLAIMANTS)}
    found = (
        members for members in forest.sets() if len(members) > 1 or members[0] // 2 in claimants
    )
    wanted = (members for members in found if any(not node % 2 for node in members))
    while page := list(islice(wanted, _TOGETHER)):
        yield from _load(tables, page)


def _find_shared(rows: Iterable[tuple[str, int]]) -> Iterator[tuple[int, int]]:
    """Yield the pairs of entities that claim the same IRI."""
    former, first = "", 0
    for iri, entity in rows:
        if iri != former:
            former, first = iri, entity
        else:
            yield first, entity


def _size(tables: Tables) -> int:
    query = "SELECT max((SELECT ifnull(max(id), 0) FROM entity), ifnull(max(id), 0)) FROM authority"
    return 2 * int(tables.connection.execute(query).fetchone()[0]) + 2


def _load(tables: Tables, page: Sequence[Sequence[int]]) -> Iterator[Component]:
    entities = [node // 2 for members in page for node in members if not node % 2]
    authorities = [node // 2 for members in page for node in members if node % 2]
    loaded = {
        number: load_entity(iri, body) for number, iri, body in _rows(tables, _ENTITY, entities)
    }
    claims = _group(_rows(tables, _CLAIM, entities))
    names = {number: iri for number, iri in _rows(tables, _AUTHORITY, authorities)}
    identifiers = _group(_rows(tables, _IDENTIFIER, authorities))
    different = _group(_rows(tables, _DIFFERENT, authorities))
    known = dict(load_profiles(tables, authorities))
    gone = {names[number] for (number,) in _rows(tables, _GONE, authorities)}
    for members in page:
        mine = {loaded[node // 2].iri: node // 2 for node in members if not node % 2}
        theirs = {names[node // 2]: node // 2 for node in members if node % 2}
        made = {iri: known[number] for iri, number in theirs.items() if number in known}
        apart = []
        for iri, number in mine.items():
            entity = loaded[number]
            made[iri] = make_profile(entity.kind, entity.names, entity.life, others=entity.others)
            apart += [frozenset((iri, other)) for other in entity.others if ":" in other]
        for iri, number in theirs.items():
            apart += [frozenset((iri, other)) for (other,) in different.get(number, ())]
        edges = [*_claim_edges(mine, claims), *_identifier_edges(theirs, identifiers)]
        yield Component(mine, theirs, follow_edges(edges, gone), made, tuple(apart))


_ENTITY = "SELECT id, iri, body FROM entity WHERE id IN ({})"
_CLAIM = "SELECT entity, iri, shape, text FROM claim WHERE entity IN ({}) ORDER BY entity, iri"
_AUTHORITY = "SELECT id, iri FROM authority WHERE id IN ({})"
_IDENTIFIER = (
    "SELECT authority, iri, property, min(name) FROM identifier"
    " JOIN extract ON extract.id = extract WHERE authority IN ({}) AND NOT pseudonym"
    " GROUP BY 1, 2, 3"
)
_GONE = "SELECT DISTINCT authority FROM said WHERE property = 'gone' AND authority IN ({})"
_DIFFERENT = "SELECT authority, value FROM said WHERE property = 'different' AND authority IN ({})"


def _rows(tables: Tables, query: str, numbers: Sequence[int]) -> Iterator[tuple[Any, ...]]:
    for start in range(0, len(numbers), 900):
        batch = numbers[start : start + 900]
        yield from tables.connection.execute(query.format(",".join("?" * len(batch))), batch)


def _group(rows: Iterable[tuple[Any, ...]]) -> dict[int, list[tuple[Any, ...]]]:
    found: dict[int, list[tuple[Any, ...]]] = {}
    for number, *rest in rows:
        found.setdefault(number, []).append(tuple(rest))
    return found


def _claim_edges(
    entities: dict[str, int], claims: dict[int, list[tuple[Any, ...]]]
) -> Iterator[Edge]:
    for iri, number in entities.items():
        for other, shape, text in claims.get(number, ()):
            if other != iri:
                yield Edge(iri, other, SHAPES[shape], shape, text)


def _identifier_edges(
    authorities: dict[str, int], identifiers: dict[int, list[tuple[Any, ...]]]
) -> Iterator[Edge]:
    for iri, number in authorities.items():
        for other, by, name in identifiers.get(number, ()):
            if other != iri:
                yield Edge(iri, other, PROPERTIES[by], by, name)
