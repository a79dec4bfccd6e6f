"""Replies to programs that search: things, saved queries and terms as JSON, with an entity tag."""

from __future__ import annotations

import json
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from sparql_server.answering.entity_tags import is_known
from sparql_server.answering.replies import Reply
from sparql_server.catalogue.saved_query import SavedQuery
from sparql_server.finding.schema import Term

_VARY = "Accept, Accept-Language, Accept-Encoding"


def describe_query(query: SavedQuery, base: str) -> dict[str, Any]:
    """Return what is said of a saved query that fits. base: address of the list, absolute."""
    return {"name": query.name, "address": f"{base}{query.name}", "title": dict(query.title)}


def describe_term(term: Term, language: str) -> dict[str, Any]:
    """Return what is said of a term that fits."""
    return {
        "iri": term.iri,
        "name": term.name,
        "kind": term.kind,
        "label": term.label(language),
        "uses": term.count,
    }


def make_search_reply(found: Mapping[str, Any], release: int | None, known: str) -> Reply:
    """Return the reply to a program.

    found: all that there is to say. release: that is served. known: tags of what the client has.
    The tag stands for what is said, not for how long it took.
    """
    body = json.dumps(found, ensure_ascii=False).encode() + b"\n"
    said = json.dumps({**found, "took_ms": 0}).encode()
    tag = f'W/"{sha256(said).hexdigest()[:32]}"'
    headers = [("Cache-Control", "no-cache"), ("ETag", tag), ("Vary", _VARY)]
    if release is not None:
        headers.append(("Libris-Release", str(release)))
    if known and is_known(tag, known):
        return Reply(304, headers)
    headers += [("Content-Type", "application/json"), ("Content-Length", str(len(body)))]
    return Reply(200, headers, body)
