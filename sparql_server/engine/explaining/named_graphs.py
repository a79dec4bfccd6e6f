"""Graphs that a query names: whether they are there, and whether its patterns can see them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pyoxigraph as ox

from sparql_server.engine.explaining import similar_terms
from sparql_server.engine.explaining.pattern_parts import Condition, Match, Nested, Part, Walk
from sparql_server.engine.explaining.release_data import Facts, Reason

_SAID = 200


def find_graph_reasons(parts: Sequence[Part], facts: Facts) -> Iterator[Reason]:
    """Yield the reasons that lie in FROM, FROM NAMED and GRAPH (13.2, 13.3)."""
    dataset = facts.dataset
    blocks = list(_list_graphs(parts))
    if dataset is not None:
        for name in (*dataset.default, *dataset.named):
            if not facts.has_graph(name):
                yield _say_unknown(name, facts)
        if not dataset.default and _has_pattern_outside(parts):
            yield {"kind": "no-default-graph"}
        if not dataset.named and blocks:
            yield {"kind": "no-named-graphs"}
    for block in blocks:
        if not isinstance(block.graph, ox.NamedNode):
            continue
        if not facts.has_graph(block.graph):
            yield _say_unknown(block.graph, facts)
        elif dataset is not None and dataset.named and block.graph not in dataset.named:
            yield {
                "kind": "graph-left-out",
                "term": similar_terms.shorten_iri(block.graph.value)[:_SAID],
            }


def _say_unknown(name: ox.NamedNode, facts: Facts) -> Reason:
    near = [iri for iri in similar_terms.list_variants(name.value) if _has(iri, facts)]
    near += [] if near else _find_near(name, facts)
    shown = [similar_terms.shorten_iri(iri)[:_SAID] for iri in near[:3]]
    return {
        "kind": "unknown-graph",
        "term": similar_terms.shorten_iri(name.value)[:_SAID],
        "nearest": shown,
    }


def _has(iri: str, facts: Facts) -> bool:
    try:
        return facts.has_graph(ox.NamedNode(iri))
    except ValueError:
        return False


def _find_near(name: ox.NamedNode, facts: Facts) -> list[str]:
    """Return the graph that a thing is described in, or one of a name that is like this one."""
    quads = facts.quads(name, None, None)
    quad = next(quads, None)
    if quad is not None and isinstance(quad.graph_name, ox.NamedNode):
        return [quad.graph_name.value]
    around = facts.neighbours(name.value, similar_terms.split_iri(name.value)[0])
    return [iri for iri in similar_terms.find_nearest(name.value, around) if _has(iri, facts)]


def _list_graphs(parts: Sequence[Part]) -> Iterator[Nested]:
    """Yield the parts with GRAPH that must have a solution."""
    for part in parts:
        if isinstance(part, Nested) and part.word in ("", "GRAPH", "SELECT"):
            if part.word == "GRAPH":
                yield part
            yield from _list_graphs(part.groups[0])
        elif isinstance(part, Condition) and part.group is not None and not part.negated:
            yield from _list_graphs(part.group)


def _has_pattern_outside(parts: Sequence[Part]) -> bool:
    return any(
        isinstance(part, (Match, Walk))
        or isinstance(part, Nested)
        and part.word in ("", "SELECT")
        and _has_pattern_outside(part.groups[0])
        for part in parts
    )
