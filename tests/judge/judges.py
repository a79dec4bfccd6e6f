"""Two judges of what a query's answer is: Oxigraph as the server asks it, and rdflib."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

import pyoxigraph as ox
import rdflib
from rdflib.plugins.sparql import evaluate

from sparql_server.engine.columns.algebra import Unsuited
from sparql_server.engine.oxigraph.conforming_answers import ask
from tests.server.columns_comparison import asked

Solution = frozenset[tuple[str, str]]
"""Names of variables, or places of a triple, with terms; of blank nodes only that they are."""

Answer = Counter[Solution] | bool


def by_oxigraph(nquads: str, query: str) -> Answer:
    """Return a query's answer; solutions by the names of their variables."""
    store = ox.Store()
    store.load(nquads.encode(), ox.RdfFormat.N_QUADS)
    found = ask(store, query, {}, None, {"use_default_graph_as_union": True})
    if isinstance(found, ox.QueryBoolean):
        return bool(found)
    if isinstance(found, ox.QuerySolutions):
        names = [variable.value for variable in found.variables]
        return Counter(_solution(zip(names, map(_ox, row), strict=True)) for row in found)
    return Counter({_solution(zip("spo", map(_ox, triple), strict=True)) for triple in found})


def _solution(pairs: Iterable[tuple[str, str]]) -> Solution:
    return frozenset((name, term) for name, term in pairs if term)


def _ox(term: object) -> str:
    if term is None:
        return ""
    return "_" if isinstance(term, ox.BlankNode) else str(term)


def by_columns(nquads: str, query: str) -> Answer:
    """Return a query's answer, as columns find it. Raises Unsuited where they don't."""
    data = asked(nquads, {})
    try:
        names, _ = data.by_oxigraph(query)
    except AssertionError as error:
        raise Unsuited("no SELECT") from error
    rows = data.by_columns(query, names)
    return Counter(_solution(zip(names, map(_unnamed, row), strict=True)) for row in rows)


def _unnamed(term: str) -> str:
    return "_" if term.startswith("_:") else term


_aggregated = evaluate.evalAggregateJoin


def _without_empty_group(context: Any, part: Any) -> Iterator[Any]:
    """Yield what rdflib has aggregated, but for the group of no solutions that it makes up."""
    for row in _aggregated(context, part):
        if len(row) or part.p.expr is None:
            yield row


def _joined(context: Any, part: Any) -> Iterator[Any]:
    """Yield what two patterns have in common, each evaluated by itself and with all it has (18.5).

    rdflib evaluates the second with the first's bindings, or takes its equal solutions for one.
    """
    others = list(evaluate.evalPart(context, part.p2))
    for solution in evaluate.evalPart(context, part.p1):
        yield from (solution.merge(other) for other in others if solution.compatible(other))


def _left_joined(context: Any, part: Any) -> Iterator[Any]:
    """Yield what OPTIONAL makes of two patterns, each evaluated by itself (18.5, LeftJoin)."""
    others = list(evaluate.evalPart(context, part.p2))
    for solution in evaluate.evalPart(context, part.p1):
        both = [solution.merge(other) for other in others if solution.compatible(other)]
        found = [merged for merged in both if evaluate._ebv(part.expr, merged.forget(context))]
        yield from found or [solution]


evaluate.evalAggregateJoin = _without_empty_group
evaluate.evalJoin = _joined
evaluate.evalLeftJoin = _left_joined


def by_rdflib(nquads: str, query: str) -> Answer:
    """Return a query's answer, as the other judge does."""
    data = rdflib.Dataset(default_union=True)
    data.parse(data=nquads, format="nquads")
    found = data.query(query)
    if found.type == "ASK":
        return bool(found.askAnswer)
    if found.type == "CONSTRUCT":
        # Triples that are none are left out (16.2).
        triples = [
            triple for triple in found.graph or () if not isinstance(triple[0], rdflib.Literal)
        ]
        return Counter(
            {_solution(zip("spo", map(_rdflib, triple), strict=True)) for triple in triples}
        )
    rows = [{str(name): _rdflib(term) for name, term in row.items()} for row in found.bindings]
    return Counter(_solution(row.items()) for row in rows)


def _rdflib(term: object) -> str:
    if term is None:
        return ""
    if isinstance(term, rdflib.BNode):
        return "_"
    if isinstance(term, rdflib.Literal):
        datatype = None if term.datatype is None else ox.NamedNode(term.datatype)
        if term.language:
            return str(ox.Literal(str(term), language=term.language))
        return str(ox.Literal(str(term), datatype=datatype))
    return f"<{term}>"
