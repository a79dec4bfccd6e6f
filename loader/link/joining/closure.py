"""Closure of links under constraints: the groups of identifiers that name one thing.

Links are followed from the strongest to the weakest. A group of equally strong ones that would
bring together what can't be one thing is held back, all of it, and the constraint it breaks is
named: nothing depends on the order in which links came.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from loader.link.matching.profiles import Profile
from loader.link.matching.score import find_veto

WIKIDATA = "http://www.wikidata.org/entity/"
LC_NAMES = "http://id.loc.gov/authorities/names/"

# What a link in a record is worth, by its shape, and one in an extract, by its property.
SHAPES = {
    "judgement": 30.0,
    "self": 20.0,
    "exactMatch": 12.0,
    "sameAs": 9.0,
    "identifiedBy": 9.0,
    "recordControlNumber": 8.8,
    "uri": 8.0,
    "document": 6.0,
}
PROPERTIES = {
    "self": 20.0,
    "redirect": 20.0,
    "P5587": 10.0,
    "P906": 9.5,
    "P4801": 9.5,
    "P219": 9.0,
    "P244": 9.1,
    "LC": 9.1,
    "P496": 9.0,
    "P212": 9.2,
    "P957": 9.2,
    "P236": 9.2,
    "P243": 9.0,
    "P213": 8.5,
    "P227": 8.5,
    "P214": 7.0,
    "VIAF": 6.0,
}


@dataclass(frozen=True, slots=True)
class Edge:
    """Two names of one thing, as somebody has it. by: a shape or a property. text: as written."""

    one: str
    other: str
    weight: float
    by: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class Conflict:
    """Edges that were held back. constraint: the one they break, and how."""

    constraint: str
    edges: tuple[Edge, ...]
    nodes: frozenset[str]


@dataclass(frozen=True, slots=True)
class Known:
    """The knowledge that constraints are checked against.

    profiles: of entities and authorities, by node. entities: the nodes that Libris describes.
    apart: pairs of nodes that are known to differ, either way round. agreed: pairs that people have
    said to be one, whatever their years.
    """

    profiles: Mapping[str, Profile]
    entities: frozenset[str]
    apart: frozenset[frozenset[str]] = frozenset()
    agreed: frozenset[frozenset[str]] = frozenset()


@dataclass(slots=True)
class _Cluster:
    nodes: set[str]
    edges: list[Edge] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Closure:
    """clusters: nodes that are one thing, with the edges that say so. conflicts: what wasn't."""

    clusters: tuple[tuple[frozenset[str], tuple[Edge, ...]], ...]
    conflicts: tuple[Conflict, ...]


def close(edges: Iterable[Edge], known: Known) -> Closure:
    """Follow links from the strongest to the weakest as long as no constraint is broken."""
    clusters: dict[str, _Cluster] = {}
    conflicts: list[Conflict] = []
    ordered = sorted(set(edges), key=lambda edge: (-edge.weight, edge.one, edge.other, edge.by))
    for node in [*known.entities, *(end for edge in ordered for end in (edge.one, edge.other))]:
        clusters.setdefault(node, _Cluster({node}))
    for _, group in groupby(ordered, key=lambda edge: edge.weight):
        for linked in _group_linked(list(group), clusters):
            _join(linked, clusters, known, conflicts)
    distinct = {id(cluster): cluster for cluster in clusters.values()}.values()
    whole = [(frozenset(cluster.nodes), tuple(cluster.edges)) for cluster in distinct]
    return Closure(tuple(sorted(whole, key=lambda cluster: sorted(cluster[0]))), tuple(conflicts))


def _group_linked(edges: Sequence[Edge], clusters: Mapping[str, _Cluster]) -> Iterator[list[Edge]]:
    """Yield the edges that hang together, given the clusters there are."""
    home: dict[int, list[Edge]] = {}
    for edge in edges:
        ends = {id(clusters[edge.one]), id(clusters[edge.other])}
        together = {id(home[end]): home[end] for end in ends if end in home}
        merged = [edge, *(joined for part in together.values() for joined in part)]
        members = {id(clusters[end]) for joined in merged for end in (joined.one, joined.other)}
        home.update(dict.fromkeys(members, merged))
    yield from {id(part): part for part in home.values()}.values()


def _join(
    edges: list[Edge],
    clusters: dict[str, _Cluster],
    known: Known,
    conflicts: list[Conflict],
) -> None:
    parts = {
        id(cluster): cluster
        for edge in edges
        for cluster in (clusters[edge.one], clusters[edge.other])
    }
    nodes = set().union(*(part.nodes for part in parts.values()))
    broken = find_breach(nodes, known) if len(parts) > 1 else ""
    if broken:
        ordered = sorted(edges, key=lambda edge: (edge.one, edge.other, edge.by))
        conflicts.append(Conflict(broken, tuple(ordered), frozenset(nodes)))
        return
    whole = _Cluster(nodes, [*(edge for part in parts.values() for edge in part.edges), *edges])
    for node in nodes:
        clusters[node] = whole


def find_breach(nodes: Iterable[str], known: Known) -> str:
    """Return the constraint that nodes break if they are one thing, or the empty text."""
    here = sorted(nodes)
    entities = [node for node in here if node in known.entities]
    if len(entities) > 1:
        return "several records share an identifier: " + ", ".join(entities)
    for name, beginning in (("items", WIKIDATA), ("LC names", LC_NAMES)):
        found = [node for node in here if node.startswith(beginning)]
        if len(found) > 1:
            return f"several {name}: " + ", ".join(found)
    return _find_apart(here, known) or _find_veto(here, known)


def _find_apart(here: Sequence[str], known: Known) -> str:
    for pair in known.apart:
        if pair <= set(here):
            return "said to differ: " + ", ".join(sorted(pair))
    return ""


def _find_veto(here: Sequence[str], known: Known) -> str:
    """Compare all that have a profile with each other; few ever do."""
    profiled = [node for node in here if node in known.profiles]
    for place, node in enumerate(profiled):
        for other in profiled[place + 1 :]:
            if frozenset((node, other)) in known.agreed:
                continue
            if reason := find_veto(known.profiles[node], known.profiles[other]):
                return f"{reason} ({node}, {other})"
    return ""


def find_path(edges: Sequence[Edge], start: str, end: str) -> list[Edge]:
    """Return the edges that lead from one node to another, as few as there are, strongest first."""
    around: dict[str, list[Edge]] = defaultdict(list)
    for edge in edges:
        around[edge.one].append(edge)
        around[edge.other].append(edge)
    came: dict[str, tuple[str, Edge]] = {}
    waiting = [start]
    for node in waiting:
        for edge in sorted(around[node], key=lambda edge: (-edge.weight, edge.one, edge.other)):
            other = edge.other if edge.one == node else edge.one
            if other not in came and other != start:
                came[other] = (node, edge)
                waiting.append(other)
    found: list[Edge] = []
    while end in came:
        end, edge = came[end]
        found.append(edge)
    return found[::-1]
