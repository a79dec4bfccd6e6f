"""Functions of strings and dates that sorted numbers can tell (SPARQL 1.1 Query, 17.4)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import partial

import numpy as np
from numpy.typing import NDArray

from sparql_server.engine.columns.algebra import Expression, Kind, Term
from sparql_server.engine.columns.evaluation.values.bytes_of_texts import (
    count_characters,
    find_candidates,
    find_containing,
)
from sparql_server.engine.columns.evaluation.values.string_arguments import (
    TESTS,
    Contains,
    Test,
    Text,
    find_needles,
    make_regex_test,
    read_text,
    starts,
)
from sparql_server.engine.columns.solutions.arrays import Mask, Numbers, factorize, make_numbers
from sparql_server.engine.columns.solutions.query_terms import INTEGER, QueryTerms
from sparql_server.engine.columns.solutions.solutions import UNBOUND
from sparql_server.engine.columns.storage.numbered_terms import UNKNOWN

_MOST = 300  # beginnings that are looked for, instead of each string's
_LITERALS = (Kind.SIMPLE, Kind.LANGUAGE, Kind.TYPED)
_WITH_STRINGS = (Kind.IRI, *_LITERALS)
_FIRST = Term(Kind.TYPED, "1", INTEGER)
_LENGTH = re.compile("[1-9][0-9]{0,8}")


Value = Callable[[Expression], Numbers]


class Strings:
    """Evaluates functions on strings, where no string has to be looked at, or few."""

    def __init__(self, terms: QueryTerms) -> None:
        self._terms = terms

    def value(self, expression: Expression, value: Value) -> Numbers | None:
        """Return a function's value; None where it isn't known here. value: of its arguments."""
        if expression.operator == "STR":
            return self._find_strings(value(expression.arguments[0]))
        if expression.operator == "LANG":
            return self._find_languages(value(expression.arguments[0]))
        if expression.operator == "SUBSTR" and _is_beginning(expression):
            length = expression.arguments[2].node
            assert isinstance(length, Term)
            return self._cut(expression.arguments[0], int(length.value), value)
        if expression.operator == "STRLEN":
            return self._measure(read_text(expression.arguments[0]), value)
        if expression.operator == "YEAR":
            return self._find_years(value(expression.arguments[0]))
        return None

    def judge(self, expression: Expression, value: Value) -> NDArray[np.int8] | None:
        """Return whether a string begins with, ends with, contains or matches a constant.

        1, 0, or -1 for an error; None: not known here.
        """
        if expression.operator not in ("STRSTARTS", "REGEX", *TESTS):
            return None
        test = self._make_test(expression, value)
        if test is None:
            return None
        text = read_text(expression.arguments[0])
        column = value(text.argument)
        if not self._are_known(column):
            return None
        kinds = _WITH_STRINGS if text.is_str else (Kind.SIMPLE, Kind.LANGUAGE)
        truth = np.full(len(column), -1, np.int8)
        for kind in kinds:
            here = self._terms.are(column, kind)
            if here.any():
                truth[here] = self._test(test, text, kind, column[here])
        return truth

    def _make_test(self, expression: Expression, value: Value) -> Test | str | None:
        """Return what a string is tested with: a beginning, or else a function; None if unknown."""
        _, other, *flags = expression.arguments
        wanted = self._find_constant(value(other))
        if wanted is None:
            return None
        if expression.operator == "REGEX":
            given = self._find_constant(value(flags[0])) if flags else ""
            return None if given is None else make_regex_test(wanted, given)
        if expression.operator == "STRSTARTS":
            return wanted
        return TESTS[expression.operator](wanted)

    def _test(self, test: Test | str, text: Text, kind: Kind, column: Numbers) -> Mask:
        if isinstance(test, str) and text.change is None:
            begin, end = self._terms.release.find_prefixed(kind, test)
            return (column >= begin) & (column < end)
        holds = test if not isinstance(test, str) else partial(starts, test)
        first, back = factorize(column)
        if isinstance(test, Contains) and text.change is None:
            return find_containing(self._terms.release, column[first], test.wanted)[back]
        return self._test_each(holds, text, column[first])[back]

    def _test_each(self, holds: Test, text: Text, numbers: Numbers) -> Mask:
        """Tell which of different strings a test holds of, having looked at those that may be."""
        needles = find_needles(holds, text.change)
        found = np.ones(len(numbers), np.bool_)
        if needles is not None:
            found = find_candidates(
                self._terms.release, numbers, needles.texts, any_case=needles.any_case
            )
        strings: Iterable[str] = self._terms.release.values(numbers[found])
        if text.change is not None:
            strings = map(text.change, strings)
        found[found] = [holds(string) for string in strings]
        return found

    def _find_constant(self, column: Numbers) -> str | None:
        """Return the simple literal that all rows have, if there is one."""
        if not len(column) or (column != column[0]).any() or column[0] < 0:
            return None
        term = self._terms.term(int(column[0]))
        return term.value if term.kind == Kind.SIMPLE else None

    def _are_known(self, column: Numbers) -> bool:
        return not len(column) or int(column.max()) < self._terms.release.count

    # STR and LANG

    def _find_strings(self, column: Numbers) -> Numbers:
        others = ~self._terms.are(column, Kind.SIMPLE)
        if not others.any():
            return column
        found = column.copy()
        first, back = factorize(column[others])
        distinct = column[others][first].tolist()
        found[others] = make_numbers([self._find_string(number) for number in distinct])[back]
        return found

    def _find_string(self, number: int) -> int:
        if number == UNBOUND:
            return UNBOUND
        term = self._terms.term(number)
        if term.kind == Kind.BLANK:
            return UNBOUND
        return self._terms.number(Term(Kind.SIMPLE, term.value))

    def _find_languages(self, column: Numbers) -> Numbers | None:
        if not self._are_known(column):
            return None
        found = np.full(len(column), UNBOUND, np.int32)
        plain = self._terms.are(column, Kind.SIMPLE) | self._terms.are(column, Kind.TYPED)
        found[plain] = self._terms.number(Term(Kind.SIMPLE, ""))
        tagged = self._terms.are(column, Kind.LANGUAGE)
        tags = self._terms.tags(column[tagged])
        names = self._terms.release.tag_names
        texts = np.full(len(names), UNBOUND, np.int32)
        for tag in np.flatnonzero(np.bincount(tags, minlength=len(names))).tolist():
            texts[tag] = self._terms.number(Term(Kind.SIMPLE, names[tag]))
        found[tagged] = texts[tags]
        return found

    def _measure(self, text: Text, value: Value) -> Numbers | None:
        """Return the numbers of characters of strings, where no change of case has changed them."""
        if text.change is not None:
            return None
        column = value(text.argument)
        if not self._are_known(column):
            return None
        lengths = np.full(len(column), UNBOUND, np.int32)
        for kind in _WITH_STRINGS if text.is_str else (Kind.SIMPLE, Kind.LANGUAGE):
            here = self._terms.are(column, kind)
            first, back = factorize(column[here])
            each = count_characters(self._terms.release, column[here][first])
            some, of_each = factorize(each)
            numbered = make_numbers(self._terms.number_integers(each[some].tolist()))
            lengths[here] = numbered[of_each][back]
        return lengths

    def _find_years(self, column: Numbers) -> Numbers | None:
        """Return the years of dateTimes, which are their first four digits."""
        if not len(column) or (self._terms.instants(column) == UNKNOWN).any():
            return None
        texts = self._cut_in_order(Kind.TYPED, column, 4)
        first, back = factorize(texts)
        years = [int(self._terms.term(number).value) for number in texts[first].tolist()]
        return make_numbers(self._terms.number_integers(years))[back]

    # The first characters of a string

    def _cut(self, text: Expression, length: int, value: Value) -> Numbers | None:
        """Return the first characters of strings: all with the same ones stand side by side."""
        is_str = text.operator == "STR"
        column = value(text.arguments[0] if is_str else text)
        if not self._are_known(column):
            return None
        kinds = _WITH_STRINGS if is_str else (Kind.SIMPLE,)
        here = {kind: self._terms.are(column, kind) for kind in kinds}
        if not is_str and not (here[Kind.SIMPLE] | (column < 0)).all():
            return None  # of a literal with a language, it has the language
        found = np.full(len(column), UNBOUND, np.int32)
        for kind, rows in here.items():
            if rows.any():
                found[rows] = self._cut_in_order(kind, column[rows], length)
        return found

    def _cut_in_order(self, kind: Kind, column: Numbers, length: int) -> Numbers:
        begins: list[int] = []
        texts: list[str] = []
        number, last = int(column.min()), int(column.max())
        while number <= last:
            if len(begins) == _MOST:
                return self._cut_each(column, length)
            text = self._terms.release.value(number)
            begins.append(number)
            texts.append(text[:length])
            whole = len(text) >= length
            number = (
                self._terms.release.find_prefixed(kind, text[:length])[1] if whole else number + 1
            )
        at = np.searchsorted(make_numbers(begins), column, "right") - 1
        return make_numbers(self._terms.number_strings(texts))[at]

    def _cut_each(self, column: Numbers, length: int) -> Numbers:
        first, back = factorize(column)
        texts = self._terms.release.values(column[first])
        return make_numbers(self._terms.number_strings([text[:length] for text in texts]))[back]


def _is_beginning(expression: Expression) -> bool:
    """Tell whether SUBSTR begins with the first character and has a length."""
    nodes = [argument.node for argument in expression.arguments[1:]]
    if len(nodes) != 2 or nodes[0] != _FIRST or not isinstance(nodes[1], Term):
        return False
    return nodes[1].tag == INTEGER and _LENGTH.fullmatch(nodes[1].value) is not None
