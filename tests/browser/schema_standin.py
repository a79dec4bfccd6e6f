"""What a release says of its schema and its things, made of a server's data by queries.

It stands in for the addresses ``/schema`` and ``/search`` where a release lacks them.
"""

from __future__ import annotations

import json
import urllib.parse
import urllib.request
from collections.abc import Iterator
from typing import Any

from playwright.sync_api import Page, Route

from tests.server.conftest import Server

VOCABULARY = "https://id.kb.se/vocab/"

CLASSES = "SELECT ?class (COUNT(DISTINCT ?s) AS ?n) { ?s a ?class } GROUP BY ?class"
PROPERTIES = "SELECT ?class ?p (COUNT(*) AS ?n) { ?s a ?class ; ?p ?o } GROUP BY ?class ?p"
VALUES = """SELECT ?class ?p ?of (COUNT(*) AS ?n) { ?s a ?class ; ?p ?o . ?o a ?of }
GROUP BY ?class ?p ?of"""
LABELS = "SELECT ?s ?l (LANG(?l) AS ?lang) { ?s :prefLabel|rdfs:label ?l }"
NAMES = """SELECT ?s ?l ?class {
  { ?s :prefLabel ?l } UNION { ?s :givenName ?g ; :familyName ?f BIND(CONCAT(?f, ", ", ?g) AS ?l) }
  ?s a ?class }"""


def ask(server: Server, query: str) -> Iterator[dict[str, str]]:
    address = (
        f"{server.address}/sparql?{urllib.parse.urlencode({'query': query, 'format': 'json'})}"
    )
    with urllib.request.urlopen(address) as answer:
        for row in json.load(answer)["results"]["bindings"]:
            yield {name: term["value"] for name, term in row.items()}


def schema(server: Server) -> dict[str, Any]:
    labels: dict[str, dict[str, str]] = {}
    for row in ask(server, LABELS):
        labels.setdefault(row["s"], {})[row["lang"] or "sv"] = row["l"]
    values: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in ask(server, VALUES):
        reached = {"iri": row["of"], "count": int(row["n"])}
        values.setdefault((row["class"], row["p"]), []).append(reached)
    own: dict[str, list[dict[str, Any]]] = {}
    totals: dict[str, int] = {}
    for row in ask(server, PROPERTIES):
        classes = values.get((row["class"], row["p"]), [])
        property_ = {"iri": row["p"], "count": int(row["n"]), "values": {"classes": classes}}
        own.setdefault(row["class"], []).append(property_)
        totals[row["p"]] = totals.get(row["p"], 0) + int(row["n"])
    return {
        "classes": [
            {
                "iri": row["class"],
                "label": labels.get(row["class"], {}),
                "count": int(row["n"]),
                "properties": own.get(row["class"], []),
            }
            for row in ask(server, CLASSES)
        ],
        "properties": [
            {"iri": iri, "label": labels.get(iri, {}), "count": count}
            for iri, count in totals.items()
        ],
        "prefixes": {},
    }


class Standin:
    """Answers for ``/schema`` and ``/search``. searched: the words it was asked for."""

    def __init__(self, server: Server) -> None:
        self.schema = json.dumps(schema(server))
        self.names = list(ask(server, NAMES))
        self.searched: list[str] = []

    def attach(self, page: Page) -> None:
        page.route("**/schema", self._schema)
        page.route("**/search?*", self._search)

    def _schema(self, route: Route) -> None:
        route.fulfill(body=self.schema, content_type="application/json")

    def _search(self, route: Route) -> None:
        asked = urllib.parse.parse_qs(urllib.parse.urlsplit(route.request.url).query)
        words = asked["q"][0].casefold().split()
        self.searched.append(asked["q"][0])
        hits = [
            {
                "iri": row["s"],
                "label": row["l"],
                "class": row["class"],
                "class_label": row["class"].removeprefix(VOCABULARY),
                "uses": 1,
                "matched": row["l"],
            }
            for row in self.names
            if all(word in row["l"].casefold() for word in words)
            and asked.get("class", [row["class"]])[0] == row["class"]
        ]
        route.fulfill(json={"hits": hits[:12]})
