"""The prefixes that queries may use without declaring them."""

from __future__ import annotations

from functools import cache

from pyoxigraph import NamedNode, RdfFormat, parse

from sparql_server.settings import QUERIES

_SH = "http://www.w3.org/ns/shacl#"


@cache
def predefined() -> dict[str, str]:
    """Return prefix to namespace, from ``queries/prefixes.ttl``, in the order of the prefixes."""
    text = (QUERIES / "prefixes.ttl").read_bytes()
    said: dict[str, dict[str, str]] = {}
    for subject, predicate, object_, _ in parse(text, RdfFormat.TURTLE):
        if predicate in (NamedNode(f"{_SH}prefix"), NamedNode(f"{_SH}namespace")):
            said.setdefault(str(subject), {})[predicate.value] = getattr(object_, "value", "")
    pairs = ((pair[f"{_SH}prefix"], pair[f"{_SH}namespace"]) for pair in said.values())
    return dict(sorted(pairs))
