"""Has Oxigraph evaluate an operator or a function, once for each row of arguments that differs."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

import numpy as np
import pyoxigraph as ox

from sparql_server.engine.columns.algebra import Kind, Term, Unsuited
from sparql_server.engine.columns.solutions.arrays import (
    Numbers,
    encode_rows,
    factorize,
    make_numbers,
)
from sparql_server.engine.columns.solutions.query_terms import QueryTerms
from sparql_server.engine.columns.solutions.solutions import UNBOUND
from sparql_server.engine.oxigraph.replacement import translate_replacement
from sparql_server.sparql.namespaces import XSD

MOST = 1_000_000
"""Rows of arguments for which this is quicker than leaving the query to Oxigraph altogether."""

_AT_ONCE = 20_000  # rows of arguments in one query

_INFIX = ("||", "&&", "=", "!=", "<", ">", "<=", ">=", "+", "-", "*", "/")
_ORDERED = ("<", ">", "<=", ">=")
_SIGNS = {"u+": "+", "u-": "-", "!": "!"}
# What depends on more than its arguments, or makes what no row of VALUES could say again.
_OWN = frozenset(
    (
        *("RAND", "NOW", "UUID", "STRUUID", "BNODE", "TRIPLE", "SUBJECT", "PREDICATE", "OBJECT"),
        *("IRI", "URI"),  # the base
    )
)
_DURATION = ("#duration>", "#dayTimeDuration>", "#yearMonthDuration>")
_ESCAPES = {"\\": r"\\", '"': r"\"", "\n": r"\n", "\r": r"\r"}
_NEEDS_ESCAPE = re.compile(r'[\\"\n\r]')


def delegate(operator: str, arguments: Sequence[Numbers], terms: QueryTerms) -> Numbers:
    """Return an operator's value for each row of arguments; ``UNBOUND`` where it has none.

    operator: as ``Expression`` has it. Raises Unsuited.
    """
    if not arguments or operator in _OWN:
        raise Unsuited(f"a function of more than its arguments, {operator}")
    if not len(arguments[0]):
        return arguments[0]
    first, back = factorize(encode_rows(arguments))
    if len(first) > MOST:
        raise Unsuited(f"{len(first)} different values")
    rows = [argument[first] for argument in arguments]
    if operator == "REPLACE":
        rows = _convert_replacement(rows, terms)
    parts = range(0, len(first), _AT_ONCE)
    found = [
        make_numbers(_evaluate(operator, [row[begin : begin + _AT_ONCE] for row in rows], terms))
        for begin in parts
    ]
    return np.concatenate(found)[back]


def _convert_replacement(arguments: Sequence[Numbers], terms: QueryTerms) -> list[Numbers]:
    """Return the arguments of REPLACE with a replacement string as Oxigraph has it."""
    text, *others = arguments
    if any((other != other[0]).any() for other in others):
        raise Unsuited("REPLACE with what isn't a constant")
    constants = [int(other[0]) for other in others]
    number = UNBOUND
    if UNBOUND not in constants and all(
        terms.term(number).kind == Kind.SIMPLE for number in constants
    ):
        pattern, replacement, *flags = [terms.term(number).value for number in constants]
        new = translate_replacement(pattern, replacement, *flags)
        number = UNBOUND if new is None else terms.number(Term(Kind.SIMPLE, new))
    return [text, others[0], np.full(len(text), number, np.int32), *others[2:]]


def _evaluate(operator: str, arguments: Sequence[Numbers], terms: QueryTerms) -> list[int]:
    """Return an operator's value for each row of arguments.

    What is the same in all rows stands where it is used: of a constant pattern, Oxigraph makes an
    automaton once, and of another one for each row.
    """
    columns = [[_write_term(number, terms) for number in numbers.tolist()] for numbers in arguments]
    if operator == "+" and any(text.endswith(_DURATION) for column in columns for text in column):
        # It adds a duration to a date, but not a date to a duration, and swaps them as it likes.
        raise Unsuited("a sum with a duration")
    if operator in _ORDERED and any(terms.are(column, Kind.BLANK).any() for column in arguments):
        raise Unsuited("a blank node that is compared")
    names = [_write_argument(place, column) for place, column in enumerate(columns)]
    varied = {name: column for name, column in zip(names, columns, strict=True) if name[0] == "?"}
    size = len(arguments[0]) if varied else 1
    rows = zip(map(str, range(size)), *varied.values(), strict=True)
    query = (
        f"SELECT ?n ?r {{ VALUES (?n {' '.join(varied)}) {{ {_write_rows(rows)} }}"
        f" BIND({write_call(operator, names)} AS ?r) }}"
    )
    found = [UNBOUND] * size
    for solution in _ask(query):
        found[int(solution[0].value)] = _number(solution[1], terms)
    return found if varied else found * len(arguments[0])


def _write_argument(place: int, column: Sequence[str]) -> str:
    """Return a constant as it is, or else a variable of its own."""
    constant = len(set(column)) == 1 and column[0] != "UNDEF"
    return column[0] if constant else f"?a{place}"


def _write_rows(rows: Iterable[tuple[str, ...]]) -> str:
    return " ".join(f"({' '.join(row)})" for row in rows)


def write_call(operator: str, arguments: Sequence[str]) -> str:
    """Return an operator with its arguments as SPARQL.

    >>> write_call("IN", ["?a", "1", "2"])
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


def _ask(query: str) -> ox.QuerySolutions:
    try:
        found = ox.Store().query(query)
    except (SyntaxError, ValueError, RuntimeError) as error:
        raise Unsuited(f"an operator that Oxigraph refuses: {error}") from error
    assert isinstance(found, ox.QuerySolutions)
    return found


def _write_term(number: int, terms: QueryTerms) -> str:
    if number == UNBOUND:
        return "UNDEF"
    term = terms.term(number)
    if term.kind == Kind.IRI:
        return f"<{term.value}>"
    if term.kind == Kind.BLANK:
        return "UNDEF"  # an error in any function that comes here
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
