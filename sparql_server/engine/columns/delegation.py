"""Has Oxigraph evaluate an operator or a function, once for each row of arguments that differs."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
import pyoxigraph as ox

from sparql_server.engine.columns.algebra import Kind, Term, Unsuited
from sparql_server.engine.columns.query_terms import XSD, QueryTerms
from sparql_server.engine.columns.solutions import UNBOUND, Numbers, codes, column_of

MOST = 20_000
"""Rows of arguments for which this is quicker than leaving the query to Oxigraph altogether."""

_INFIX = ("||", "&&", "=", "!=", "<", ">", "<=", ">=", "+", "-", "*", "/")
_SIGNS = {"u+": "+", "u-": "-", "!": "!"}
# What depends on more than its arguments, or makes what no row of VALUES could say again.
_OWN = ("RAND", "NOW", "UUID", "STRUUID", "BNODE", "TRIPLE", "SUBJECT", "PREDICATE", "OBJECT")
_ESCAPES = {"\\": r"\\", '"': r"\"", "\n": r"\n", "\r": r"\r"}
_NEEDS_ESCAPE = re.compile(r'[\\"\n\r]')


def delegate(operator: str, arguments: Sequence[Numbers], terms: QueryTerms) -> Numbers:
    """Return an operator's value for each row of arguments; ``UNBOUND`` where it has none.

    operator: as ``Expression`` has it. Raises Unsuited.
    """
    if not arguments or operator in _OWN or not len(arguments[0]):
        if arguments and operator not in _OWN:
            return arguments[0]
        raise Unsuited(operator)
    _, first, back = np.unique(codes(arguments), return_index=True, return_inverse=True)
    if len(first) > MOST:
        raise Unsuited(f"{operator} of {len(first)} different values")
    rows = [argument[first] for argument in arguments]
    return column_of(_evaluate(operator, rows, terms))[back]


def _evaluate(operator: str, arguments: Sequence[Numbers], terms: QueryTerms) -> list[int]:
    texts = [[_text(number, terms) for number in one.tolist()] for one in arguments]
    # What is the same in all rows stands where it is used: of a pattern, Oxigraph makes an
    # automaton once then, and not for each row.
    alike = [len(set(column)) == 1 and column[0] != "UNDEF" for column in texts]
    names = [
        column[0] if same else f"?a{at}"
        for at, (column, same) in enumerate(zip(texts, alike, strict=True))
    ]
    varied = [column for column, same in zip(texts, alike, strict=True) if not same]
    variables = " ".join(name for name, same in zip(names, alike, strict=True) if not same)
    size = len(arguments[0]) if varied else 1
    lines = (f"({' '.join(row)})" for row in zip(map(str, range(size)), *varied, strict=True))
    query = (
        f"SELECT ?n ?r {{ VALUES (?n {variables}) {{ {' '.join(lines)} }}"
        f" BIND({call(operator, names)} AS ?r) }}"
    )
    found = [UNBOUND] * size
    for solution in _query(query):
        found[int(solution[0].value)] = _number(solution[1], terms)
    return found if varied else found * len(arguments[0])


def call(operator: str, arguments: Sequence[str]) -> str:
    """Return an operator with its arguments as SPARQL.

    >>> call("IN", ["?a", "1", "2"])
    '(?a IN (1, 2))'
    """
    if operator in _INFIX:
        return f"({f' {operator} '.join(arguments)})"
    if operator in _SIGNS:
        return f"({_SIGNS[operator]} {arguments[0]})"
    if operator in ("IN", "NOT IN"):
        return f"({arguments[0]} {operator} ({', '.join(arguments[1:])}))"
    if operator.startswith("<") and not operator.startswith(f"<{XSD}"):
        raise Unsuited(f"a function of its own, {operator}")
    return f"{operator}({', '.join(arguments)})"


def _query(query: str) -> ox.QuerySolutions:
    try:
        found = ox.Store().query(query)
    except (SyntaxError, ValueError, RuntimeError) as error:
        raise Unsuited(f"an operator that Oxigraph refuses: {error}") from error
    assert isinstance(found, ox.QuerySolutions)
    return found


def _text(number: int, terms: QueryTerms) -> str:
    if number == UNBOUND:
        return "UNDEF"
    term = terms.term(number)
    if term.kind == Kind.IRI:
        return f"<{term.value}>"
    if term.kind == Kind.BLANK:
        raise Unsuited("a blank node as an argument")
    quoted = '"' + _NEEDS_ESCAPE.sub(lambda found: _ESCAPES[found[0]], term.value) + '"'
    if term.kind == Kind.SIMPLE:
        return quoted
    return f"{quoted}@{term.tag}" if term.kind == Kind.LANGUAGE else f"{quoted}^^<{term.tag}>"


def _number(value: object, terms: QueryTerms) -> int:
    if isinstance(value, ox.Literal):
        if value.language:
            return terms.number(Term(Kind.LANGUAGE, value.value, value.language))
        datatype = value.datatype.value
        if datatype == f"{XSD}string":
            return terms.number(Term(Kind.SIMPLE, value.value))
        return terms.number(Term(Kind.TYPED, value.value, datatype))
    if isinstance(value, ox.NamedNode):
        return terms.number(Term(Kind.IRI, value.value))
    if value is None:
        return UNBOUND
    raise Unsuited("a value that is a blank node or a triple")
