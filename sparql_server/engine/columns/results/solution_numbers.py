"""Numbers of pyoxigraph's solutions, as columns: what ``bindings`` does, the other way."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

import pyoxigraph as ox

from sparql_server.engine.columns.algebra import Kind, Term, Unsuited
from sparql_server.engine.columns.solutions.arrays import make_numbers
from sparql_server.engine.columns.solutions.query_terms import QueryTerms
from sparql_server.engine.columns.solutions.solutions import UNBOUND, Solutions
from sparql_server.sparql.namespaces import XSD

_PART = 10_000  # solutions that are numbered at once
_STRING = f"{XSD}string"


def number_solutions(
    solutions: Iterable[ox.QuerySolution], names: Sequence[str], terms: QueryTerms
) -> Iterator[Solutions]:
    """Yield solutions in parts, their terms by number; they have all the variables ``names``.

    Raises Unsuited for a triple term, and what going through the solutions does.
    """
    left = iter(solutions)
    while part := list(islice(left, _PART)):
        columns = {
            name: make_numbers([_number(solution[name], terms) for solution in part])
            for name in names
        }
        yield Solutions(len(part), columns)


def _number(node: object, terms: QueryTerms) -> int:
    return UNBOUND if node is None else terms.number(_make_term(node))


def _make_term(node: object) -> Term:
    if isinstance(node, ox.NamedNode):
        return Term(Kind.IRI, node.value)
    if isinstance(node, ox.BlankNode):
        return Term(Kind.BLANK, node.value)
    if not isinstance(node, ox.Literal):
        raise Unsuited("a value that is a blank node or a triple")
    if node.language:
        return Term(Kind.LANGUAGE, node.value, node.language)
    if node.datatype.value == _STRING:
        return Term(Kind.SIMPLE, node.value)
    return Term(Kind.TYPED, node.value, node.datatype.value)
