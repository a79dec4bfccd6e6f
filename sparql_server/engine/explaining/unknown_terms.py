"""Terms of a pattern that don't occur in a release, with what may be written instead."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress

import pyoxigraph as ox

from sparql_server.engine.explaining import literals, similar_terms
from sparql_server.engine.explaining.pattern_parts import Pattern
from sparql_server.engine.explaining.release_data import TYPE, Exhausted, Facts, Node, Reason
from sparql_server.engine.explaining.vocabularies import find_well_known

_RELATED = 12  # terms that are related to one at each step
_RELATED_STEPS = 3
_SAID = 200  # characters of what is said of a query


def explain_terms(pattern: Pattern, facts: Facts) -> Iterator[tuple[Reason, Node]]:
    """Yield reasons that lie in single terms, each with its term."""
    predicate, object_ = pattern.predicate, pattern.object
    known = isinstance(predicate, ox.NamedNode)
    if isinstance(predicate, ox.NamedNode) and not facts.is_property(predicate):
        known = False
        yield explain_unknown(predicate, pattern.names[predicate], "property", facts), predicate
    if isinstance(object_, ox.NamedNode):
        name = pattern.names.get(object_, similar_terms.shorten_iri(object_.value))
        if predicate == TYPE and known:
            if not facts.is_class(object_):
                yield explain_unknown(object_, name, "class", facts), object_
        elif not facts.occurs(object_):
            reason = explain_unknown(object_, name, "term", facts)
            if not reason["nearest"] and isinstance(predicate, ox.NamedNode):
                with suppress(Exhausted):
                    near = similar_terms.find_nearest(object_.value, facts.values(predicate))
                    reason = _with(reason, "", near)
            yield reason, object_
    elif (
        known
        and isinstance(object_, ox.Literal)
        and isinstance(predicate, ox.NamedNode)
        and not facts.has(None, predicate, object_)
    ):
        yield literals.find_wrong(predicate, object_, pattern.names, facts), object_
    subject = pattern.subject
    if isinstance(subject, ox.NamedNode) and not facts.occurs(subject):
        name = pattern.names.get(subject, similar_terms.shorten_iri(subject.value))
        yield explain_unknown(subject, name, "term", facts), subject


def explain_unknown(term: ox.NamedNode, name: str, what: str, facts: Facts) -> Reason:
    """Return the reason of an IRI that doesn't occur. what: ``property``, ``class`` or ``term``.

    Where no time is left to look for what stands in its place, it is a reason all the same.
    """
    reason: Reason = {"kind": f"unknown-{what}", "term": name[:_SAID], "iri": term.value[:2000]}
    if inner := similar_terms.unwrap_name(term.value):
        return reason | {"kind": "prefix-in-brackets", "nearest": [inner[:_SAID]]}
    try:
        kind, iris = _find_replacement(term, what, facts)
        if kind != "other-vocabulary" and (known := find_well_known(term.value, facts)):
            return reason | {"kind": "other-vocabulary", "nearest": known}
    except Exhausted:
        kind, iris = "", []
    return _with(reason, kind, iris)


def _find_replacement(term: ox.NamedNode, what: str, facts: Facts) -> tuple[str, Sequence[str]]:
    """Return the kind of reason, if it is a special one, and what stands in the IRI's place."""
    occurs = {"property": facts.is_property, "class": facts.is_class}.get(what, facts.occurs)
    if same := _find_equivalents(term, occurs, facts):
        space = similar_terms.split_iri(term.value)[0]
        own = all(iri.startswith(space) for iri in same)
        return "narrower" if own else "other-vocabulary", same
    if changed := similar_terms.find_renamed(term.value, facts):
        return "renamed", changed
    ways = [
        way
        for way in similar_terms.list_variants(term.value)
        if _is_iri(way) and occurs(ox.NamedNode(way))
    ]
    if ways:
        return "", ways
    if what == "term":
        namespace = similar_terms.split_iri(term.value)[0]
        return "", similar_terms.find_nearest(term.value, facts.neighbours(term.value, namespace))
    known = facts.properties if what == "property" else facts.classes
    near = similar_terms.find_nearest(term.value, known)
    return "", [iri for iri in near if occurs(ox.NamedNode(iri))]


def _find_equivalents(
    term: ox.NamedNode, occurs: Callable[[Node], bool], facts: Facts
) -> list[str]:
    """Return what the vocabulary relates to a term and the data has, in as few steps as it takes.

    Of BIBFRAME's Instance KBV's is the equivalent, but the data has only classes below that.
    """
    seen: dict[ox.NamedNode, None] = {term: None}
    step = [term]
    for number in range(_RELATED_STEPS):
        found = (facts.equivalents(other, broader=not number) for other in step)
        step = [other for related in found for other in related if other not in seen]
        step = list(dict.fromkeys(step))[:_RELATED]
        seen |= dict.fromkeys(step)
        if there := [other.value for other in step if occurs(other)]:
            return there
    return []


def _with(reason: Reason, kind: str, iris: Sequence[str]) -> Reason:
    """Return a reason with what may stand in an IRI's place; kind: empty: its own."""
    nearest = [similar_terms.shorten_iri(iri)[:_SAID] for iri in iris[:5]]
    return reason | {"kind": kind or reason["kind"], "nearest": nearest}


def _is_iri(text: str) -> bool:
    try:
        ox.NamedNode(text)
    except ValueError:
        return False
    return True
