"""Finds which part of a query is the first that leaves no solution."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

import pyoxigraph as ox

from sparql_server.engine.explaining.conditions import Conditions, Outcome, list_variables
from sparql_server.engine.explaining.pattern_parts import (
    Condition,
    Match,
    Nested,
    Part,
    Place,
    Rows,
    Solution,
    Walk,
)
from sparql_server.engine.explaining.release_data import Exhausted, Facts, Reason
from sparql_server.engine.explaining.scopes import is_cut_to_nothing, list_names
from sparql_server.engine.explaining.solution_search import Search

_TRIED = 200  # solutions that conditions and differences are tried on
_SAID = 200  # characters of what is said of a query

_LANGUAGE = re.compile(
    r"""LANG\s*\(\s*[?$](\w{1,60})\s*\)\s*[=,]\s*["']([^"']{0,40})["']""", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Narrowing:
    """Looks for the part that leaves nothing. outside: names that are bound around a group."""

    search: Search
    conditions: Conditions
    facts: Facts

    def find(
        self, parts: Sequence[Part], graph: Place | None, outside: frozenset[str] = frozenset()
    ) -> Iterator[Reason]:
        """Yield the reasons why parts have no solution together; none where they have."""
        patterns = [part for part in parts if not isinstance(part, Condition)]
        for number, part in enumerate(patterns):
            try:
                is_left = self.search.has(patterns[: number + 1], graph)
            except Exhausted:
                yield from self._explain_so_far(patterns[:number], part)
                raise
            if not is_left:
                yield from self._explain(patterns[:number], part, graph, outside)
                return
        conditions = [part for part in parts if isinstance(part, Condition)]
        if conditions:
            yield from self._find_condition(patterns, conditions, graph, outside)

    def _explain(
        self, before: Sequence[Part], part: Part, graph: Place | None, outside: frozenset[str]
    ) -> Iterator[Reason]:
        """Yield the reasons why a part leaves nothing of those before it."""
        if isinstance(part, Nested) and part.word == "MINUS":
            tried = sum(1 for _ in islice(self.search.solve(before, graph, {}), _TRIED))
            yield {"kind": "minus", "pattern": _say(part.text), "tried": tried}
            return
        alone = not before or not self.search.has([part], graph)
        if isinstance(part, Nested) and alone:
            inner = outside.union(*(list_names([other]) for other in before))
            reasons = list(self._explain_nested(part, graph, inner))
            yield from reasons
            if reasons and part.word in ("", "GRAPH"):
                return
        yield self._say_pattern(before, part, graph, alone)

    def _explain_so_far(self, before: Sequence[Part], part: Part) -> Iterator[Reason]:
        """Yield what is known of a MINUS that has taken away all there was time to look at."""
        taken = self.search.taken.get(id(part), 0)
        if not taken:
            return
        reason: Reason = {"kind": "minus", "pattern": _say(part.text), "tried": taken}
        sizes = [size for size in map(self._count, before) if size is not None]
        if sizes:
            size, text = min(sizes)
            reason |= {"kind": "minus-of-many", "number": size, "condition": _say(text)}
        yield reason

    def _count(self, part: Part) -> tuple[int, str] | None:
        """Return how many triples match a pattern, from sizes, and its text; None: unknown."""
        if not isinstance(part, Match) or len(part.patterns) > 1:
            return None
        (pattern,) = part.patterns
        ends = pattern.subject, pattern.object
        if not isinstance(pattern.predicate, ox.NamedNode) or not isinstance(ends[0], ox.Variable):
            return None
        size = self.facts.count(
            pattern.predicate, None if isinstance(ends[1], ox.Variable) else ends[1]
        )
        return None if size is None else (size, part.text)

    def _say_pattern(
        self, before: Sequence[Part], part: Part, graph: Place | None, alone: bool
    ) -> Reason:
        kind = "pattern-alone" if alone else "pattern-together"
        if isinstance(part, Rows):
            kind = "values-together" if part.rows else "values-none"
        reason: Reason = {"kind": kind, "pattern": _say(part.text)}
        texts = dict.fromkeys(other.text for other in before if isinstance(other, (Match, Walk)))
        reason["number"] = len({**texts, part.text: None})
        if isinstance(part, (Match, Walk)) and graph is not None:
            elsewhere = self.search.has([part] if alone else [*before, part], None)
            if elsewhere:
                name = str(graph)
                kind = "pattern-one-graph" if name[0] == "?" else "pattern-other-graph"
                return reason | {"kind": kind, "graph": name[:_SAID]}
        return reason

    def _explain_nested(
        self, part: Nested, graph: Place | None, outside: frozenset[str]
    ) -> Iterator[Reason]:
        if part.word == "SELECT" and part.select is not None:
            yield from explain_slice(part.select.cut, "subquery")
            outside = frozenset()
        within = part.graph if part.word == "GRAPH" else graph
        for group in part.groups:
            yield from self.find(group, within, outside)

    # Conditions

    def _find_condition(
        self,
        patterns: Sequence[Part],
        conditions: Sequence[Condition],
        graph: Place | None,
        outside: frozenset[str],
    ) -> Iterator[Reason]:
        tried = list(islice(self.search.solve(patterns, graph, {}), _TRIED))
        bound = frozenset(list_names(patterns))
        if graph is not None:
            bound |= {graph.value} if isinstance(graph, ox.Variable) else set()
        refused = False
        for condition in conditions:
            if not any(self.search.meets(condition, graph, solution) for solution in tried):
                refused = True
                yield from self._explain_condition(condition, tried, graph, bound, outside)
        for number in range(0 if refused else len(conditions)):
            some = conditions[: number + 1]
            if not any(self._meets_all(some, graph, solution) for solution in tried):
                text = " ".join(f"FILTER {condition.text}" for condition in some)
                yield {"kind": "conditions-together", "condition": _say(text), "tried": len(tried)}
                return

    def _meets_all(
        self, conditions: Sequence[Condition], graph: Place | None, solution: Solution
    ) -> bool:
        return all(self.search.meets(condition, graph, solution) for condition in conditions)

    def _explain_condition(
        self,
        condition: Condition,
        tried: list[Solution],
        graph: Place | None,
        bound: frozenset[str],
        outside: frozenset[str],
    ) -> Iterator[Reason]:
        reason: Reason = {"condition": _say(condition.text), "tried": len(tried)}
        if condition.group is not None:
            yield reason | {"kind": "not-exists" if condition.negated else "exists"}
            if not condition.negated:
                yield from self.find(condition.group, graph)
            return
        for name in dict.fromkeys(list_variables(condition.expression)):
            if name[1:] not in bound:
                yield _say_unbound(name, reason, bound, outside)
                return
        outcomes = {self.conditions.outcome(condition.expression, row) for row in tried}
        if outcomes == {Outcome.ERROR}:
            yield _say_error(condition, tried, reason)
        else:
            yield _say_languages(condition, tried, reason) or reason | {"kind": "condition"}


def _say_unbound(
    name: str, reason: Reason, bound: frozenset[str], outside: frozenset[str]
) -> Reason:
    """Return the reason of a variable that no pattern of a condition's group binds (18.2.2.2)."""
    reason = reason | {"variable": name}
    if name[1:] in outside:
        return reason | {"kind": "variable-outside"}
    known = sorted(other for other in bound if not other.endswith("_"))
    near = difflib.get_close_matches(name[1:], known, n=3, cutoff=0.5)
    return reason | {"kind": "variable-unbound", "nearest": [f"?{other}" for other in near]}


def _say_error(condition: Condition, tried: list[Solution], reason: Reason) -> Reason:
    """Return the reason of a condition that is an error each time, with what it is computed of."""
    examples = []
    for name in dict.fromkeys(list_variables(condition.expression)):
        values = [row[variable] for row in tried if (variable := ox.Variable(name[1:])) in row]
        if values and all(isinstance(value, ox.NamedNode) for value in values):
            return reason | {"kind": "iri-as-text", "variable": name, "nearest": [f"STR({name})"]}
        examples += [f"{name} = {value}"[:_SAID] for value in values[:1]]
    return reason | {"kind": "condition-error", "nearest": examples}


def _say_languages(condition: Condition, tried: list[Solution], reason: Reason) -> Reason | None:
    """Return the reason of a condition on a language that no value is in."""
    match = _LANGUAGE.search(condition.text)
    if match is None:
        return None
    values = [row.get(ox.Variable(match[1])) for row in tried]
    languages = {value.language or "" for value in values if isinstance(value, ox.Literal)}
    wanted = match[2].lower()
    if any(tag == wanted or wanted and tag.startswith(f"{wanted}-") for tag in languages):
        return None
    shown = [f'"{tag}"' for tag in sorted(languages)]
    return reason | {"kind": "no-language", "variable": f"?{match[1]}", "nearest": shown}


def explain_slice(cut: str, what: str) -> Iterator[Reason]:
    """Yield the reason of LIMIT 0. what: ``query`` or ``subquery``."""
    if is_cut_to_nothing(cut):
        yield {"kind": f"limit-{what}", "condition": "LIMIT 0"}


def _say(text: str) -> str:
    return text[:_SAID]
