"""Patterns with constants for variables that VALUES, BIND or a condition has equal to those."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import pyoxigraph as ox

from sparql_server.engine.explaining.pattern_parts import (
    Computed,
    Condition,
    Match,
    Nested,
    Part,
    Pattern,
    Rows,
)
from sparql_server.engine.explaining.pattern_reader import Reader
from sparql_server.engine.explaining.release_data import Node
from sparql_server.engine.explaining.similar_terms import shorten_iri
from sparql_server.engine.oxigraph.syntax.elements import (
    Brackets,
    Expression,
    Token,
    write_expression,
)

_MOST = 40  # constants that are put into patterns
_TERMS = ("name", "iri", "string")
_BEHIND = ("language", "^^")

Equal = tuple[ox.Variable, dict[Node, str]]
"""A variable, and the constants that it can be, as they are written."""


def put_constants(parts: Sequence[Part], reader: Reader) -> Iterator[list[Pattern]]:
    """Yield, for each variable that must be one of some constants, a pattern with each of them."""
    patterns = list(list_patterns(parts))
    for variable, terms in _find_equal(parts, reader):
        if 0 < len(terms) <= _MOST:
            for pattern in patterns:
                if variable in (pattern.predicate, pattern.object, pattern.subject):
                    yield [_put(pattern, variable, term, name) for term, name in terms.items()]


def list_patterns(parts: Sequence[Part]) -> Iterator[Pattern]:
    """Yield the patterns that must match, in groups too, but for those of other scopes."""
    for part in parts:
        if isinstance(part, Match):
            yield from part.patterns
        elif isinstance(part, Nested) and part.word in ("", "GRAPH"):
            yield from list_patterns(part.groups[0])


def _put(pattern: Pattern, variable: ox.Variable, term: Node, name: str) -> Pattern:
    places = (term if place == variable else place for place in pattern)
    subject, predicate, object_ = places
    return replace(
        pattern,
        subject=subject,
        predicate=predicate,
        object=object_,
        names={**pattern.names, term: name},
    )


def _find_equal(parts: Sequence[Part], reader: Reader) -> Iterator[Equal]:
    for part in parts:
        if isinstance(part, Rows):
            yield from _of_rows(part)
        elif isinstance(part, Computed) and part.term is not None:
            yield part.variable, {part.term: part.names[part.term]}
        elif isinstance(part, Condition) and part.group is None:
            yield from _of_condition(part.expression, reader)
        elif isinstance(part, Nested) and part.word in ("", "GRAPH"):
            yield from _find_equal(part.groups[0], reader)


def _of_rows(rows: Rows) -> Iterator[Equal]:
    names = {name for row in rows.rows for name in row}
    for name in sorted(names, key=str):
        if all(name in row for row in rows.rows):
            yield name, {row[name]: _write(row[name]) for row in rows.rows}


def _write(term: Node) -> str:
    return shorten_iri(term.value) if isinstance(term, ox.NamedNode) else str(term)


def _of_condition(expression: Expression, reader: Reader) -> Iterator[Equal]:
    """Yield what ``?x = constant`` and ``?x IN (…)`` say, joined by ``&&``."""
    if len(expression) == 1 and isinstance(expression[0], Brackets):
        yield from _of_condition(expression[0].parts, reader)
        return
    for conjunct in _split(expression, "&&"):
        if len(conjunct) == 1 and isinstance(conjunct[0], Brackets):
            yield from _of_condition(conjunct[0].parts, reader)
            continue
        kinds = [part.kind if isinstance(part, Token) else "" for part in conjunct]
        if kinds[1:2] == ["="] and kinds[0] == "variable":
            yield from _equal(conjunct[0], [conjunct[2:]], reader)
        elif kinds[-2:] == ["=", "variable"]:
            yield from _equal(conjunct[-1], [conjunct[:-2]], reader)
        elif kinds[:2] == ["variable", "IN"] and isinstance(conjunct[-1], Brackets):
            yield from _equal(conjunct[0], _split(conjunct[-1].parts, ","), reader)


def _split(expression: Expression, mark: str) -> list[Expression]:
    found: list[Expression] = [[]]
    for part in expression:
        if isinstance(part, Token) and part.kind == mark:
            found.append([])
        else:
            found[-1].append(part)
    return found


def _equal(variable: object, texts: list[Expression], reader: Reader) -> Iterator[Equal]:
    terms: dict[Node, str] = {}
    for parts in texts:
        kinds = [part.kind if isinstance(part, Token) else "" for part in parts]
        if not kinds or kinds[0] not in _TERMS or (len(kinds) > 1 and kinds[1] not in _BEHIND):
            return
        text = write_expression(parts).strip()
        term = reader.term(text)
        if isinstance(term, ox.Variable):
            return
        terms[term] = text
    if isinstance(variable, Token):
        yield ox.Variable(variable.text[1:]), terms
