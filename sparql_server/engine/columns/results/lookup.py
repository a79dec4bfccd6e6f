"""Lookups: queries for what a thing has, or for the things that have it, at once.

Programs' queries are mostly alike but for an IRI. What a shape of query says is made out once;
then a lookup takes as long as finding its IRIs, and a row in sorted columns.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from math import prod

import numpy as np

from sparql_server.engine.columns.algebra import Kind, Term
from sparql_server.engine.columns.results.term_writer import write_cell
from sparql_server.engine.columns.storage.triples import Columns, Numbers
from sparql_server.engine.formats.cell_results import FORMATS, write_body
from sparql_server.engine.prefixes import predefined
from sparql_server.engine.terms import find_syntax_error
from sparql_server.memo import remembered
from sparql_server.sparql.lexer import Token, tokens
from sparql_server.sparql.namespaces import RDF_TYPE

MOST = 1000
"""Rows of a lookup: more are no small thing to write."""

_LONGEST = 1000  # characters of a query

# IRIs that every parser takes, as they are: a part of what RFC 3987 allows.
_LETTERS = "A-Za-z0-9\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f"
_CHARACTER = rf"(?:[{_LETTERS}._~!$&()*+,;=:@/-]|%[0-9A-Fa-f]{{2}})"
_IRI = re.compile(
    rf"<(https?://[A-Za-z0-9.-]++(?:/{_CHARACTER}*+)?(?:\?(?:{_CHARACTER}|\?)*+)?"
    rf"(?:\#(?:{_CHARACTER}|\?)*+)?|urn:[A-Za-z0-9]{_CHARACTER}*+)>"
)
_ANY_IRI = "<urn:x>"
_AROUND = frozenset("\"'#\\")  # what makes a < part of something else
_LOCAL = re.compile(r"[A-Za-z0-9_-]*+")

# A token is one letter of its text, and a query one word: v a variable, c a constant.
_LETTER = {"SELECT": "S", "DISTINCT": "D", "WHERE": "W", "LIMIT": "L"}
_LOOKUP = re.compile(r"SD?(v+)W?\{((?:ccv(?:;cv)*\.)*ccv(?:;cv)*|vcc)\.?\}(?:Ln)?")


@dataclass(frozen=True, slots=True)
class _Variable:
    name: str


Constant = str | int
"""An IRI, or which one of those that the query has in full."""

Pattern = tuple[Constant | _Variable, Constant, Constant | _Variable]


@dataclass(frozen=True, slots=True)
class _Shape:
    """Variables of a lookup. names: those selected. places: which patterns' variables these are.

    patterns: subject, predicate, object; if ``forward``, of one subject, else there is one pattern.
    """

    names: tuple[str, ...]
    places: tuple[int, ...]
    patterns: tuple[Pattern, ...]
    forward: bool
    distinct: bool
    limit: int | None

    @property
    def wants_all(self) -> bool:
        """Whether rows can't be left out before all of them are known."""
        return self.limit is None or self.distinct or len(self.patterns) > 1


class _Lane:
    """A property's triples from one end. keys: sorted. values: what belongs to each."""

    def __init__(self, keys: Numbers, values: Numbers) -> None:
        self._keys = keys
        self._key = keys.data  # single items come out of it in half the time
        self._values = values

    def of(self, number: int) -> list[int]:
        """Return what belongs to a key, at most one more than ``MOST``."""
        wanted = np.int32(number)  # of the same type, or all of the keys would be converted
        start = int(self._keys.searchsorted(wanted))
        if start == len(self._key) or self._key[start] != number:
            return []
        end = start + 1
        if end < len(self._key) and self._key[end] == number:
            end = int(self._keys.searchsorted(wanted, "right"))
        found: list[int] = self._values[start : min(end, start + MOST + 1)].tolist()
        return found


class Lookups:
    """Looks things up in columns."""

    def __init__(self, columns: Columns) -> None:
        self._columns = columns
        self._lanes: dict[tuple[str, bool], _Lane] = {}  # as many as there are properties

    def answer(self, query: str, format_name: str) -> tuple[bytes, int] | None:
        """Return a query's result in a format, and its rows; None for what isn't a small lookup.

        The result is the one on the union of all graphs, its rows in any order.
        """
        if len(query) > _LONGEST or format_name not in FORMATS:
            return None
        parts = _IRI.split(query)
        shape = _read_shape(_ANY_IRI.join(parts[::2]))
        found = self._find_rows(shape, parts[1::2]) if shape else None
        if shape is None or found is None:
            return None
        rows = _select(shape, found)
        write = self._columns.terms
        places = range(len(shape.names))
        columns = [[write_cell(write, row[place], format_name) for row in rows] for place in places]
        return write_body(format_name, shape.names, columns, len(rows)), len(rows)

    def _find_rows(self, shape: _Shape, iris: Sequence[str]) -> Sequence[Sequence[int]] | None:
        """Return a number for each pattern's variable; None if there are too many rows."""
        given, wanted = (0, 2) if shape.forward else (2, 0)
        ends = {_find_iri(pattern[given], iris) for pattern in shape.patterns}
        if len(ends) > 1:
            return None
        number = self._columns.terms.find(Term(Kind.IRI, ends.pop()))
        predicates = [_find_iri(pattern[1], iris) for pattern in shape.patterns]
        lists = [self._find_values(predicate, number, wanted == 2) for predicate in predicates]
        rows = prod(map(len, lists))
        if rows > MOST and (shape.wants_all or (shape.limit or 0) > MOST):
            return None
        return list(product(*lists))

    def _find_values(self, predicate: str, number: int, forward: bool) -> list[int]:
        lane = self._lanes.get((predicate, forward)) or self._find_lane(predicate, forward)
        return lane.of(number) if lane and number >= 0 else []

    def _find_lane(self, predicate: str, forward: bool) -> _Lane | None:
        number = self._columns.terms.find(Term(Kind.IRI, predicate))
        found = self._columns.property(number) if number >= 0 else None
        if found is None:
            return None
        if forward:
            lane = _Lane(found.subjects, found.objects)
        else:
            lane = _Lane(found.by_object_objects, found.by_object_subjects)
        self._lanes[predicate, forward] = lane
        return lane


def _find_iri(constant: Constant | _Variable, iris: Sequence[str]) -> str:
    return iris[constant] if isinstance(constant, int) else str(constant)


def _select(shape: _Shape, rows: Sequence[Sequence[int]]) -> Sequence[Sequence[int]]:
    if shape.places != tuple(range(len(shape.patterns))):
        rows = [tuple(row[place] for place in shape.places) for row in rows]
    if shape.distinct:
        rows = list(dict.fromkeys(map(tuple, rows)))
    return rows if shape.limit is None else rows[: shape.limit]


# Shapes


@remembered(256, _LONGEST)
def _read_shape(text: str) -> _Shape | None:
    """Return what a query says whose certain IRIs are all ``_ANY_IRI``; None: it is no lookup."""
    if _AROUND.intersection(text):
        return None
    found = list(tokens(text))
    word = _LOOKUP.fullmatch("".join(map(_classify, found)))
    if word is None or find_syntax_error(text, predefined()):
        return None
    names = tuple(token.text[1:] for token in found[slice(*word.span(1))])
    patterns = tuple(_read_patterns(found, *word.span(2)))
    forward = not isinstance(patterns[0][0], _Variable)
    ends = [pattern[2] if forward else pattern[0] for pattern in patterns]
    variables = [end.name for end in ends if isinstance(end, _Variable)]
    once = len(set(variables)) == len(variables) and len(set(names)) == len(names)
    if not once or not set(names) <= set(variables):
        return None
    limit = int(found[-1].text) if found[-1].kind == "number" else None
    distinct = found[1].text.upper() == "DISTINCT"
    places = tuple(map(variables.index, names))
    return _Shape(names, places, patterns, forward, distinct, limit)


def _classify(token: Token) -> str:
    """Return what a token is in ``_LOOKUP``; a space for what a lookup has nowhere."""
    if token.kind == "variable":
        return "v"
    if token.kind == "word":
        return "c" if token.text == "a" else _LETTER.get(token.text.upper(), " ")
    if token.kind == "number":
        return "n" if token.text.isdigit() else " "
    if token.kind == "symbol":
        return token.text
    return "c" if token.text == _ANY_IRI or _expand(token) else " "


def _expand(token: Token) -> str | None:
    """Return the IRI of a prefixed name whose prefix is predefined."""
    prefix, colon, local = token.text.partition(":")
    if token.kind != "name" or not colon or not _LOCAL.fullmatch(local):
        return None
    namespace = predefined().get(prefix)
    return None if namespace is None else namespace + local


def _read_patterns(found: Sequence[Token], start: int, end: int) -> Iterator[Pattern]:
    """Yield the patterns that stand between two tokens of a lookup."""
    number = 0
    triple: list[Constant | _Variable] = []
    for token in found[start:end]:
        if token.kind == "symbol":  # the same subject again, or another one
            triple = triple[: token.text == ";"]
        elif token.kind == "variable":
            triple.append(_Variable(token.text[1:]))
        elif token.kind == "iri":
            triple.append(number)
            number += 1
        else:
            triple.append(_expand(token) or RDF_TYPE)
        if len(triple) == 3:
            yield triple[0], triple[1], triple[2]  # type: ignore[misc]
