"""The prefixes that queries may use without declaring them, and what queries declare."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

from pyoxigraph import NamedNode, RdfFormat, parse

from sparql_server.settings import QUERIES
from sparql_server.sparql.clauses import Clauses, read_clauses

_ANY = "<urn:any>"
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


def list_known(query: str, base: str | None = None) -> dict[str, str]:
    """Return the prefixes of a query, declared and predefined, with their namespaces.

    Of a namespace that it declares a prefix for, the predefined one is left out.
    """
    own = _read_declared(read_clauses(query), base)
    named = {namespace for prefix, namespace in own.items() if prefix}
    others = {
        prefix: namespace for prefix, namespace in predefined().items() if namespace not in named
    }
    return others | own


def _read_declared(found: Clauses, base: str | None) -> dict[str, str]:
    try:
        parser = parse(found.prologue, RdfFormat.TURTLE, base_iri=base)
        next(parser, None)
    except (SyntaxError, ValueError):
        return {}
    return dict(parser.prefixes)


def find_dataset(
    query: str, base: str | None = None
) -> tuple[list[NamedNode], list[NamedNode]] | None:
    """Return the graphs of a query's FROM and FROM NAMED; None if it has none (13.2)."""
    found = read_clauses(query)
    if not (found.default or found.named):
        return None
    return _read_graphs(found, found.default, base), _read_graphs(found, found.named, base)


def _read_graphs(found: Clauses, written: Iterable[str], base: str | None) -> list[NamedNode]:
    known = "".join(f"PREFIX {prefix}: <{iri}>\n" for prefix, iri in predefined().items())
    text = "".join(f"{_ANY} {_ANY} {graph} .\n" for graph in written)
    quads = parse(f"{known}{found.prologue}\n{text}", RdfFormat.TURTLE, base_iri=base)
    return [quad.object for quad in quads if isinstance(quad.object, NamedNode)]
