"""The inquiry of a run: a plan of questions, and the answers, which enter the tables.

Each answer is one transaction with the note that it came, so an interrupted run goes on.
"""

from __future__ import annotations

import hashlib
import logging
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from loader.link.extracts.authority_facts import Fact, Writer
from loader.link.extracts.link_database import Tables
from loader.link.joining.decisions import kind_of
from loader.link.online import questions as ask
from loader.link.online.fetcher import Answer, Failed, Fetcher, Question
from loader.link.online.manners import Refused
from loader.link.online.services import Service
from loader.progress import Advance
from sparql_server.records.legacy import find_legacy_number

logger = logging.getLogger(__name__)

_PROPERTIES = {"isni": "P213", "viaf": "P214", "lcnames": "P244", "lcterms": "P244", "gnd": "P227"}
_SOURCE = {"wikidata-query": "wikidata", "wikidata": "wikidata", "viaf": "viaf", "lc": "lc"}

# Entities without an item, by what this run has found, and what they are called elsewhere.
_OPEN = """
SELECT DISTINCT claim.iri FROM claim JOIN entity ON entity.id = claim.entity
  WHERE NOT EXISTS (SELECT 1 FROM settled WHERE settled.entity = entity.iri)
  AND NOT EXISTS (SELECT 1 FROM identifier WHERE identifier.iri = claim.iri
    AND identifier.property LIKE 'P%')
  ORDER BY 1
"""
_HEADINGS = """
SELECT DISTINCT vocabulary, text FROM heading WHERE number = '' AND text != '' AND NOT EXISTS
  (SELECT 1 FROM label WHERE label.key = heading.key) ORDER BY 1, 2
"""


@dataclass(slots=True)
class Plan:
    """The questions of a run. values: by property; headings: vocabulary and text."""

    values: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    clusters: list[str] = field(default_factory=list)
    headings: list[tuple[str, str]] = field(default_factory=list)

    def count_requests(self) -> dict[str, int]:
        """Return how many requests to each service this takes at most."""
        several = [-(-len(values) // ask.TOGETHER) for values in self.values.values()]
        items = sum(map(len, self.values.values()))
        return {
            "wikidata-query": sum(several),
            "wikidata": -(-items // ask.ITEMS_TOGETHER),
            "viaf": len(self.clusters),
            "lc": len(self.headings),
        }


def plan_questions(tables: Tables) -> Plan:
    """Return what is worth asking after a look at what is on this machine."""
    made = Plan()
    for (iri,) in tables.connection.execute(_OPEN).fetchall():
        kind, value = kind_of(iri), iri.rpartition("/")[2]
        if kind in _PROPERTIES:
            made.values[_PROPERTIES[kind]].append(value)
        if kind == "viaf":
            made.clusters.append(value)
        if kind == "libris" and value.endswith("#it"):
            identifier = value.removesuffix("#it")
            made.values["P5587"].append(identifier)
            if (legacy := find_legacy_number(identifier)) and legacy[0] == "auth":
                made.values["P906"].append(str(legacy[1]))
    made.headings = tables.connection.execute(_HEADINGS).fetchall()
    return made


class Asker:
    """Asks what a plan holds. failures: what could not be answered, a sentence each."""

    def __init__(
        self,
        tables: Tables,
        fetcher: Fetcher,
        services: dict[str, Service],
        now: Callable[[], float],
    ) -> None:
        self.failures: list[str] = []
        self._tables = tables
        self._fetcher = fetcher
        self._services = services
        self._now = now
        self._closed: set[str] = set()

    def ask(self, made: Plan, advance: Advance) -> None:
        """Ask each service in turn; one that refuses is left alone for the rest of the run."""
        items: set[str] = set()
        for by, values in sorted(made.values.items()):
            for batch in _pieces(values, ask.TOGETHER):
                items.update(self._items(by, batch))
                advance(len(batch))
        for batch in _pieces(sorted(items - self._known()), ask.ITEMS_TOGETHER):
            self._entities(batch)
            advance(len(batch))
        for vocabulary, text in made.headings:
            self._label(vocabulary, text)
            advance(1)
        for number in made.clusters:
            self._cluster(number)
            advance(1)

    def _items(self, by: str, values: Sequence[str]) -> list[str]:
        service = self._services["wikidata-query"]
        question = ask.ask_items(service, by, values)
        answer = self._find_answer(service, f"{by} {' '.join(values)}", question, ask.check_items)
        return ask.read_items(answer) if answer else []

    def _known(self) -> set[str]:
        rows = self._tables.connection.execute(
            "SELECT DISTINCT iri FROM authority JOIN said ON authority = id"
            " WHERE source = 'wikidata' AND property = 'label'"
        )
        return {iri.rpartition("/")[2] for (iri,) in rows}

    def _entities(self, items: Sequence[str]) -> None:
        service = self._services["wikidata"]
        question = ask.ask_entities(service, items)
        answer = self._find_answer(service, " ".join(items), question, ask.check_entities)
        if answer:
            self._keep(service, " ".join(items), answer, ask.read_entities(answer, items))

    def _label(self, vocabulary: str, text: str) -> None:
        service = self._services["lc"]
        name = f"{vocabulary} {text}"
        question = ask.ask_label(service, vocabulary, text)
        if answer := self._find_answer(service, name, question, ask.check_label):
            self._keep(service, name, answer, ask.read_label(answer, text))

    def _cluster(self, number: str) -> None:
        service = self._services["viaf"]
        question = ask.ask_cluster(service, number)
        if answer := self._find_answer(service, number, question, ask.check_cluster):
            self._keep(service, number, answer, ask.read_cluster(answer, number))

    def _find_answer(
        self, service: Service, name: str, question: Question, problem: Callable[[Answer], str]
    ) -> Answer | None:
        if service.name in self._closed:
            return None
        try:
            return self._fetcher.ask(service, question, problem)
        except Failed as error:
            self._fail(service, name, f"{service.name}: {error}")
        except Refused as error:
            self._closed.add(service.name)
            self._fail(service, name, str(error))
        return None

    def _fail(self, service: Service, name: str, reason: str) -> None:
        logger.warning("%s", reason)
        self.failures.append(reason)
        self._note(service, name, "", reason)

    def _keep(self, service: Service, name: str, answer: Answer, facts: Sequence[Fact]) -> None:
        """Put an answer's facts into the tables, with the note that it came."""
        headers = sorted(header for header in answer.headers.items() if header[0].startswith("x-"))
        digest = hashlib.sha256(answer.body + repr(headers).encode()).hexdigest()
        with self._tables.transaction():
            Writer(self._tables.connection, self._extract(service)).write(facts)
            self._note(service, name, digest, "")
            self._sum_up(service)

    def _note(self, service: Service, name: str, digest: str, failure: str) -> None:
        self._tables.connection.execute(
            "INSERT OR REPLACE INTO answer VALUES (?, ?, ?, ?, ?)",
            (service.name, name, digest, failure, self._now()),
        )

    def _extract(self, service: Service) -> int:
        row = self._tables.connection.execute(
            "INSERT INTO extract (key, source, name, fingerprint, done) VALUES (?, ?, ?, '', 1)"
            " ON CONFLICT (key) DO UPDATE SET done = 1 RETURNING id",
            (f"online {service.name}", _SOURCE[service.name], service.name),
        ).fetchone()
        return int(row[0])

    def _sum_up(self, service: Service) -> None:
        """Give the extract a checksum of all that the service has answered."""
        answers = self._tables.connection.execute(
            "SELECT question, digest FROM answer WHERE service = ? AND digest != '' ORDER BY 1",
            (service.name,),
        ).fetchall()
        digest = hashlib.sha256(repr(answers).encode()).hexdigest()
        self._tables.connection.execute(
            "UPDATE extract SET sha256 = ?, position = ? WHERE key = ?",
            (digest, len(answers), f"online {service.name}"),
        )


def _pieces(values: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    for start in range(0, len(values), size):
        yield values[start : start + size]
