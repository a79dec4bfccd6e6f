"""Questions to each service, and readers of its answers: requests out, facts in.

Wikidata: https://www.mediawiki.org/wiki/API:Main_page (wbgetentities) and SPARQL 1.1; LC's label
service: https://id.loc.gov/techcenter/searching.html; VIAF: https://developer.api.oclc.org/viaf-api
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import quote, unquote

import orjson

from loader.link.extracts import loc, viaf
from loader.link.extracts.authority_facts import Fact, state_identifier
from loader.link.extracts.wikidata import SOURCE, read_item_facts
from loader.link.identifiers.identifiers import Identifier, wikidata
from loader.link.identifiers.identifiers import viaf as viaf_cluster
from loader.link.names.keys import make_label_key
from loader.link.online.fetcher import Answer, Question
from loader.link.online.services import Service

TOGETHER = 100  # values in one SPARQL query
ITEMS_TOGETHER = 50  # the most that wbgetentities takes
_SOURCE_ID = re.compile(r"([A-Z][A-Z0-9]*)\|(.+)")


def ask_items(service: Service, by: str, values: Sequence[str]) -> Question:
    """Return the question which items have these values of a property."""
    listed = " ".join(f'"{value}"' for value in values)
    query = (
        "PREFIX wdt: <http://www.wikidata.org/prop/direct/>"
        f" SELECT ?item ?value {{ VALUES ?value {{ {listed} }} ?item wdt:{by} ?value }}"
    )
    return Question(service.url, "application/sparql-results+json", form={"query": query})


def check_items(answer: Answer) -> str:
    """Return why an answer is no SPARQL result."""
    found = _json(answer)
    bindings = found.get("results", {}).get("bindings") if isinstance(found, dict) else None
    return "" if isinstance(bindings, list) else f"no SPARQL result: {answer.body[:80]!r}"


def read_items(answer: Answer) -> list[str]:
    """Return the numbers of the items in a SPARQL result, ``Q1762``."""
    rows = _json(answer)["results"]["bindings"]
    found = (str(row["item"]["value"]).rpartition("/")[2] for row in rows)
    return sorted({item for item in found if wikidata(item)})


def ask_entities(service: Service, items: Sequence[str]) -> Question:
    """Return the question for what is said of items, fifty at most."""
    query = {
        "action": "wbgetentities",
        "format": "json",
        "formatversion": "2",
        "ids": "|".join(items),
        "maxlag": "5",
        "props": "labels|aliases|claims|sitelinks",
        "redirects": "yes",
    }
    return Question(service.url, "application/json", query)


def check_entities(answer: Answer) -> str:
    """Return why an answer has no entities: errors come with status 200 too."""
    found = _json(answer)
    if not isinstance(found, dict):
        return f"no JSON: {answer.body[:80]!r}"
    if "error" in found:
        return f"error {found['error'].get('code')} in the answer"
    return "" if isinstance(found.get("entities"), (dict, list)) else "no entities in the answer"


def read_entities(answer: Answer, asked: Sequence[str]) -> list[Fact]:
    """Return what is said of items; one that was merged is also found by its former number."""
    found = _json(answer)["entities"]
    by_name = (
        found.items()
        if isinstance(found, dict)
        else ((entity.get("id"), entity) for entity in found)
    )
    facts: list[Fact] = []
    for name, item in by_name:
        facts += read_item_facts(item)
        now = wikidata(str(item.get("id", "")))
        if now and "missing" in item:
            facts.append(Fact(now.iri, SOURCE, "gone", "deleted"))
        elif now and name in asked and item.get("id") != name:
            facts += state_identifier(now.iri, SOURCE, "redirect", wikidata(str(name)))
    return facts


def ask_label(service: Service, scheme: str, text: str) -> Question:
    """Return the question which concept of a scheme has this label."""
    return Question(f"{service.url}/authorities/{scheme}/label/{quote(text, safe='')}", "*/*")


def check_label(answer: Answer) -> str:
    """Return why an answer says nothing about a label."""
    if answer.status == 404:
        return ""
    if answer.status in (302, 303) and "x-uri" in answer.headers:
        return ""
    return f"status {answer.status} without X-URI"


def read_label(answer: Answer, text: str) -> list[Fact]:
    """Return the concept that a label is of; nothing if there is none."""
    named = loc.find_authority(answer.headers.get("x-uri", ""))
    if answer.status == 404 or named is None:
        return []
    # The plain header is in Latin-1 whatever it says; only the encoded one can be trusted.
    preferred = unquote(answer.headers.get("x-preflabel-encoded", "")) or text
    facts = loc.read_label_facts(named, preferred, True)
    if make_label_key(preferred) != make_label_key(text):
        facts += loc.read_label_facts(named, text, False)
    return facts


def ask_cluster(service: Service, number: str) -> Question:
    """Return the question for a VIAF cluster."""
    return Question(f"{service.url}/viaf/{number}", "application/json")


def check_cluster(answer: Answer) -> str:
    """Return why an answer is no cluster: a page that blocks comes with status 200 too."""
    if answer.status in (302, 303, 404):
        return ""
    return "" if isinstance(_json(answer), dict) else f"no JSON: {answer.body[:80]!r}"


def read_cluster(answer: Answer, number: str) -> list[Fact]:
    """Return which names a cluster brings together; one that was merged is found by both."""
    asked, found = viaf_cluster(number), _json(answer)
    if asked is None or not isinstance(found, dict):
        return []
    now = asked
    for key, value in _walk(found):
        if key == "directto" and (moved := viaf_cluster(str(value))) is not None:
            now = moved
    facts = state_identifier(now.iri, viaf.SOURCE, "redirect", asked) if now != asked else []
    for identifier in sorted(set(_sources(found)), key=lambda identifier: identifier.iri):
        facts += state_identifier(now.iri, viaf.SOURCE, "VIAF", identifier)
    return facts


def _sources(found: dict[str, Any]) -> Iterator[Identifier]:
    for key, value in _walk(found):
        match = _SOURCE_ID.fullmatch(value) if isinstance(value, str) and key != "recid" else None
        other = viaf.name_elsewhere(match[1], match[2]) if match else None
        if other is not None:
            yield other


def _walk(value: object, key: str = "") -> Iterator[tuple[str, object]]:
    """Yield every key and value below, the key without the prefix, which is another each time."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _walk(inner, str(name).rpartition(":")[2])
    elif isinstance(value, list):
        for inner in value:
            yield from _walk(inner, key)
    else:
        yield key, value


def _json(answer: Answer) -> Any:
    try:
        return orjson.loads(answer.body)
    except orjson.JSONDecodeError:
        return None
