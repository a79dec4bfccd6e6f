"""Facts of candidates that hints can be compared with: a query for each hint."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sparql_server.answering.answer import Visitor
from sparql_server.answering.answers import Answers
from sparql_server.catalogue.parameter_types import expand
from sparql_server.engine.terms import iri
from sparql_server.reconciling.reconciliation_request import is_iri
from sparql_server.reconciling.scoring import agree_names, agree_values, agree_years
from sparql_server.reconciling.types_and_properties import AUTHOR, LANGUAGE, YEARS
from sparql_server.sparql.namespaces import KBV
from sparql_server.sparql.protocol import QueryRequest
from sparql_server.things.names import MOST_NAMED, find_name, read_names, select_names

_MOST = 20_000  # rows of an answer
_TOGETHER = 500  # things that are asked about at once
_PATTERNS = {
    YEARS.id: """
  { ?thing k:lifeSpan|k:birthDate|k:deathDate|k:originDate ?value }
  UNION { ?thing k:publication/k:year ?value }
  UNION { ?instance k:instanceOf ?thing ; k:publication/k:year ?value }""",
    AUTHOR.id: """
  { ?thing k:contribution/k:agent ?agent }
  UNION { ?thing k:instanceOf/k:contribution/k:agent ?agent }
  { ?agent k:familyName ?value . OPTIONAL { ?agent k:givenName ?more } }
  UNION { ?agent k:name|k:label ?value }""",
    LANGUAGE.id: """
  { ?thing k:language ?more } UNION { ?thing k:instanceOf/k:language ?more }
  OPTIONAL { ?more k:code|k:label|k:prefLabel ?value }""",
}
_OTHER = "  ?thing {property} ?more . OPTIONAL {{ ?more k:code|k:label|k:prefLabel|k:name ?value }}"
_COMPARE = {YEARS.id: agree_years, AUTHOR.id: agree_names}

Facts = Mapping[str, Collection[str]]


@dataclass(frozen=True, slots=True)
class Asker:
    """Asks for a client."""

    answers: Answers
    visitor: Visitor

    def select(self, query: str) -> list[dict[str, Any]]:
        """Return the rows of a query. Raises RequestError."""
        return self._fetch(f"PREFIX k: <{KBV}>\n{query}\nLIMIT {_MOST}")

    def read_names(self, things: Iterable[str], language: str) -> dict[str, str]:
        """Return what things are called, those that have a name. Raises RequestError."""
        wanted, names = sorted(set(things)), dict[str, str]()
        for start in range(0, len(wanted), MOST_NAMED):
            batch = wanted[start : start + MOST_NAMED]
            read = read_names(self._fetch(select_names(batch)))
            found = ((thing, find_name(read, thing, language)) for thing in batch)
            names |= {thing: name for thing, name in found if name}
        return names

    def _fetch(self, query: str) -> list[dict[str, Any]]:
        asked = QueryRequest(query, format="json")
        body = self.answers.fetch(asked, self.visitor).read()
        rows: list[dict[str, Any]] = json.loads(body)["results"]["bindings"]
        return rows


def read_facts(asker: Asker, hint: str, things: Sequence[str]) -> Facts:
    """Return by thing what can be compared with a hint. Raises RequestError."""
    pattern = _PATTERNS.get(hint)
    if pattern is None:
        name = expand(hint)
        if not is_iri(name):
            return {}
        pattern = _OTHER.format(property=iri(name))
    found: dict[str, set[str]] = defaultdict(set)
    for start in range(0, len(things), _TOGETHER):
        values = " ".join(map(iri, things[start : start + _TOGETHER]))
        query = f"SELECT ?thing ?value ?more {{ VALUES ?thing {{ {values} }}{pattern} }}"
        for row in asker.select(query):
            found[row["thing"]["value"]] |= _spell(row, together=hint == AUTHOR.id)
    return found


def _spell(row: Mapping[str, Any], *, together: bool) -> set[str]:
    """Return what a row says: its values, or both as one name; of an IRI also its last part."""
    said = [row[name]["value"] for name in ("value", "more") if name in row]
    if together:
        return {" ".join(said)}
    return {*said, *(text.rstrip("/").rpartition("/")[2] for text in said if "://" in text)}


def compare(hint: str, asked: Sequence[str], known: Collection[str]) -> bool | None:
    """Tell whether what is known of a thing agrees with a hint; None: it can't be told."""
    return _COMPARE.get(hint, agree_values)(asked, known)
