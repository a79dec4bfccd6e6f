"""The stages of a run, one after the other: links and doubts go to temporary tables.

Nothing of it is in force before ``runs`` compares it with what was.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from itertools import islice

import orjson

from loader.link.entities.entities import KINDS, Entity
from loader.link.entities.extraction import load_entity
from loader.link.extracts.link_database import Tables
from loader.link.joining import concepts, derived_links
from loader.link.joining.connected_components import load_components
from loader.link.joining.decisions import Doubt, Link, Step
from loader.link.joining.name_search import NameSearch
from loader.link.joining.priors import measure_priors
from loader.link.joining.shared_identifiers import decide_component
from loader.link.joining.thing_search import ThingSearch
from loader.link.joining.work_search import WORK, WorkSearch
from loader.link.runs.judgements import Judgement
from loader.progress import Advance

_TEMPORARY = """
DROP TABLE IF EXISTS temp.found;
DROP TABLE IF EXISTS temp.doubted;
DROP TABLE IF EXISTS temp.settled;
CREATE TEMP TABLE found (
  subject TEXT NOT NULL, predicate TEXT NOT NULL, object TEXT NOT NULL, stage TEXT NOT NULL,
  confidence REAL NOT NULL, why TEXT NOT NULL, PRIMARY KEY (subject, predicate, object)
) WITHOUT ROWID;
CREATE TEMP TABLE doubted (
  subject TEXT NOT NULL, object TEXT NOT NULL, reason TEXT NOT NULL, confidence REAL NOT NULL,
  why TEXT NOT NULL, PRIMARY KEY (subject, object, reason)
) WITHOUT ROWID;
CREATE TEMP TABLE settled (entity TEXT PRIMARY KEY) WITHOUT ROWID;
"""
_PAGE = 1000
_NAMED_KINDS = frozenset(KINDS.values())
_WIKIDATA = "http://www.wikidata.org/entity/%"

_Search = NameSearch | ThingSearch | WorkSearch
Judged = Mapping[tuple[str, str], Judgement]


def prepare_tables(tables: Tables) -> None:
    """Make the temporary tables, empty."""
    tables.connection.executescript(_TEMPORARY)


def find_links(tables: Tables, judged: Judged, stages: Collection[str], advance: Advance) -> None:
    """Fill the temporary tables ``found`` and ``doubted``."""
    prepare_tables(tables)
    finder = _Finder(tables, judged, advance)
    with tables.transaction():
        if "identifiers" in stages:
            finder.find_by_identifiers()
        if "terms" in stages:
            finder.find_terms()
        finder.flush()
        if "names" in stages:
            finder.find_by_name("identifiers" not in stages)
        finder.flush()


class _Finder:
    def __init__(self, tables: Tables, judged: Judged, advance: Advance) -> None:
        self._tables = tables
        self._judged = judged
        self._advance = advance
        self._found: list[tuple[object, ...]] = []
        self._doubted: list[tuple[object, ...]] = []
        self._apart: dict[str, list[frozenset[str]]] = defaultdict(list)
        for (subject, other), judgement in judged.items():
            if judgement.verdict == "no":
                self._apart[subject].append(frozenset((subject, other)))

    def find_by_identifiers(self) -> None:
        """Join and close; what an entity is called elsewhere follows from its item."""
        self._take_over_judgements()
        for component in load_components(self._tables):
            apart = [pair for entity in component.entities for pair in self._apart[entity]]
            decision = decide_component(component, apart)
            links = list(decision.links)
            sure = {
                link.subject: link.confidence
                for link in links
                if link.object in decision.items.values()
            }
            for entity, item in decision.items.items():
                confidence = sure.get(entity, 0.999)
                links += derived_links.derive_pages(self._tables, entity, item, confidence)
            self._keep(links, decision.doubts)
            self._settle({*decision.items, *(doubt.subject for doubt in decision.doubts)})
            self._advance(len(component.entities))

    def _take_over_judgements(self) -> None:
        """Let what people have said yes to stand beside what records claim."""
        connection = self._tables.connection
        connection.execute("DELETE FROM claim WHERE shape = 'judgement'")
        rows = [
            (judgement.object, judgement.who, judgement.subject)
            for judgement in self._judged.values()
            if judgement.verdict == "yes"
        ]
        connection.executemany(
            "INSERT OR IGNORE INTO claim SELECT id, ?, 'judgement', ? FROM entity WHERE iri = ?",
            rows,
        )

    def find_terms(self) -> None:
        """Find the concepts of headings."""
        found = (
            (heading, concepts.decide_concept(self._tables, heading))
            for heading in concepts.load_headings(self._tables)
        )
        while page := list(islice(found, _PAGE)):
            made = [decision for _, decision in page if decision is not None]
            self._keep(_links(made), _doubts(made))
            self._advance(len(page))

    def find_by_name(self, alone: bool) -> None:
        """Look for the things that have no item by now; one item is nobody's twice.

        alone: identifiers were not joined in this run, so what earlier ones found is in force.
        """
        taken = self._find_taken(alone)
        self._settle(taken.values())
        priors = measure_priors(NameSearch(self._tables, taken), self._load_unsettled(_NAMED_KINDS))
        persons = NameSearch(self._tables, taken, priors)
        things = ThingSearch(self._tables, taken)
        self._match(lambda entity: persons if entity.kind == "person" else things, _NAMED_KINDS)
        # Works are told by their authors, who have been found by now.
        works = WorkSearch(self._tables, taken)
        self._match(lambda entity: works, {WORK})

    def _match(self, choose: Callable[[Entity], _Search], kinds: Collection[str]) -> None:
        """Decide on the entities of some kinds, and keep what no two of them fit."""
        links: list[Link] = []
        doubts: list[Doubt] = []
        for number, iri, body in self._load_unsettled(kinds):
            entity = load_entity(iri, body)
            made = list(choose(entity).decide(number, entity))
            links += _links(made)
            doubts += _doubts(made)
            self._advance(1)
        chosen: dict[str, list[Link]] = defaultdict(list)
        for link in links:
            chosen[link.object].append(link)
        for authority, several in chosen.items():
            if len(several) == 1:
                self._keep_match(several[0], authority)
            else:
                doubts += [_contested(link, several) for link in several]
        self._keep((), doubts)
        self.flush()

    def _keep_match(self, link: Link, authority: str) -> None:
        if self._verdict(link.subject, authority) == "no":
            return
        links = [link]
        if authority.startswith(_WIKIDATA[:-1]):
            for follow in (derived_links.derive_pages, derived_links.derive_names):
                links += follow(self._tables, link.subject, authority, link.confidence)
        self._keep(links, ())

    def _load_unsettled(self, kinds: Collection[str]) -> Iterator[tuple[int, str, str]]:
        last = 0
        while True:
            rows = self._tables.connection.execute(
                "SELECT id, iri, body FROM entity WHERE id > ?"
                " AND NOT EXISTS (SELECT 1 FROM settled WHERE entity = iri) ORDER BY id LIMIT ?",
                (last, _PAGE),
            ).fetchall()
            if not rows:
                return
            last = rows[-1][0]
            for number, iri, body in rows:
                if orjson.loads(body)["kind"] in kinds:
                    yield number, iri, body

    def _find_taken(self, alone: bool) -> dict[str, str]:
        """Return who has which item: by this run or those before, or by what records assert."""
        rows = self._tables.connection.execute(
            "SELECT object, subject FROM link WHERE withdrawn IS NULL AND object LIKE ?1"
            "  AND stage != 'names' AND ?2"
            " UNION SELECT claim.iri, entity.iri FROM claim JOIN entity ON entity.id = entity"
            "  WHERE shape = 'exactMatch' AND claim.iri LIKE ?1"
            " UNION SELECT object, subject FROM found WHERE object LIKE ?1",
            (_WIKIDATA, alone),
        )
        return dict(rows.fetchall())

    def _settle(self, entities: Iterable[str]) -> None:
        self._tables.connection.executemany(
            "INSERT OR IGNORE INTO settled VALUES (?)", ((entity,) for entity in entities)
        )

    def _verdict(self, subject: str, other: str) -> str:
        judgement = self._judged.get((subject, other))
        return judgement.verdict if judgement else ""

    def _keep(self, links: Iterable[Link], doubts: Iterable[Doubt]) -> None:
        self._found += [
            (*_statement(link), link.stage, link.confidence, _dumped(link.why))
            for link in links
            if self._verdict(link.subject, link.object) != "no"
        ]
        self._doubted += [
            (doubt.subject, doubt.object, doubt.reason, doubt.confidence, _dumped(doubt.why))
            for doubt in doubts
            if self._verdict(doubt.subject, doubt.object) == ""
        ]
        if len(self._found) + len(self._doubted) > _PAGE:
            self.flush()

    def flush(self) -> None:
        """Write what is kept in memory."""
        execute = self._tables.connection.executemany
        execute("INSERT OR IGNORE INTO found VALUES (?, ?, ?, ?, ?, ?)", self._found)
        execute("INSERT OR IGNORE INTO doubted VALUES (?, ?, ?, ?, ?)", self._doubted)
        self._found, self._doubted = [], []


def _links(made: Iterable[Link | Doubt]) -> list[Link]:
    return [decision for decision in made if isinstance(decision, Link)]


def _doubts(made: Iterable[Link | Doubt]) -> list[Doubt]:
    return [decision for decision in made if isinstance(decision, Doubt)]


def _contested(link: Link, several: Iterable[Link]) -> Doubt:
    others = ", ".join(sorted(rival.subject for rival in several))
    reason = f"several records fit, perhaps of one person: {others}"
    return Doubt(link.subject, link.object, reason, link.confidence, link.why)


def _dumped(why: Iterable[Step]) -> str:
    return orjson.dumps([(step.one, step.other, step.by, step.text) for step in why]).decode()


def _statement(link: Link) -> tuple[str, str, str]:
    return link.subject, link.predicate, link.object
