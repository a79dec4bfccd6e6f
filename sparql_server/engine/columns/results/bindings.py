"""Solutions one by one, as mappings of variables to terms that pyoxigraph has made."""

from __future__ import annotations

from collections.abc import Iterator

import pyoxigraph as ox

from sparql_server.engine.columns.results.answering import Found
from sparql_server.engine.columns.results.graph_results import make_node
from sparql_server.engine.columns.solutions.arrays import Numbers, factorize
from sparql_server.engine.columns.solutions.query_terms import QueryTerms
from sparql_server.engine.columns.solutions.solutions import UNBOUND

_PART = 10_000  # solutions whose terms are made at once

Node = ox.NamedNode | ox.BlankNode | ox.Literal


def list_bindings(found: Found) -> Iterator[dict[str, Node | None]]:
    """Yield each solution; None for a variable that is unbound in it."""
    for table in found.parts:
        for begin in range(0, table.size, _PART):
            part = table.cut(begin, begin + _PART)
            columns = [_make_nodes(part.column(name), found.terms) for name in found.names]
            if not columns:
                yield from ({} for _ in range(part.size))
            for row in zip(*columns, strict=True):
                yield dict(zip(found.names, row, strict=True))


def _make_nodes(column: Numbers, terms: QueryTerms) -> list[Node | None]:
    first, of_row = factorize(column)
    nodes = [
        None if number == UNBOUND else make_node(terms.term(number))
        for number in column[first].tolist()
    ]
    return [nodes[place] for place in of_row.tolist()]
