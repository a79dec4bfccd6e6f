"""Explains why a query has no solutions: the reasons that can be found in bounded time."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from itertools import islice
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox

from sparql_server.engine.explaining import literals, names
from sparql_server.engine.explaining.conditions import find_having_aliases, find_refusing
from sparql_server.engine.explaining.facts import TYPE, Exhausted, Facts, Node
from sparql_server.engine.explaining.patterns import Needed, Pattern, Reader
from sparql_server.engine.explaining.search import find_first_without, find_solutions
from sparql_server.engine.oxigraph.syntax.elements import Query, Unreadable
from sparql_server.engine.oxigraph.syntax.parser import read

if TYPE_CHECKING:
    from sparql_server.engine.columns.storage.triples import Columns

Reason = dict[str, Any]
"""``{"kind", …}``: what of the query is the reason, and what to write in its place."""

_LONGEST = 20_000  # characters of a query that is explained: others are no person's
_TRIED = 200  # solutions of the patterns that conditions are tried on
_REASONS = 10
_RELATED = 12  # terms that are related to one at each step
_RELATED_STEPS = 3
_VARIABLE = re.compile(r"[?$](\w+)")
_SAID = 200  # characters of what is said of a query


def explain(store: ox.Store, query: str, columns: Columns | None) -> dict[str, Any]:
    """Return ``{"reasons": […], "complete": …}``: whether all was looked at in that time."""
    if len(query) > _LONGEST:
        return {"reasons": [], "complete": False}
    try:
        found = read(query)
    except Unreadable:
        return {"reasons": [], "complete": False}
    reasons: list[Reason] = []
    complete = True
    try:
        for reason in islice(_find_reasons(found, Facts(store, columns)), _REASONS):
            if reason not in reasons:
                reasons.append(reason)
    except Exhausted:
        complete = False
    return {"reasons": reasons, "complete": complete}


def _find_reasons(query: Query, facts: Facts) -> Iterator[Reason]:
    needed = Reader(query).needed()
    yield from find_having_aliases(query.select)
    seen: set[Node] = set()
    for pattern in [*needed.patterns, *needed.branches]:
        for reason, term in _explain_terms(pattern, facts):
            if term not in seen:
                seen.add(term)
                yield reason
    for term, name in needed.paths:
        if isinstance(term, ox.NamedNode) and term not in seen and not facts.is_property(term):
            seen.add(term)
            yield _explain_unknown(term, name, "property", facts)
    yield from literals.find_compared(query, needed, facts)
    yield from _explain_patterns(query, needed, facts)


def _explain_terms(pattern: Pattern, facts: Facts) -> Iterator[tuple[Reason, Node]]:
    """Yield reasons that lie in single terms, each with its term."""
    predicate, object_ = pattern.predicate, pattern.object
    known = isinstance(predicate, ox.NamedNode)
    if isinstance(predicate, ox.NamedNode) and not facts.is_property(predicate):
        known = False
        yield _explain_unknown(predicate, pattern.names[predicate], "property", facts), predicate
    if isinstance(object_, ox.NamedNode):
        name = pattern.names.get(object_, names.shorten_iri(object_.value))
        if predicate == TYPE and known:
            if not facts.is_class(object_):
                yield _explain_unknown(object_, name, "class", facts), object_
        elif not facts.occurs(object_):
            reason = _explain_unknown(object_, name, "term", facts)
            if not reason["nearest"] and isinstance(predicate, ox.NamedNode):
                with suppress(Exhausted):
                    near = names.find_nearest(object_.value, facts.values(predicate))
                    reason = _with(reason, reason["kind"], near)
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
        name = pattern.names.get(subject, names.shorten_iri(subject.value))
        yield _explain_unknown(subject, name, "term", facts), subject


def _explain_unknown(term: ox.NamedNode, name: str, what: str, facts: Facts) -> Reason:
    """Return the reason of an IRI that doesn't occur. what: ``property``, ``class`` or ``term``.

    Where no time is left to look for what stands in its place, it is a reason all the same.
    """
    reason: Reason = {"kind": f"unknown-{what}", "term": name[:_SAID], "iri": term.value[:2000]}
    if inner := names.unwrap_name(term.value):
        return reason | {"kind": "prefix-in-brackets", "nearest": [inner[:_SAID]]}
    try:
        kind, iris = _find_replacement(term, what, facts)
    except Exhausted:
        kind, iris = "", []
    return _with(reason, kind or reason["kind"], iris)


def _find_replacement(term: ox.NamedNode, what: str, facts: Facts) -> tuple[str, Sequence[str]]:
    """Return the kind of reason, if it is a special one, and what stands in the IRI's place."""
    occurs = {"property": facts.is_property, "class": facts.is_class}.get(what, facts.occurs)
    if same := _find_equivalents(term, occurs, facts):
        space = names.split_iri(term.value)[0]
        own = all(iri.startswith(space) for iri in same)
        return "narrower" if own else "other-vocabulary", same
    if changed := names.find_renamed(term.value, facts):
        return "renamed", changed
    ways = [
        way for way in names.list_variants(term.value) if _is_iri(way) and occurs(ox.NamedNode(way))
    ]
    if ways:
        return "", ways
    if what == "term":
        namespace = names.split_iri(term.value)[0]
        return "", names.find_nearest(term.value, facts.neighbours(term.value, namespace))
    known = facts.properties if what == "property" else facts.classes
    near = names.find_nearest(term.value, known)
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
    return reason | {"kind": kind, "nearest": [names.shorten_iri(iri)[:_SAID] for iri in iris[:5]]}


def _is_iri(text: str) -> bool:
    try:
        ox.NamedNode(text)
    except ValueError:
        return False
    return True


def _explain_patterns(query: Query, needed: Needed, facts: Facts) -> Iterator[Reason]:
    """Yield the first pattern without a solution, or the conditions that refuse all there are."""
    if not needed.patterns:
        return
    first = find_first_without(facts, needed.patterns)
    if first is not None:
        text = needed.patterns[first].text[:_SAID]
        before = [pattern.text for pattern in needed.patterns[:first]]
        alone = (
            first == 0
            or next(find_solutions(facts, needed.patterns[first : first + 1]), None) is None
        )
        number = len(dict.fromkeys([*before, text]))
        kind = "pattern-alone" if alone else "pattern-together"
        yield {"kind": kind, "pattern": re.sub(r"\s+", " ", text), "number": number}
    elif needed.filters:
        tried = list(islice(find_solutions(facts, needed.patterns), _TRIED))
        bound = {name.value for solution in tried for name in solution}
        filters = [text for text in needed.filters if set(_VARIABLE.findall(text)) <= bound]
        yield from find_refusing(query, filters, tried)
