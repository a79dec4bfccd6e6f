"""Numbers of terms: those that the release has, and those that a query brings or makes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

from sparql_server.engine.columns.algebra import Kind, Term, Unsuited
from sparql_server.engine.columns.solutions.arrays import Mask, Numbers
from sparql_server.engine.columns.solutions.spelling import spell
from sparql_server.engine.columns.storage.numbered_terms import UNKNOWN, Terms
from sparql_server.sparql.namespaces import XSD

INTEGER = f"{XSD}integer"
DECIMAL = f"{XSD}decimal"
BOOLEAN = f"{XSD}boolean"


_MOST_BETWEEN = 1 << 20  # a float has 53 bits, 31 of which say between what

_INTEGER = re.compile(r"-?[0-9]{1,18}")  # 64 bits hold all of these
_DECIMAL = re.compile(r"-?[0-9]{1,18}(?:\.[0-9]{1,18})?")  # as Oxigraph holds them
_NUMBERS = {INTEGER: _INTEGER, DECIMAL: _DECIMAL}


def read_integer(term: Term) -> int:
    """Return the value of an xsd:integer. Raises Unsuited for all else, and the ill-typed."""
    if term.kind != Kind.TYPED or term.tag != INTEGER or not _INTEGER.fullmatch(term.value):
        raise Unsuited("something else than integers")
    return int(term.value)


def read_number(term: Term) -> Decimal:
    """Return the value of an xsd:integer or xsd:decimal. Raises Unsuited for all else."""
    pattern = _NUMBERS.get(term.tag) if term.kind == Kind.TYPED else None
    if pattern is None or not pattern.fullmatch(term.value):
        raise Unsuited("something else than integers and decimals")
    return Decimal(term.value)


class QueryTerms:
    """Numbers of the terms of one query's evaluation. release: its own terms.

    A term that the release hasn't gets a number from ``release.count`` on.
    """

    def __init__(self, release: Terms) -> None:
        self.release = release
        self._numbers: dict[Term, int] = {}
        self._more: list[Term] = []

    @property
    def count(self) -> int:
        """The number that the next term gets which the release hasn't."""
        return self.release.count + len(self._more)

    def number(self, term: Term) -> int:
        """Return a term's number; equal terms have equal ones."""
        known = self._numbers.get(term)
        if known is not None:
            return known
        number = self.release.find(term)
        if number < 0:
            number = self.release.count + len(self._more)
            self._more.append(term)
        self._numbers[term] = number
        return number

    def number_constant(self, term: Term) -> int:
        """Return the number of a term as a query has it. Raises Unsuited."""
        if term.kind == Kind.BLANK:
            raise Unsuited("a blank node's label")
        return self.number(spell(term) if term.kind == Kind.TYPED else term)

    def term(self, number: int) -> Term:
        """Return the term of a number."""
        release = self.release
        if number >= release.count:
            return self._more[number - release.count]
        kind = release.kind(number)
        tag = release.tag(number) if kind >= Kind.LANGUAGE else ""
        return Term(kind, release.value(number), tag)

    def are(self, numbers: Numbers, kind: Kind) -> Mask:
        """Tell which numbers are of terms of a kind."""
        return self._are_within(numbers, kind, kind)

    def are_resources(self, numbers: Numbers) -> Mask:
        """Tell which numbers are of IRIs and blank nodes."""
        return self._are_within(numbers, Kind.BLANK, Kind.IRI)

    def _are_within(self, numbers: Numbers, first: Kind, last: Kind) -> Mask:
        bounds = self.release.bounds
        found = (numbers >= bounds[first]) & (numbers < bounds[last + 1])
        if self._more:
            made = np.flatnonzero(numbers >= self.release.count)
            kinds = np.array([term.kind for term in self._more], np.int8)
            these = kinds[numbers[made] - self.release.count]
            found[made] = (these >= first) & (these <= last)
        return found

    def tags(self, numbers: Numbers) -> Numbers:
        """Return the places in ``tag_names`` of literals' languages or datatypes."""
        found: Numbers = self.release.tags[numbers - self.release.bounds[Kind.LANGUAGE]]
        return found

    def make_string_keys(self, numbers: Numbers) -> NDArray[np.float64]:
        """Return what simple literals are sorted by, in the order of their characters (17.3).

        Keys of one call can be compared with each other, and with none of another.
        """
        keys = numbers.astype(np.float64)
        is_made = numbers >= self.release.count
        made, back = np.unique(numbers[is_made], return_inverse=True)
        texts = sorted(
            (self.term(number).value.encode(), place) for place, number in enumerate(made.tolist())
        )
        if len(texts) > _MOST_BETWEEN:
            raise Unsuited(f"{len(texts)} strings that the release hasn't")
        places = np.empty(len(texts))
        for index, (text, place) in enumerate(texts, 1):
            # Between the strings of the release that it stands between, and its like in order.
            places[place] = (
                self.release.find_lower(Kind.SIMPLE, text) - 1 + index / (len(texts) + 1)
            )
        keys[is_made] = places[back]
        return keys

    def instants(self, numbers: Numbers) -> NDArray[np.int64]:
        """Return the instants of dateTimes that have a time zone; ``UNKNOWN`` for all else."""
        first = self.release.bounds[Kind.TYPED]
        found = np.full(len(numbers), UNKNOWN, np.int64)
        typed = (numbers >= first) & (numbers < self.release.count)
        found[typed] = self.release.instants[numbers[typed] - first]
        return found

    def number_strings(self, texts: Sequence[str]) -> list[int]:
        """Return the numbers of simple literals."""
        return [self.number(Term(Kind.SIMPLE, text)) for text in texts]

    def number_integers(self, values: Sequence[int]) -> list[int]:
        """Return the numbers of integers."""
        return [self.number(Term(Kind.TYPED, str(value), INTEGER)) for value in values]
