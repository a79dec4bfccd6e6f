"""Reads a query's expressions.

SPARQL 1.1 Query Language, 17, https://www.w3.org/TR/sparql11-query/#expressions
"""

from __future__ import annotations

from collections.abc import Callable

from sparql_server.engine.columns.algebra import Expression, Unsuited
from sparql_server.engine.columns.syntax.term_syntax import (
    read_constant,
    read_iri,
    read_string,
    read_variable,
)
from sparql_server.engine.columns.syntax.token_reader import TokenReader

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


def read_expression(tokens: TokenReader) -> Expression:
    """Read an expression."""
    begin = tokens.at
    first = _read_conjunction(tokens)
    if tokens.kinds[tokens.at] != "||":
        return first
    return _read_chain(tokens, "||", first, begin, _read_conjunction)


def is_constraint(tokens: TokenReader) -> bool:
    """Tell whether an expression in brackets or a call may stand here."""
    return tokens.kinds[tokens.at] in _CONSTRAINTS


def read_constraint(tokens: TokenReader) -> Expression:
    """Read an expression in brackets, or a call."""
    if tokens.kinds[tokens.at] == "(":
        return read_brackets(tokens)
    if not tokens.is_iri():
        return _read_call(tokens)
    found = _read_iri_or_function(tokens)
    if found.operator == "constant":
        raise Unsuited
    return found


def read_brackets(tokens: TokenReader) -> Expression:
    """Read an expression in brackets."""
    tokens.take("(")
    found = read_expression(tokens)
    tokens.take(")")
    return found


# Operators, from those that bind least


def _read_conjunction(tokens: TokenReader) -> Expression:
    begin = tokens.at
    first = _read_relation(tokens)
    if tokens.kinds[tokens.at] != "&&":
        return first
    return _read_chain(tokens, "&&", first, begin, _read_relation)


def _read_chain(
    tokens: TokenReader,
    operator: str,
    first: Expression,
    begin: int,
    operand: Callable[[TokenReader], Expression],
) -> Expression:
    found = [first]
    while tokens.takes(operator):
        found.append(operand(tokens))
    return _make(tokens, operator, tuple(found), begin)


def _read_relation(tokens: TokenReader) -> Expression:
    begin = tokens.at
    left = _read_sum(tokens)
    kind = tokens.kinds[tokens.at]
    if kind in _COMPARISONS:
        tokens.at += 1
        return _make(tokens, kind, (left, _read_sum(tokens)), begin)
    if kind == "IN":
        tokens.at += 1
        return _make(tokens, "IN", (left, *_read_list(tokens)), begin)
    if kind == "NOT":
        tokens.at += 1
        tokens.take("IN")
        return _make(tokens, "NOT IN", (left, *_read_list(tokens)), begin)
    return left


def _read_sum(tokens: TokenReader) -> Expression:
    begin = tokens.at
    left = _read_product(tokens)
    if tokens.kinds[tokens.at] not in _SUMS:
        return left
    return _read_left_to_right(tokens, _SUMS, left, begin, _read_product)


def _read_product(tokens: TokenReader) -> Expression:
    begin = tokens.at
    left = _read_unary(tokens)
    if tokens.kinds[tokens.at] not in _PRODUCTS:
        return left
    return _read_left_to_right(tokens, _PRODUCTS, left, begin, _read_unary)


def _read_left_to_right(
    tokens: TokenReader,
    operators: frozenset[str],
    left: Expression,
    begin: int,
    operand: Callable[[TokenReader], Expression],
) -> Expression:
    for _ in range(_MOST):
        kind = tokens.kinds[tokens.at]
        if kind not in operators:
            return left
        tokens.at += 1
        left = _make(tokens, kind, (left, operand(tokens)), begin)
    raise Unsuited


def _read_unary(tokens: TokenReader) -> Expression:
    operator = _UNARY.get(tokens.kinds[tokens.at])
    if operator is None or tokens.is_number():
        return _read_primary(tokens)
    begin = tokens.at
    tokens.at += 1
    return _make(tokens, operator, (_read_primary(tokens),), begin)


# Operands


def _read_primary(tokens: TokenReader) -> Expression:
    kind = tokens.kinds[tokens.at]
    if kind == "variable":
        return read_variable_expression(tokens)
    if kind == "(":
        return read_brackets(tokens)
    if kind in ("name", "iri"):
        return _read_iri_or_function(tokens)
    if kind in ("string", "number", "TRUE", "FALSE", "+", "-"):
        begin = tokens.at
        return Expression("constant", (), node=read_constant(tokens), text=tokens.text_from(begin))
    return _read_call(tokens)


def read_variable_expression(tokens: TokenReader) -> Expression:
    """Read a variable."""
    text = tokens.texts[tokens.at]
    return Expression("variable", (), text, read_variable(tokens))


def _read_iri_or_function(tokens: TokenReader) -> Expression:
    begin = tokens.at
    iri = read_iri(tokens)
    if tokens.kinds[tokens.at] != "(":
        return Expression("constant", (), tokens.text_from(begin), iri)
    return _make(tokens, f"<{iri.value}>", tuple(_read_list(tokens)), begin)


def _read_call(tokens: TokenReader) -> Expression:
    begin = tokens.at
    kind = tokens.kinds[begin]
    tokens.at += 1
    if kind in BUILT_IN:
        return _make(tokens, kind, tuple(_read_list(tokens)), begin)
    if kind in AGGREGATES:
        return _read_aggregate(tokens, kind, begin)
    if kind == "NOT":
        kind = f"NOT {tokens.take('EXISTS').upper()}"
    elif kind != "EXISTS":
        raise Unsuited
    pattern = tokens.grammar.group(tokens)
    return Expression(kind, (), tokens.text_from(begin), None, pattern)


def _read_list(tokens: TokenReader) -> list[Expression]:
    tokens.take("(")
    if tokens.takes(")"):
        return []
    found = [read_expression(tokens)]
    while tokens.takes(","):
        found.append(read_expression(tokens))
    tokens.take(")")
    return found


def _read_aggregate(tokens: TokenReader, name: str, begin: int) -> Expression:
    tokens.take("(")
    distinct = tokens.takes("DISTINCT")
    every = name == "COUNT" and tokens.takes("*")
    arguments = () if every else (read_expression(tokens),)
    separator = _read_separator(tokens) if name == "GROUP_CONCAT" and tokens.takes(";") else None
    tokens.take(")")
    text = tokens.text_from(begin)
    return Expression(name, arguments, text, None, None, distinct, separator)


def _read_separator(tokens: TokenReader) -> str:
    tokens.take("SEPARATOR")
    tokens.take("=")
    return read_string(tokens)


# Text


def _make(
    tokens: TokenReader, operator: str, arguments: tuple[Expression, ...], begin: int
) -> Expression:
    return Expression(operator, arguments, tokens.text_from(begin))
