"""The description of a dataset as a document, in a format."""

from __future__ import annotations

from functools import lru_cache

from sparql_server.dataset.description import Described

_RDFLIB_NAMES = {"ttl": "turtle", "nt": "nt", "rdf": "xml", "jsonld": "json-ld"}
_REMEMBERED = 8


@lru_cache(maxsize=_REMEMBERED)
def describe_dataset(described: Described, format_name: str) -> bytes:
    """Return the description in a format, by its short name."""
    from sparql_server.dataset.dcat import describe  # rdflib takes its time

    text: bytes = describe(described).serialize(format=_RDFLIB_NAMES[format_name], encoding="utf-8")
    return text
