"""Decisions by shared identifiers: links and doubts of a component, after closure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from loader.link.joining.closure import Conflict, Edge, Known, close, find_path
from loader.link.joining.connected_components import Component
from loader.link.joining.decisions import (
    AUTOMATIC,
    CLOSE,
    EXACT,
    Doubt,
    Link,
    Step,
    kind_of,
    reason_of,
)
from loader.link.matching.score import BITS, Score, compare_profiles

_DIRECT = ("P5587", "P906", "P4801", "P219")
_LINKED = ("wikidata", "viaf", "lcnames", "lcterms", "isni", "gnd", "orcid", "dbpedia")
_CERTAIN = 0.995  # of what a record itself says in so many words
_SAID = 0.9  # of a document in which a thing is merely said to be described


@dataclass(frozen=True, slots=True)
class Decision:
    """links and doubts of a component. items: entity to the item it is; open: those without one."""

    links: tuple[Link, ...]
    doubts: tuple[Doubt, ...]
    items: dict[str, str]


def decide_component(
    component: Component, judged_apart: Collection[frozenset[str]] = ()
) -> Decision:
    """Return what a component comes to. judged_apart: pairs that people have told apart."""
    apart = frozenset((*component.apart, *judged_apart))
    agreed = frozenset(
        frozenset((edge.one, edge.other)) for edge in component.edges if edge.by == "judgement"
    )
    known = Known(component.profiles, frozenset(component.entities), apart, agreed)
    closure = close(component.edges, known)
    links: list[Link] = []
    doubts = [doubt for conflict in closure.conflicts for doubt in _doubts(conflict, component)]
    items: dict[str, str] = {}
    for nodes, edges in closure.clusters:
        for entity in sorted(nodes & known.entities):
            found = _Cluster(entity, nodes, edges, component)
            links += found.links()
            doubts += found.doubts()
            if found.item and found.is_sure:
                items[entity] = found.item
    return Decision(tuple(links), tuple(dict.fromkeys(doubts)), items)


def _doubts(conflict: Conflict, component: Component) -> Iterator[Doubt]:
    """Yield who is to be looked at beside what: items if there are any, else what was shared."""
    ends = {end for edge in conflict.edges for end in (edge.one, edge.other)}
    objects = sorted(node for node in conflict.nodes if kind_of(node) == "wikidata")
    objects = objects or sorted(ends - component.entities.keys())
    for entity in sorted(conflict.nodes & component.entities.keys()):
        why = tuple(reason_of(edge) for edge in conflict.edges)
        for other in objects or sorted(ends - {entity}):
            yield Doubt(entity, other, conflict.constraint, 0.5, why)


class _Cluster:
    """An entity and what closure holds to be the same. is_sure: its item may be linked to."""

    def __init__(
        self,
        entity: str,
        nodes: Collection[str],
        edges: Sequence[Edge],
        component: Component,
    ) -> None:
        self.entity = entity
        self.item = next((node for node in sorted(nodes) if kind_of(node) == "wikidata"), "")
        self._nodes, self._edges, self._component = nodes, edges, component
        self._claims = [edge for edge in edges if edge.one == entity]
        self.score = self._score() if self.item else None
        self._probability = self.score.probability if self.score else 0.0
        is_likely = self._probability >= AUTOMATIC
        self.is_sure = bool(self.item) and (is_likely or self._is_judged())

    def _is_judged(self) -> bool:
        return any(edge.by == "judgement" and edge.other == self.item for edge in self._claims)

    def _is_of_work(self) -> bool:
        """Tell whether the entity is an edition, and the item the work that it is of."""
        profiles = self._component.profiles
        other = profiles.get(self.item)
        return (
            profiles[self.entity].kind == "instance"
            and other is not None
            and (other.kind == "work")
        )

    def _score(self) -> Score:
        """Weigh what the entity and the item have in common; further identifiers count less."""
        found: list[tuple[float, str, str]] = []
        mine = {self.entity} | {edge.other for edge in self._claims}
        for edge in self._edges:
            if edge.one == self.item and edge.other in mine and edge.by != "self":
                space = edge.by if edge.by in _DIRECT else kind_of(edge.other)
                found.append((BITS.get(space, BITS["chain"]), space, edge.by))
            elif edge.one == self.entity and edge.other == self.item:
                found.append((BITS["exactMatch"], "wikidata", edge.by))
        best: dict[str, tuple[float, str]] = {}
        for bits, space, by in sorted(found, reverse=True):
            # An id of now and a number of before are one reference to the record.
            best.setdefault("direct" if space in _DIRECT else space, (bits, by))
        ranked = sorted(best.values(), reverse=True) or [(BITS["chain"], "chain")]
        parts = [(ranked[0][1], ranked[0][0])] + [(by, BITS["further"]) for _, by in ranked[1:]]
        profiles = self._component.profiles
        empty = profiles[self.entity].__class__()
        other = profiles.get(self.item, empty)
        return compare_profiles(profiles[self.entity], other, tuple(parts))

    def links(self) -> Iterator[Link]:
        """Yield the links to what the cluster is called elsewhere."""
        counts = Counter(kind_of(node) for node in self._nodes)
        asserted = {edge.other for edge in self._claims if edge.text == edge.other}
        exact = {edge.other for edge in self._claims if edge.by == "exactMatch"}
        for node in sorted(self._nodes):
            kind = kind_of(node)
            if kind not in _LINKED or node in (asserted & exact):
                continue
            claimed = [edge for edge in self._claims if edge.other == node]
            if claimed or (self.is_sure and (node == self.item or counts[kind] == 1)):
                if node != self.item or self.is_sure:
                    yield self._link(node, kind, claimed)
            elif not self.item and counts[kind] == 1:
                yield self._link(node, kind, claimed)

    def _link(self, node: str, kind: str, claimed: Sequence[Edge]) -> Link:
        reached = find_path(self._edges, self.entity, node)
        only_said = all(edge.by == "document" for edge in claimed) and bool(claimed)
        supported = self.is_sure and any(
            edge.one == self.item and edge.other == node for edge in self._edges
        )
        is_near = kind == "lcterms" or (node == self.item and self._is_of_work())
        predicate = CLOSE if is_near or (only_said and not supported) else EXACT
        confidence = _SAID if only_said and not supported else _CERTAIN
        why = [reason_of(edge) for edge in reached]
        if self.score is not None and self.is_sure and not (claimed and not supported):
            confidence = self._probability
            why += self.evidence()
        is_judged = self._is_judged() and node == self.item
        confidence = 1.0 if is_judged else confidence
        stage = "judgement" if is_judged else "identifiers"
        return Link(self.entity, predicate, node, stage, round(confidence, 4), tuple(why))

    def evidence(self) -> list[Step]:
        """Return what was weighed, with its bits."""
        if self.score is None:
            return []
        return [
            Step(self.entity, self.item, name, f"{bits:+.1f} bits")
            for name, bits in self.score.parts
        ]

    def doubts(self) -> Iterator[Doubt]:
        """Yield the item, if identifiers point to it and the rest isn't enough."""
        if self.score is None or self.is_sure or self._asserts_item():
            return
        why = [reason_of(edge) for edge in find_path(self._edges, self.entity, self.item)]
        reason = self.score.veto or f"identifiers agree; names are {self.score.name}"
        confidence = round(self._probability, 4)
        yield Doubt(self.entity, self.item, reason, confidence, tuple(why + self.evidence()))

    def _asserts_item(self) -> bool:
        return any(edge.other == self.item and edge.by == "exactMatch" for edge in self._claims)
