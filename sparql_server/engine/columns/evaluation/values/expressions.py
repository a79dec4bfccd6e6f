"""Evaluates expressions for whole tables (SPARQL 1.1 Query, 17).

What sorted numbers can tell is told from them; all else Oxigraph says, once for each value.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce

import numpy as np
from numpy.typing import NDArray

from sparql_server.engine.columns.algebra import Expression, Group, Kind, Term, Variable
from sparql_server.engine.columns.evaluation.values.delegation import delegate
from sparql_server.engine.columns.evaluation.values.strings import Strings
from sparql_server.engine.columns.evaluation.values.term_comparison import compare
from sparql_server.engine.columns.solutions.arrays import Mask, Numbers
from sparql_server.engine.columns.solutions.query_terms import BOOLEAN, QueryTerms
from sparql_server.engine.columns.solutions.solutions import UNBOUND, Solutions

Truth = NDArray[np.int8]
"""For each row: 1 true, 0 false, -1 an error."""

_COMPARED = ("=", "!=", "<", ">", "<=", ">=")
_KINDS = {
    "ISIRI": (Kind.IRI,),
    "ISURI": (Kind.IRI,),
    "ISBLANK": (Kind.BLANK,),
    "ISLITERAL": (Kind.SIMPLE, Kind.LANGUAGE, Kind.TYPED),
}


class Expressions:
    """Evaluates expressions. exists: tells of which rows a pattern has a solution."""

    def __init__(self, terms: QueryTerms, exists: Callable[[Group, Solutions], Mask]) -> None:
        self._terms = terms
        self._exists = exists
        self._strings = Strings(terms)

    def holds(self, expression: Expression, table: Solutions) -> Mask:
        """Tell for each row whether an expression is true of it. Raises Unsuited."""
        found: Mask = self._judge(expression, table) == 1
        return found

    def value(self, expression: Expression, table: Solutions) -> Numbers:
        """Return an expression's value for each row; ``UNBOUND`` where it has none.

        Raises Unsuited.
        """
        if isinstance(expression.node, Variable):
            return table.column(expression.node.name)
        if isinstance(expression.node, Term):
            return np.full(table.size, self._terms.number_constant(expression.node), np.int32)
        if expression.operator == "COALESCE":
            return self._coalesce(expression, table)
        if expression.operator == "IF":
            return self._choose(expression, table)
        known = self._judge_known(expression, table)
        if known is not None:
            return self._number_booleans()[known]
        return self._call(expression, table)

    def _call(self, expression: Expression, table: Solutions) -> Numbers:
        found = self._strings.value(expression, lambda argument: self.value(argument, table))
        if found is not None:
            return found
        arguments = [self.value(argument, table) for argument in expression.arguments]
        return delegate(expression.operator, arguments, self._terms)

    def _coalesce(self, expression: Expression, table: Solutions) -> Numbers:
        found = np.full(table.size, UNBOUND, np.int32)
        for argument in expression.arguments:
            lacking = found < 0
            if not lacking.any():
                break
            found[lacking] = self.value(argument, table.take(lacking))
        return found

    def _choose(self, expression: Expression, table: Solutions) -> Numbers:
        condition, yes, no = expression.arguments
        truth = self._judge(condition, table)
        found = np.full(table.size, UNBOUND, np.int32)
        for wanted, branch in ((1, yes), (0, no)):
            rows = truth == wanted
            if rows.any():
                found[rows] = self.value(branch, table.take(rows))
        return found

    # Truth

    def _judge(self, expression: Expression, table: Solutions) -> Truth:
        """Return an expression's effective boolean value (17.2.2)."""
        known = self._judge_known(expression, table)
        if known is not None:
            return known
        value = self.value(expression, table)
        no, yes, _ = self._number_booleans().tolist()
        if not np.isin(value, (no, yes, UNBOUND)).all():
            double = delegate("!", [value], self._terms)
            return np.where(double == yes, 0, np.where(double == no, 1, -1)).astype(np.int8)
        return np.where(value == yes, 1, np.where(value == no, 0, -1)).astype(np.int8)

    def _judge_known(self, expression: Expression, table: Solutions) -> Truth | None:
        """Return the truth of an operator whose value is a boolean; None: it isn't known here."""
        operator, arguments = expression.operator, expression.arguments
        if operator in ("&&", "||", "!"):
            return self._judge_logic(expression, table)
        if operator in ("EXISTS", "NOT EXISTS"):
            assert expression.pattern is not None
            found = self._exists(expression.pattern, table)
            return (found if operator == "EXISTS" else ~found).astype(np.int8)
        if operator == "BOUND":
            return (self.value(arguments[0], table) >= 0).astype(np.int8)
        if operator in _KINDS:
            return self._judge_kind(self.value(arguments[0], table), _KINDS[operator])
        if operator in _COMPARED:
            left, right = (self.value(argument, table) for argument in arguments)
            return self._compare(operator, left, right)
        if operator in ("IN", "NOT IN"):
            return self._judge_membership(expression, table)
        if operator == "SAMETERM":
            left, right = (self.value(argument, table) for argument in arguments)
            return np.where((left < 0) | (right < 0), -1, left == right).astype(np.int8)
        return self._strings.judge(expression, lambda argument: self.value(argument, table))

    def _judge_logic(self, expression: Expression, table: Solutions) -> Truth:
        truths = [self._judge(argument, table) for argument in expression.arguments]
        if expression.operator == "!":
            return np.where(truths[0] < 0, truths[0], 1 - truths[0]).astype(np.int8)
        return reduce(_conjoin if expression.operator == "&&" else _disjoin, truths)

    def _judge_kind(self, value: Numbers, kinds: tuple[Kind, ...]) -> Truth:
        found = np.logical_or.reduce([self._terms.are(value, kind) for kind in kinds])
        return np.where(value < 0, -1, found).astype(np.int8)

    def _compare(self, operator: str, left: Numbers, right: Numbers) -> Truth:
        truth, certain = compare(operator, left, right, self._terms)
        if certain.all():
            return truth
        rows = ~certain
        value = delegate(operator, [left[rows], right[rows]], self._terms)
        no, yes, _ = self._number_booleans().tolist()
        truth[rows] = np.where(value == yes, 1, np.where(value == no, 0, -1))
        return truth

    def _judge_membership(self, expression: Expression, table: Solutions) -> Truth:
        """Return what the equalities say that IN stands for (17.4.1.9)."""
        value, *others = (self.value(argument, table) for argument in expression.arguments)
        found = np.where(value < 0, -1, 0).astype(np.int8)
        for other in others:
            found = _disjoin(found, self._compare("=", value, other))
        if expression.operator == "IN":
            return found
        return np.where(found < 0, found, 1 - found).astype(np.int8)

    def _number_booleans(self) -> Numbers:
        """Return the numbers of false and true, and -1: to be looked up by a truth."""
        no, yes = (
            self._terms.number(Term(Kind.TYPED, text, BOOLEAN)) for text in ("false", "true")
        )
        return np.array([no, yes, UNBOUND], np.int32)


def _conjoin(left: Truth, right: Truth) -> Truth:
    either = (left == 0) | (right == 0)
    return np.where(either, 0, np.where((left < 0) | (right < 0), -1, 1)).astype(np.int8)


def _disjoin(left: Truth, right: Truth) -> Truth:
    either = (left == 1) | (right == 1)
    return np.where(either, 1, np.where((left < 0) | (right < 0), -1, 0)).astype(np.int8)
