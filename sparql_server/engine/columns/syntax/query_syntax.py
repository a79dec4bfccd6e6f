"""Reads SELECT queries (SPARQL 1.1 Query Language) to what columns work with.

https://www.w3.org/TR/sparql11-query/#sparqlGrammar. A query has been found well-formed before: what
isn't read with certainty, or isn't covered, is Unsuited. That is every form but SELECT; FROM,
VERSION, GRAPH and SERVICE; collections, negated property sets and literals as subjects; what SPARQL
1.2 adds; signs of signs; and whatever can be taken for two things, such as ``:p+1``.
"""

from __future__ import annotations

from collections.abc import Mapping

from sparql_server.engine.columns.algebra import (
    Expression,
    Group,
    Item,
    Order,
    Select,
    Unsuited,
    Values,
    Variable,
)
from sparql_server.engine.columns.syntax.pattern_syntax import Patterns

_MOST_DIGITS = 15  # of LIMIT and OFFSET


def read(query: str, prefixes: Mapping[str, str], base: str | None = None) -> Select:
    """Return what a query says. Raises Unsuited.

    prefixes: prefix to namespace, of those that the query needn't declare. base: against which
    relative IRIs are resolved.

    A variable that is selected or grouped by is an Item's expression and its variable. A subquery
    is an element of the group that its braces stand in, or the only one of what OPTIONAL, MINUS,
    UNION, EXISTS or a query has.
    """
    return Query(query, prefixes, base).read()


class Query(Patterns):
    """Reads a whole query."""

    def read(self) -> Select:
        """Read to the end."""
        self._prologue()
        found = self.select()
        self.take("end")
        return found

    def _prologue(self) -> None:
        declared: dict[str, str] = {}
        while True:
            if self.takes("PREFIX"):
                self._prefix(declared)
            elif self.takes("BASE"):
                self.base = self._whole_iri()
            else:
                break
        if declared:
            self.prefixes = {**self.prefixes, **declared}

    def _prefix(self, declared: dict[str, str]) -> None:
        name, _, local = self.take("name").partition(":")
        namespace = self._whole_iri()
        if local or declared.setdefault(name, namespace) != namespace:
            raise Unsuited

    def _whole_iri(self) -> str:
        if self.kinds[self.at] != "iri":
            raise Unsuited
        return self.iri().value

    # SELECT

    def select(self) -> Select:
        """Read a query or a subquery, without its prologue."""
        self.take("SELECT")
        distinct = self.takes("DISTINCT")
        reduced = not distinct and self.takes("REDUCED")
        items = self._items()
        self.takes("WHERE")
        where = self.group()
        return self._modified(items, where, distinct, reduced)

    def _modified(
        self, items: tuple[Item, ...] | None, where: Group, distinct: bool, reduced: bool
    ) -> Select:
        group_by = self._group_by()
        having = self._having()
        order_by = self._order_by()
        offset, limit = self._slice()
        values = self._trailing_values()
        return Select(
            items, where, distinct, reduced, group_by, having, order_by, offset, limit, values
        )

    def _items(self) -> tuple[Item, ...] | None:
        if self.takes("*"):
            return None
        found = []
        while self.kinds[self.at] in ("variable", "("):
            found.append(self._grouped())
        if not found or any(one.variable is None for one in found):
            raise Unsuited
        return tuple(found)

    def _bare(self) -> Item:
        expression = self.variable_expression()
        assert isinstance(expression.node, Variable)
        return Item(expression, expression.node)

    def _named(self) -> Item:
        self.take("(")
        expression = self.expression()
        variable = self.variable() if self.takes("AS") else None
        self.take(")")
        return Item(expression, variable)

    # Solution modifiers

    def _group_by(self) -> tuple[Item, ...] | None:
        if not self.takes("GROUP"):
            return None
        self.take("BY")
        found = [self._grouped()]
        while self.kinds[self.at] == "variable" or self.is_constraint():
            found.append(self._grouped())
        return tuple(found)

    def _grouped(self) -> Item:
        kind = self.kinds[self.at]
        if kind == "variable":
            return self._bare()
        return self._named() if kind == "(" else Item(self.constraint(), None)

    def _having(self) -> tuple[Expression, ...]:
        if not self.takes("HAVING"):
            return ()
        found = [self.constraint()]
        while self.is_constraint():
            found.append(self.constraint())
        return tuple(found)

    def _order_by(self) -> tuple[Order, ...]:
        if not self.takes("ORDER"):
            return ()
        self.take("BY")
        found = [self._order()]
        while self.kinds[self.at] in ("variable", "ASC", "DESC") or self.is_constraint():
            found.append(self._order())
        return tuple(found)

    def _order(self) -> Order:
        if self.takes("DESC"):
            return Order(self.bracketted(), True)
        if self.takes("ASC"):
            return Order(self.bracketted(), False)
        if self.kinds[self.at] == "variable":
            return Order(self.variable_expression(), False)
        return Order(self.constraint(), False)

    def _slice(self) -> tuple[int, int | None]:
        """Read OFFSET and LIMIT, in any order."""
        offset = self._count("OFFSET")
        limit = self._count("LIMIT")
        if offset is None:
            offset = self._count("OFFSET")
        return offset or 0, limit

    def _count(self, keyword: str) -> int | None:
        if not self.takes(keyword):
            return None
        digits = self.take("number")
        if not digits.isdigit() or len(digits) > _MOST_DIGITS:
            raise Unsuited
        return int(digits)

    def _trailing_values(self) -> Values | None:
        return self.values() if self.kinds[self.at] == "VALUES" else None
