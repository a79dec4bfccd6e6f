"""The spelling of literals that Oxigraph has: of xsd:integer, "01" is 1."""

from __future__ import annotations

from functools import lru_cache

import pyoxigraph as ox

from sparql_server.engine.columns.algebra import Kind, Term, Unsuited


@lru_cache(maxsize=256)
def spell(term: Term) -> Term:
    """Return a typed literal as it stands in a store. Raises Unsuited."""
    store = ox.Store()
    node = ox.NamedNode("urn:x")
    store.add(ox.Quad(node, node, ox.Literal(term.value, datatype=ox.NamedNode(term.tag))))
    for quad in store:
        if isinstance(quad.object, ox.Literal):
            return Term(Kind.TYPED, quad.object.value, quad.object.datatype.value)
    raise Unsuited("a literal that can't be kept")
