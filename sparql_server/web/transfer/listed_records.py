"""The records that sitemaps list, part by part: 10,000 in each, of the 50,000 that may be."""

from __future__ import annotations

from sparql_server.answering.answer import Visitor
from sparql_server.answering.endpoint import Endpoint
from sparql_server.sparql.namespaces import KBV
from sparql_server.things.facts import Asker, Hubs

PART = 10_000
"""Records in a sitemap."""

_MOST_SORTED = 100_000  # of more, the order is that of the engine, which stays while a release does


def count_sitemaps(endpoint: Endpoint) -> int:
    """Return how many sitemaps list the records of the release that is served."""
    return -(-_count_records(endpoint) // PART)


def list_records(endpoint: Endpoint, number: int, visitor: Visitor) -> list[str]:
    """Return the IRIs of the records in a sitemap. number: from 1. Raises RequestError."""
    order = " ORDER BY ?record" if _count_records(endpoint) <= _MOST_SORTED else ""
    pattern = f"?record a <{KBV}Record> FILTER(isIRI(?record))"
    part = f"{order} LIMIT {PART} OFFSET {(number - 1) * PART}"
    rows = Asker(endpoint.answers, visitor, Hubs()).select(f"SELECT ?record {{ {pattern} }}{part}")
    return [row["record"]["value"] for row in rows]


def _count_records(endpoint: Endpoint) -> int:
    release = endpoint.answers.release
    classes = release.manifest().get("classes", {}) if release else {}
    return int(classes.get(f"{KBV}Record", 0))
