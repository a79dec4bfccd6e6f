"""Reads a query's expressions.

SPARQL 1.1 Query Language, 17, https://www.w3.org/TR/sparql11-query/#expressions
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable

from sparql_server.engine.columns.algebra import Expression, Group, Unsuited
from sparql_server.engine.columns.syntax.term_syntax import Terms

AGGREGATES = frozenset(("COUNT", "SUM", "MIN", "MAX", "AVG", "SAMPLE", "GROUP_CONCAT"))
BUILT_IN = frozenset(
    (
        *("ABS", "BNODE", "BOUND", "CEIL", "COALESCE", "CONCAT", "CONTAINS", "DATATYPE", "DAY"),
        *("ENCODE_FOR_URI", "FLOOR", "HOURS", "IF", "IRI", "ISBLANK", "ISIRI", "ISLITERAL"),
        *("ISNUMERIC", "ISURI", "LANG", "LANGMATCHES", "LCASE", "MD5", "MINUTES", "MONTH", "NOW"),
        *("RAND", "REGEX", "REPLACE", "ROUND", "SAMETERM", "SECONDS", "SHA1", "SHA256", "SHA384"),
        *("SHA512", "STR", "STRAFTER", "STRBEFORE", "STRDT", "STRENDS", "STRLANG", "STRLEN"),
        *("STRSTARTS", "STRUUID", "SUBSTR", "TIMEZONE", "TZ", "UCASE", "URI", "UUID", "YEAR"),
    )
)
_CONSTRAINTS = BUILT_IN | AGGREGATES | {"(", "name", "iri", "EXISTS", "NOT"}
_COMPARISONS = frozenset(("=", "!=", "<", ">", "<=", ">="))
_SUMS = frozenset("+-")
_PRODUCTS = frozenset("*/")
_UNARY = {"!": "!", "+": "u+", "-": "u-"}

_MOST = 40  # operands of sums and products, each within the next


class Expressions(Terms, ABC):
    """Reads expressions. A node of one in brackets is that within them, without them."""

    @abstractmethod
    def group(self) -> Group:
        """Read a group pattern."""

    def expression(self) -> Expression:
        """Read an expression."""
        begin = self.at
        first = self._conjunction()
        if self.kinds[self.at] != "||":
            return first
        return self._chain("||", first, begin, self._conjunction)

    def is_constraint(self) -> bool:
        """Tell whether an expression in brackets or a call may stand here."""
        return self.kinds[self.at] in _CONSTRAINTS

    def constraint(self) -> Expression:
        """Read an expression in brackets, or a call."""
        if self.kinds[self.at] == "(":
            return self.bracketted()
        if not self.is_iri():
            return self._call()
        found = self._iri_or_function()
        if found.operator == "constant":
            raise Unsuited
        return found

    def bracketted(self) -> Expression:
        """Read an expression in brackets."""
        self.take("(")
        found = self.expression()
        self.take(")")
        return found

    # Operators, from those that bind least

    def _conjunction(self) -> Expression:
        begin = self.at
        first = self._relation()
        if self.kinds[self.at] != "&&":
            return first
        return self._chain("&&", first, begin, self._relation)

    def _chain(
        self, operator: str, first: Expression, begin: int, operand: Callable[[], Expression]
    ) -> Expression:
        found = [first]
        while self.takes(operator):
            found.append(operand())
        return self._made(operator, tuple(found), begin)

    def _relation(self) -> Expression:
        begin = self.at
        left = self._sum()
        kind = self.kinds[self.at]
        if kind in _COMPARISONS:
            self.at += 1
            return self._made(kind, (left, self._sum()), begin)
        if kind == "IN":
            self.at += 1
            return self._made("IN", (left, *self._list()), begin)
        if kind == "NOT":
            self.at += 1
            self.take("IN")
            return self._made("NOT IN", (left, *self._list()), begin)
        return left

    def _sum(self) -> Expression:
        begin = self.at
        left = self._product()
        if self.kinds[self.at] not in _SUMS:
            return left
        return self._left_to_right(_SUMS, left, begin, self._product)

    def _product(self) -> Expression:
        begin = self.at
        left = self._unary()
        if self.kinds[self.at] not in _PRODUCTS:
            return left
        return self._left_to_right(_PRODUCTS, left, begin, self._unary)

    def _left_to_right(
        self,
        operators: frozenset[str],
        left: Expression,
        begin: int,
        operand: Callable[[], Expression],
    ) -> Expression:
        for _ in range(_MOST):
            kind = self.kinds[self.at]
            if kind not in operators:
                return left
            self.at += 1
            left = self._made(kind, (left, operand()), begin)
        raise Unsuited

    def _unary(self) -> Expression:
        operator = _UNARY.get(self.kinds[self.at])
        if operator is None or self.is_number():
            return self._primary()
        begin = self.at
        self.at += 1
        return self._made(operator, (self._primary(),), begin)

    # Operands

    def _primary(self) -> Expression:
        kind = self.kinds[self.at]
        if kind == "variable":
            return self.variable_expression()
        if kind == "(":
            return self.bracketted()
        if kind in ("name", "iri"):
            return self._iri_or_function()
        if kind in ("string", "number", "TRUE", "FALSE", "+", "-"):
            begin = self.at
            return Expression("constant", (), node=self.constant(), text=self._text(begin))
        return self._call()

    def variable_expression(self) -> Expression:
        """Read a variable."""
        text = self.texts[self.at]
        return Expression("variable", (), text, self.variable())

    def _iri_or_function(self) -> Expression:
        begin = self.at
        iri = self.iri()
        if self.kinds[self.at] != "(":
            return Expression("constant", (), self._text(begin), iri)
        return self._made(f"<{iri.value}>", tuple(self._list()), begin)

    def _call(self) -> Expression:
        begin = self.at
        kind = self.kinds[begin]
        self.at += 1
        if kind in BUILT_IN:
            return self._made(kind, tuple(self._list()), begin)
        if kind in AGGREGATES:
            return self._aggregate(kind, begin)
        if kind == "NOT":
            kind = f"NOT {self.take('EXISTS').upper()}"
        elif kind != "EXISTS":
            raise Unsuited
        pattern = self.group()
        return Expression(kind, (), self._text(begin), None, pattern)

    def _list(self) -> list[Expression]:
        self.take("(")
        if self.takes(")"):
            return []
        found = [self.expression()]
        while self.takes(","):
            found.append(self.expression())
        self.take(")")
        return found

    def _aggregate(self, name: str, begin: int) -> Expression:
        self.take("(")
        distinct = self.takes("DISTINCT")
        every = name == "COUNT" and self.takes("*")
        arguments = () if every else (self.expression(),)
        separator = self._separator() if name == "GROUP_CONCAT" and self.takes(";") else None
        self.take(")")
        text = self._text(begin)
        return Expression(name, arguments, text, None, None, distinct, separator)

    def _separator(self) -> str:
        self.take("SEPARATOR")
        self.take("=")
        return self.string()

    # Text

    def _made(self, operator: str, arguments: tuple[Expression, ...], begin: int) -> Expression:
        return Expression(operator, arguments, self._text(begin))

    def _text(self, begin: int) -> str:
        return self.query[self.starts[begin] : self.ends[self.at - 1]]
