"""Reads what a query selects, and its solution modifiers (SPARQL 1.1 Query, 15, 18.2.4)."""

from __future__ import annotations

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
from sparql_server.engine.columns.syntax.pattern_syntax import read_values
from sparql_server.engine.columns.syntax.term_syntax import read_variable
from sparql_server.engine.columns.syntax.token_reader import TokenReader

_MOST_DIGITS = 15  # of LIMIT and OFFSET


def read_modifiers(
    tokens: TokenReader, items: tuple[Item, ...] | None, where: Group, distinct: bool, reduced: bool
) -> Select:
    """Read what comes after a query's pattern."""
    group_by = _read_group_by(tokens)
    having = _read_having(tokens)
    order_by = _read_order_by(tokens)
    offset, limit = _read_slice(tokens)
    values = _read_trailing_values(tokens)
    return Select(
        items, where, distinct, reduced, group_by, having, order_by, offset, limit, values
    )


def read_items(tokens: TokenReader) -> tuple[Item, ...] | None:
    """Read what is selected; None for all."""
    if tokens.takes("*"):
        return None
    found = []
    while tokens.kinds[tokens.at] in ("variable", "("):
        found.append(_read_grouped(tokens))
    if not found or any(item.variable is None for item in found):
        raise Unsuited
    return tuple(found)


def _read_bare(tokens: TokenReader) -> Item:
    expression = read_variable_expression(tokens)
    assert isinstance(expression.node, Variable)
    return Item(expression, expression.node)


def _read_named(tokens: TokenReader) -> Item:
    tokens.take("(")
    expression = read_expression(tokens)
    variable = read_variable(tokens) if tokens.takes("AS") else None
    tokens.take(")")
    return Item(expression, variable)


# Solution modifiers


def _read_group_by(tokens: TokenReader) -> tuple[Item, ...] | None:
    if not tokens.takes("GROUP"):
        return None
    tokens.take("BY")
    found = [_read_grouped(tokens)]
    while tokens.kinds[tokens.at] == "variable" or is_constraint(tokens):
        found.append(_read_grouped(tokens))
    return tuple(found)


def _read_grouped(tokens: TokenReader) -> Item:
    kind = tokens.kinds[tokens.at]
    if kind == "variable":
        return _read_bare(tokens)
    return _read_named(tokens) if kind == "(" else Item(read_constraint(tokens), None)


def _read_having(tokens: TokenReader) -> tuple[Expression, ...]:
    if not tokens.takes("HAVING"):
        return ()
    found = [read_constraint(tokens)]
    while is_constraint(tokens):
        found.append(read_constraint(tokens))
    return tuple(found)


def _read_order_by(tokens: TokenReader) -> tuple[Order, ...]:
    if not tokens.takes("ORDER"):
        return ()
    tokens.take("BY")
    found = [_read_order(tokens)]
    while tokens.kinds[tokens.at] in ("variable", "ASC", "DESC") or is_constraint(tokens):
        found.append(_read_order(tokens))
    return tuple(found)


def _read_order(tokens: TokenReader) -> Order:
    if tokens.takes("DESC"):
        return Order(read_brackets(tokens), True)
    if tokens.takes("ASC"):
        return Order(read_brackets(tokens), False)
    if tokens.kinds[tokens.at] == "variable":
        return Order(read_variable_expression(tokens), False)
    return Order(read_constraint(tokens), False)


def _read_slice(tokens: TokenReader) -> tuple[int, int | None]:
    """Read OFFSET and LIMIT, in any order."""
    offset = _read_count(tokens, "OFFSET")
    limit = _read_count(tokens, "LIMIT")
    if offset is None:
        offset = _read_count(tokens, "OFFSET")
    return offset or 0, limit


def _read_count(tokens: TokenReader, keyword: str) -> int | None:
    if not tokens.takes(keyword):
        return None
    digits = tokens.take("number")
    if not digits.isdigit() or len(digits) > _MOST_DIGITS:
        raise Unsuited
    return int(digits)


def _read_trailing_values(tokens: TokenReader) -> Values | None:
    return read_values(tokens) if tokens.kinds[tokens.at] == "VALUES" else None
