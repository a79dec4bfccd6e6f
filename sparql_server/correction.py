"""What Virtuoso takes and the standard doesn't, put as the standard has it.

Virtuoso groups by whatever stands beside an aggregate, names what has no name, and takes commas
between what is selected. SPARQL 1.1 Query Language, 11.4 and 19.8,
https://www.w3.org/TR/sparql11-query/#aggregateRestrictions
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from sparql_server.lexer import Token, decode_escapes, tokens

AGGREGATES = frozenset(["COUNT", "SUM", "MIN", "MAX", "AVG", "SAMPLE", "GROUP_CONCAT"])
_AFTER_GROUPS = frozenset(["HAVING", "ORDER", "LIMIT", "OFFSET", "VALUES"])
_OPENING = {"(": ")", "{": "}"}


@dataclass(frozen=True, slots=True)
class _Edit:
    """Replace ``text[start:end]``."""

    start: int
    end: int
    text: str


@dataclass(slots=True)
class _Projection:
    """What a SELECT clause selects. needed: variables that stand outside every aggregate."""

    aggregates: bool = False
    star: bool = False
    needed: list[str] = field(default_factory=list)
    named: set[str] = field(default_factory=set)
    edits: list[_Edit] = field(default_factory=list)


def corrected(query: str) -> str:
    """Return a query in standard SPARQL; unchanged where there is nothing of Virtuoso's in it.

    >>> corrected("SELECT ?year COUNT(*) { ?s <urn:year> ?year }")
    'SELECT ?year (COUNT(*) AS ?count) { ?s <urn:year> ?year }\\nGROUP BY ?year'
    """
    text = decode_escapes(query)
    found = list(tokens(text))
    selects = [i for i, token in enumerate(found) if _is(token, "SELECT")]
    edits = [edit for select in selects for edit in _edits(found, select)]
    if not edits:
        return query
    for edit in sorted(edits, key=lambda one: one.start, reverse=True):
        text = text[: edit.start] + edit.text + text[edit.end :]
    return text


def _is(token: Token, word: str) -> bool:
    return token.kind == "word" and token.text.upper() == word


def _edits(found: Sequence[Token], select: int) -> list[_Edit]:
    """Return what is to be changed in one SELECT, its subqueries apart."""
    end = _projection_end(found, select + 1)
    projection = _projection(found, select + 1, end)
    where = _next(found, end, "{")
    if projection.star or where is None:
        return []
    return projection.edits + _grouping(found, _closing(found, where), projection)


def _projection_end(found: Sequence[Token], start: int) -> int:
    for i in range(start, len(found)):
        if found[i].text == "{" or _is(found[i], "WHERE") or _is(found[i], "FROM"):
            return i
    return len(found)


def _next(found: Sequence[Token], start: int, symbol: str) -> int | None:
    return next((i for i in range(start, len(found)) if found[i].text == symbol), None)


def _closing(found: Sequence[Token], start: int) -> int:
    """Return where what is opened at ``start`` is closed, or the last place of all."""
    opening, closing = found[start].text, _OPENING[found[start].text]
    depth = 0
    for i in range(start, len(found)):
        depth += (found[i].text == opening) - (found[i].text == closing)
        if depth == 0:
            return i
    return len(found) - 1


def _projection(found: Sequence[Token], start: int, end: int) -> _Projection:
    projection = _Projection()
    i = start
    while i < end:
        token = found[i]
        if token.text == "(":
            i = _expression(found, i, projection)
        elif _is_call(found, i, end):
            i = _unnamed(found, i, end, projection)
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
    if variable not in (*projection.needed, *projection.named):
        projection.needed.append(variable)


def _expression(found: Sequence[Token], start: int, projection: _Projection) -> int:
    """Take in ``(expression AS ?variable)``; return where it ends."""
    end = _closing(found, start)
    named = end - 2 > start and _is(found[end - 2], "AS")
    _use(found[start : end - 2 if named else end], projection)
    if named:
        projection.named.add(found[end - 1].text)
    return end


def _unnamed(found: Sequence[Token], start: int, end: int, projection: _Projection) -> int:
    """Take in a call that has no parentheses around it, and perhaps no name; return its end."""
    last = _closing(found, start + 1)
    _use(found[start : last + 1], projection)
    projection.edits.append(_Edit(found[start].start, found[start].start, "("))
    if last + 2 < end and _is(found[last + 1], "AS") and found[last + 2].kind == "variable":
        last += 2
        name, closed = found[last].text, ")"
    else:
        name = _free_name(found, found[start].text, projection)
        closed = f" AS {name})"
    projection.named.add(name)
    place = found[last].start + len(found[last].text)
    projection.edits.append(_Edit(place, place, closed))
    return last


def _free_name(found: Sequence[Token], function: str, projection: _Projection) -> str:
    taken = {one.text[1:] for one in found if one.kind == "variable"}
    taken |= {one[1:] for one in projection.named}
    base = "".join(c for c in function.lower() if c.isalnum()) if function.isalpha() else "value"
    names = (f"{base}{n}" if n > 1 else base for n in range(1, len(taken) + 3))
    return "?" + next(name for name in names if name not in taken)


def _use(expression: Sequence[Token], projection: _Projection) -> None:
    """Take in the variables of an expression that stand outside every aggregate in it."""
    i = 0
    while i < len(expression):
        if expression[i].text.upper() in AGGREGATES and _is_call(expression, i, len(expression)):
            projection.aggregates = True
            i = _closing(expression, i + 1)
        elif expression[i].kind == "variable":
            _need(projection, expression[i].text)
        i += 1


def _grouping(found: Sequence[Token], where: int, projection: _Projection) -> list[_Edit]:
    """Return what groups by all that stands outside aggregates. where: the end of the pattern."""
    keys = _group_keys(found, where + 1)
    if not keys and not projection.aggregates:
        return []
    grouped = _grouped(keys)
    missing = [one for one in projection.needed if one not in grouped]
    # A key made of such a variable, YEAR(?date), may be what was meant: then nobody knows.
    if not missing or any(one.text in missing for one in keys):
        return []
    last = keys[-1] if keys else found[where]
    place = last.start + len(last.text)
    return [_Edit(place, place, (" " if keys else "\nGROUP BY ") + " ".join(missing))]


def _group_keys(found: Sequence[Token], start: int) -> Sequence[Token]:
    """Return the tokens after GROUP BY among the solution modifiers that begin at ``start``."""
    end = _modifiers_end(found, start)
    for i in range(start, end - 1):
        if _is(found[i], "GROUP") and _is(found[i + 1], "BY"):
            last = (j for j in range(i + 2, end) if found[j].text.upper() in _AFTER_GROUPS)
            return found[i + 2 : next(last, end)]
    return []


def _modifiers_end(found: Sequence[Token], start: int) -> int:
    depth = 0
    for i in range(start, len(found)):
        depth += (found[i].text == "{") - (found[i].text == "}")
        if depth < 0:
            return i
    return len(found)


def _grouped(keys: Sequence[Token]) -> set[str]:
    """Return the variables that are keys themselves, or names of keys."""
    depth, grouped = 0, set()
    for i, token in enumerate(keys):
        depth += (token.text == "(") - (token.text == ")")
        if token.kind == "variable" and (depth == 0 or (i and _is(keys[i - 1], "AS"))):
            grouped.add(token.text)
    return grouped
