"""Explains why a query has no solutions: the reasons that can be found in bounded time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING

import pyoxigraph as ox

from sparql_server.engine.explaining import literals
from sparql_server.engine.explaining.conditions import (
    Conditions,
    find_having_aliases,
    list_variables,
)
from sparql_server.engine.explaining.constants import list_patterns, put_constants
from sparql_server.engine.explaining.named_graphs import find_graph_reasons
from sparql_server.engine.explaining.narrowing import Narrowing, explain_slice
from sparql_server.engine.explaining.pattern_parts import (
    Condition,
    Nested,
    Part,
    Pattern,
    Place,
    Walk,
)
from sparql_server.engine.explaining.pattern_reader import Reader, tidy
from sparql_server.engine.explaining.release_data import Dataset, Exhausted, Facts, Node, Reason
from sparql_server.engine.explaining.scopes import list_names
from sparql_server.engine.explaining.solution_search import Search
from sparql_server.engine.explaining.unknown_terms import explain_terms, explain_unknown
from sparql_server.engine.oxigraph.syntax.elements import Query, Unreadable, write_expression
from sparql_server.engine.oxigraph.syntax.parser import read
from sparql_server.engine.prefixes import find_dataset

if TYPE_CHECKING:
    from sparql_server.engine.columns.storage.triples import Columns

_LONGEST = 20_000  # characters of a query that is explained: others are no person's
_REASONS = 10
_SAID = 200  # characters of what is said of a query


def explain(
    store: ox.Store,
    query: str,
    columns: Columns | None,
    dataset: Dataset | None = None,
) -> dict[str, object]:
    """Return ``{"reasons": […], "complete": …}``: whether all was looked at in that time.

    dataset: the graphs that the request names; None: those that the query does.
    """
    if len(query) > _LONGEST:
        return {"reasons": [], "complete": False}
    try:
        found = read(query)
    except Unreadable:
        return {"reasons": [], "complete": False}
    own = dataset or _read_dataset(query)
    reasons: list[Reason] = []
    complete = True
    try:
        for reason in islice(_find_reasons(found, Facts(store, columns, own)), _REASONS):
            if reason not in reasons:
                reasons.append(reason)
    except Exhausted:
        complete = False
    return {"reasons": reasons, "complete": complete}


def _read_dataset(query: str) -> Dataset | None:
    try:
        found = find_dataset(query)
    except (SyntaxError, ValueError):
        return None
    return Dataset(tuple(found[0]), tuple(found[1])) if found else None


def _find_reasons(query: Query, facts: Facts) -> Iterator[Reason]:
    reader = Reader(query)
    parts = reader.parts()
    yield from explain_slice(query.select.cut, "query")
    yield from find_having_aliases(query.select)
    yield from find_graph_reasons(parts, facts)
    yield from _find_unknown(parts, reader, facts)
    if query.select.form.startswith("DESCRIBE"):
        for name in query.select.form.split()[1:]:
            term = reader.term(name) if name != "*" else None
            if isinstance(term, ox.NamedNode) and not facts.occurs(term):
                yield explain_unknown(term, name, "term", facts)
    yield from literals.find_compared(parts, facts)
    yield from _find_emptying(query, parts, reader, facts)


def _find_unknown(parts: Sequence[Part], reader: Reader, facts: Facts) -> Iterator[Reason]:
    """Yield the reasons that lie in single terms, each term once."""
    seen: set[Node] = set()
    for pattern in _list_all_patterns(parts):
        for reason, term in explain_terms(pattern, facts):
            if term not in seen:
                seen.add(term)
                yield reason
    for term, name in _list_predicates(parts):
        if isinstance(term, ox.NamedNode) and term not in seen and not facts.is_property(term):
            seen.add(term)
            yield explain_unknown(term, name, "property", facts)
    for ways in put_constants(parts, reader):
        if not any(facts.has(*map(_node, pattern)) for pattern in ways):
            for pattern in ways:
                for reason, term in explain_terms(pattern, facts):
                    if term not in seen:
                        seen.add(term)
                        yield reason


def _node(place: Place) -> Node | None:
    return None if isinstance(place, ox.Variable) else place


def _list_all_patterns(parts: Sequence[Part]) -> list[Pattern]:
    """Return the patterns of which some must match: first those that all must."""
    must, others = list(list_patterns(parts)), []
    for group in _list_other_scopes(parts):
        others += _list_all_patterns(group)
    return [*must, *others]


def _list_other_scopes(parts: Sequence[Part]) -> Iterator[Sequence[Part]]:
    """Yield the groups of UNION, of subqueries and of EXISTS."""
    for part in parts:
        if isinstance(part, Nested) and part.word in ("", "GRAPH"):
            yield from _list_other_scopes(part.groups[0])
        elif isinstance(part, Nested):
            is_wanted = part.word == "OPTIONAL" and _is_wanted(part, parts)
            if is_wanted or part.word in ("UNION", "SELECT"):
                yield from part.groups
        elif isinstance(part, Condition) and part.group is not None and not part.negated:
            yield part.group


def _is_wanted(optional: Nested, parts: Sequence[Part]) -> bool:
    """Tell whether a condition asks for what an OPTIONAL may give."""
    conditions = [part for part in parts if isinstance(part, Condition)]
    names = {name[1:] for part in conditions for name in list_variables(part.expression)}
    return bool(names & list_names(optional.groups[0]))


def _list_predicates(parts: Sequence[Part]) -> Iterator[tuple[Node, str]]:
    """Yield the predicates of paths that can't be followed step by step."""
    for part in parts:
        if isinstance(part, Walk):
            yield from part.predicates
        elif isinstance(part, Nested) and part.word not in ("MINUS", "OPTIONAL", "SERVICE"):
            for group in part.groups:
                yield from _list_predicates(group)
        elif isinstance(part, Condition) and part.group is not None and not part.negated:
            yield from _list_predicates(part.group)


def _find_emptying(
    query: Query, parts: Sequence[Part], reader: Reader, facts: Facts
) -> Iterator[Reason]:
    """Yield the first part without a solution, or what takes away those that there are."""
    conditions = Conditions(query)
    search = Search(facts, reader, conditions)
    is_explained = False
    for reason in Narrowing(search, conditions, facts).find(parts, None):
        is_explained = True
        yield reason
    select = query.select
    if is_explained or not parts or not search.has(parts, None):
        return
    if select.having and not any(find_having_aliases(select)):
        text = " ".join(map(write_expression, select.having)).strip()
        yield {"kind": "having", "condition": tidy(text)[:_SAID]}
    elif "OFFSET" in select.cut.upper():
        yield {"kind": "offset", "condition": select.cut[:_SAID]}
    elif select.form.startswith("CONSTRUCT"):
        yield {"kind": "no-triple"}
