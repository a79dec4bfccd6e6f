"""Corrections of what Virtuoso takes and the standard doesn't.

Virtuoso groups by whatever stands beside an aggregate, names what has no name, and takes commas
between what is selected. SPARQL 1.1 Query Language, 11.4 and 19.8,
https://www.w3.org/TR/sparql11-query/#aggregateRestrictions
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from sparql_server.sparql.lexer import Token, decode_escapes, tokens

AGGREGATES = frozenset(["COUNT", "SUM", "MIN", "MAX", "AVG", "SAMPLE", "GROUP_CONCAT"])
_AFTER_GROUPS = frozenset(["HAVING", "ORDER", "LIMIT", "OFFSET", "VALUES"])
_AFTER_PROJECTION = ("WHERE", "FROM", "SELECT")
_BRACKETS = (("(", ")"), ("{", "}"))


@dataclass(frozen=True, slots=True)
class _Edit:
    """Replace ``text[start:end]``."""

    start: int
    end: int
    text: str


@dataclass(slots=True)
class _Projection:
    """The projection of a SELECT clause.

    needed: variables that stand outside every aggregate. tried: how many names of a kind.
    """

    aggregates: bool = False
    star: bool = False
    needed: dict[str, None] = field(default_factory=dict)
    named: set[str] = field(default_factory=set)
    tried: Counter[str] = field(default_factory=Counter)
    edits: list[_Edit] = field(default_factory=list)


def correct_query(query: str) -> str:
    """Return a query in standard SPARQL; unchanged where there is nothing of Virtuoso's in it.

    >>> correct_query("SELECT ?year COUNT(*) { ?s <urn:year> ?year }")
    'SELECT ?year (COUNT(*) AS ?count) { ?s <urn:year> ?year }\\nGROUP BY ?year'
    """
    text = decode_escapes(query)
    found = _Query(list(tokens(text)))
    if not found.closed:  # whatever else is wrong with it, that would remain
        return query
    selects = [i for i, token in enumerate(found.tokens) if _is(token, "SELECT")]
    edits = [edit for select in selects for edit in _find_edits(found, select)]
    if not edits:
        return query
    parts, start = [], 0
    for edit in sorted(edits, key=lambda edit: edit.start):
        parts += [text[start : edit.start], edit.text]
        start = max(start, edit.end)
    return "".join([*parts, text[start:]])


class _Query:
    """A query's tokens.

    closing: of each opening bracket, where it is closed. closed: whether each one is.
    """

    def __init__(self, found: Sequence[Token]) -> None:
        self.tokens = found
        self.variables = {token.text for token in found if token.kind == "variable"}
        self.closing: dict[int, int] = {}
        self.closed = True
        for opening, closing in _BRACKETS:
            self._close(opening, closing)

    def _close(self, opening: str, closing: str) -> None:
        open_: list[int] = []
        for i, token in enumerate(self.tokens):
            if token.text == opening:
                open_.append(i)
            elif token.text == closing and open_:
                self.closing[open_.pop()] = i
        self.closed = self.closed and not open_


def _is(token: Token, word: str) -> bool:
    return token.kind == "word" and token.text.upper() == word


def _find_edits(query: _Query, select: int) -> list[_Edit]:
    """Return what is to be changed in one SELECT, its subqueries apart."""
    end = _find_projection_end(query.tokens, select + 1)
    projection = _correct_projection(query, select + 1, end)
    where = _find_pattern_start(query.tokens, end)
    if projection.star or where is None:
        return []
    return projection.edits + _correct_grouping(query.tokens, query.closing[where], projection)


def _find_projection_end(found: Sequence[Token], start: int) -> int:
    for i in range(start, len(found)):
        if found[i].text == "{" or any(_is(found[i], word) for word in _AFTER_PROJECTION):
            return i
    return len(found)


def _find_pattern_start(found: Sequence[Token], start: int) -> int | None:
    for i in range(start, len(found)):
        if _is(found[i], "SELECT"):
            return None
        if found[i].text == "{":
            return i
    return None


def _correct_projection(query: _Query, start: int, end: int) -> _Projection:
    projection = _Projection()
    found = query.tokens
    i = start
    while i < end:
        token = found[i]
        if token.text == "(":
            i = _correct_expression(query, i, projection)
        elif _is_call(found, i, end):
            i = _name_unnamed(query, i, end, projection)
        elif token.kind == "variable":
            _need(projection, token.text)
        elif token.text == ",":
            projection.edits.append(_Edit(token.start, token.start + 1, ""))
        elif token.text == "*":
            projection.star = True
        i += 1
    return projection


def _is_call(found: Sequence[Token], i: int, end: int) -> bool:
    if _is(found[i], "DISTINCT") or _is(found[i], "REDUCED") or i + 1 >= end:
        return False
    return found[i].kind in ("word", "name", "iri") and found[i + 1].text == "("


def _need(projection: _Projection, variable: str) -> None:
    if variable not in projection.named:
        projection.needed[variable] = None


def _correct_expression(query: _Query, start: int, projection: _Projection) -> int:
    """Take in ``(expression AS ?variable)``; return where it ends."""
    found, end = query.tokens, query.closing[start]
    named = end - 2 > start and _is(found[end - 2], "AS")
    _use(query, start, end - 2 if named else end, projection)
    if named:
        projection.named.add(found[end - 1].text)
    return end


def _name_unnamed(query: _Query, start: int, end: int, projection: _Projection) -> int:
    """Take in a call that has no parentheses around it, and perhaps no name; return its end."""
    found, last = query.tokens, query.closing[start + 1]
    _use(query, start, last + 1, projection)
    projection.edits.append(_Edit(found[start].start, found[start].start, "("))
    if last + 2 < end and _is(found[last + 1], "AS") and found[last + 2].kind == "variable":
        last += 2
        name, closed = found[last].text, ")"
    else:
        name = _free_name(query, found[start].text, projection)
        closed = f" AS {name})"
    projection.named.add(name)
    place = found[last].start + len(found[last].text)
    projection.edits.append(_Edit(place, place, closed))
    return last


def _free_name(query: _Query, function: str, projection: _Projection) -> str:
    base = "".join(c for c in function.lower() if c.isalnum()) if function.isalpha() else "value"
    while True:
        projection.tried[base] += 1
        number = projection.tried[base]
        name = f"?{base}{number}" if number > 1 else f"?{base}"
        if name not in query.variables and name not in projection.named:
            return name


def _use(query: _Query, start: int, end: int, projection: _Projection) -> None:
    """Take in the variables of an expression that stand outside every aggregate in it."""
    found, i = query.tokens, start
    while i < end and not _is(found[i], "SELECT"):
        if found[i].text.upper() in AGGREGATES and _is_call(found, i, end):
            projection.aggregates = True
            i = query.closing[i + 1]
        elif found[i].kind == "variable":
            _need(projection, found[i].text)
        i += 1


def _correct_grouping(found: Sequence[Token], where: int, projection: _Projection) -> list[_Edit]:
    """Return what groups by all that stands outside aggregates. where: the end of the pattern."""
    keys = _group_keys(found, where + 1)
    if not keys and not projection.aggregates:
        return []
    grouped = _list_grouped(keys)
    missing = {name: None for name in projection.needed if name not in grouped}
    # A key made of such a variable, YEAR(?date), may be what was meant: then nobody knows.
    if not missing or any(token.text in missing for token in keys):
        return []
    last = keys[-1] if keys else found[where]
    place = last.start + len(last.text)
    return [_Edit(place, place, (" " if keys else "\nGROUP BY ") + " ".join(missing))]


def _group_keys(found: Sequence[Token], start: int) -> Sequence[Token]:
    """Return the tokens after GROUP BY among the solution modifiers that begin at ``start``."""
    end = _find_modifiers_end(found, start)
    for i in range(start, end - 1):
        if _is(found[i], "GROUP") and _is(found[i + 1], "BY"):
            last = (j for j in range(i + 2, end) if found[j].text.upper() in _AFTER_GROUPS)
            return found[i + 2 : next(last, end)]
    return []


def _find_modifiers_end(found: Sequence[Token], start: int) -> int:
    depth = 0
    for i in range(start, len(found)):
        depth += (found[i].text == "{") - (found[i].text == "}")
        if depth < 0:
            return i
    return len(found)


def _list_grouped(keys: Sequence[Token]) -> set[str]:
    """Return the variables that are keys themselves, or names of keys."""
    depth, grouped = 0, set()
    for i, token in enumerate(keys):
        depth += (token.text == "(") - (token.text == ")")
        if token.kind == "variable" and (depth == 0 or (i and _is(keys[i - 1], "AS"))):
            grouped.add(token.text)
    return grouped
