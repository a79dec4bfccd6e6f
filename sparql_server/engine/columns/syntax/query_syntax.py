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
from sparql_server.engine.columns.syntax.expression_syntax import (
    is_constraint,
    read_brackets,
    read_constraint,
    read_expression,
    read_variable_expression,
)
from sparql_server.engine.columns.syntax.pattern_syntax import read_group, read_values
from sparql_server.engine.columns.syntax.term_syntax import read_iri, read_variable
from sparql_server.engine.columns.syntax.token_reader import Grammar, TokenReader

_MOST_DIGITS = 15  # of LIMIT and OFFSET


def read(query: str, prefixes: Mapping[str, str], base: str | None = None) -> Select:
    """Return what a query says. Raises Unsuited.

    prefixes: prefix to namespace, of those that the query needn't declare. base: against which
    relative IRIs are resolved.

    A variable that is selected or grouped by is an Item's expression and its variable. A subquery
    is an element of the group that its braces stand in, or the only one of what OPTIONAL, MINUS,
    UNION, EXISTS or a query has.
    """
    tokens = TokenReader(query, prefixes, base, _GRAMMAR)
    _prologue(tokens)
    found = read_select(tokens)
    tokens.take("end")
    return found


def _prologue(tokens: TokenReader) -> None:
    declared: dict[str, str] = {}
    while True:
        if tokens.takes("PREFIX"):
            _prefix(tokens, declared)
        elif tokens.takes("BASE"):
            tokens.base = _whole_iri(tokens)
        else:
            break
    if declared:
        tokens.prefixes = {**tokens.prefixes, **declared}


def _prefix(tokens: TokenReader, declared: dict[str, str]) -> None:
    name, _, local = tokens.take("name").partition(":")
    namespace = _whole_iri(tokens)
    if local or declared.setdefault(name, namespace) != namespace:
        raise Unsuited


def _whole_iri(tokens: TokenReader) -> str:
    if tokens.kinds[tokens.at] != "iri":
        raise Unsuited
    return read_iri(tokens).value


# SELECT


def read_select(tokens: TokenReader) -> Select:
    """Read a query or a subquery, without its prologue."""
    tokens.take("SELECT")
    distinct = tokens.takes("DISTINCT")
    reduced = not distinct and tokens.takes("REDUCED")
    items = _items(tokens)
    tokens.takes("WHERE")
    where = read_group(tokens)
    return _modified(tokens, items, where, distinct, reduced)


def _modified(
    tokens: TokenReader, items: tuple[Item, ...] | None, where: Group, distinct: bool, reduced: bool
) -> Select:
    group_by = _group_by(tokens)
    having = _having(tokens)
    order_by = _order_by(tokens)
    offset, limit = _slice(tokens)
    values = _trailing_values(tokens)
    return Select(
        items, where, distinct, reduced, group_by, having, order_by, offset, limit, values
    )


def _items(tokens: TokenReader) -> tuple[Item, ...] | None:
    if tokens.takes("*"):
        return None
    found = []
    while tokens.kinds[tokens.at] in ("variable", "("):
        found.append(_grouped(tokens))
    if not found or any(item.variable is None for item in found):
        raise Unsuited
    return tuple(found)


def _bare(tokens: TokenReader) -> Item:
    expression = read_variable_expression(tokens)
    assert isinstance(expression.node, Variable)
    return Item(expression, expression.node)


def _named(tokens: TokenReader) -> Item:
    tokens.take("(")
    expression = read_expression(tokens)
    variable = read_variable(tokens) if tokens.takes("AS") else None
    tokens.take(")")
    return Item(expression, variable)


# Solution modifiers


def _group_by(tokens: TokenReader) -> tuple[Item, ...] | None:
    if not tokens.takes("GROUP"):
        return None
    tokens.take("BY")
    found = [_grouped(tokens)]
    while tokens.kinds[tokens.at] == "variable" or is_constraint(tokens):
        found.append(_grouped(tokens))
    return tuple(found)


def _grouped(tokens: TokenReader) -> Item:
    kind = tokens.kinds[tokens.at]
    if kind == "variable":
        return _bare(tokens)
    return _named(tokens) if kind == "(" else Item(read_constraint(tokens), None)


def _having(tokens: TokenReader) -> tuple[Expression, ...]:
    if not tokens.takes("HAVING"):
        return ()
    found = [read_constraint(tokens)]
    while is_constraint(tokens):
        found.append(read_constraint(tokens))
    return tuple(found)


def _order_by(tokens: TokenReader) -> tuple[Order, ...]:
    if not tokens.takes("ORDER"):
        return ()
    tokens.take("BY")
    found = [_order(tokens)]
    while tokens.kinds[tokens.at] in ("variable", "ASC", "DESC") or is_constraint(tokens):
        found.append(_order(tokens))
    return tuple(found)


def _order(tokens: TokenReader) -> Order:
    if tokens.takes("DESC"):
        return Order(read_brackets(tokens), True)
    if tokens.takes("ASC"):
        return Order(read_brackets(tokens), False)
    if tokens.kinds[tokens.at] == "variable":
        return Order(read_variable_expression(tokens), False)
    return Order(read_constraint(tokens), False)


def _slice(tokens: TokenReader) -> tuple[int, int | None]:
    """Read OFFSET and LIMIT, in any order."""
    offset = _count(tokens, "OFFSET")
    limit = _count(tokens, "LIMIT")
    if offset is None:
        offset = _count(tokens, "OFFSET")
    return offset or 0, limit


def _count(tokens: TokenReader, keyword: str) -> int | None:
    if not tokens.takes(keyword):
        return None
    digits = tokens.take("number")
    if not digits.isdigit() or len(digits) > _MOST_DIGITS:
        raise Unsuited
    return int(digits)


def _trailing_values(tokens: TokenReader) -> Values | None:
    return read_values(tokens) if tokens.kinds[tokens.at] == "VALUES" else None


_GRAMMAR = Grammar(read_group, read_select)
