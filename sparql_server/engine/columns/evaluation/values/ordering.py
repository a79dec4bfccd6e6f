"""Orders solutions (SPARQL 1.1 Query, 15.1)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

from sparql_server.engine.columns.algebra import Kind, Term, Unsuited
from sparql_server.engine.columns.solutions.arrays import Mask, Numbers, Rows, factorize
from sparql_server.engine.columns.solutions.query_terms import (
    DECIMAL,
    INTEGER,
    QueryTerms,
    read_number,
)
from sparql_server.engine.columns.solutions.solutions import UNBOUND
from sparql_server.engine.columns.storage.numbered_terms import UNKNOWN
from sparql_server.sparql.namespaces import RDF, XSD

Ranks = NDArray[np.int64]

_DATATYPES = {
    Kind.SIMPLE: f"{XSD}string",
    Kind.LANGUAGE: f"{RDF}langString",
}
_FIRST = np.iinfo(np.int64).min + 2  # 1 for what is unbound, 1 so that it can be negated
Column = Callable[[Rows], Numbers]
"""Returns the values of given rows."""

_Key = tuple[int, int | Decimal, bytes, str, str]


def order(
    columns: Sequence[tuple[Column, bool]], size: int, terms: QueryTerms, most: int | None = None
) -> Rows:
    """Return rows in the order of these columns, the first before the second.

    columns: what returns the values of given rows, with whether it descends. size: of the table.
    most: rows that are wanted, the first ones; None for all. Raises Unsuited where terms have no
    order that is certain.
    """
    rows: Rows = np.arange(size)
    keys: list[Ranks] = []
    for column, descending in columns:
        ranks = rank(column(rows), terms)
        keys.append(-ranks if descending else ranks)
        if most is not None and most < len(rows) and len(keys) == 1:
            kept = np.flatnonzero(ranks_up_to(keys[0], most))
            rows, keys = rows[kept], [keys[0][kept]]
    found: Rows = rows[np.lexsort(keys[::-1])]
    return found[:most]


def ranks_up_to(ranks: Ranks, most: int) -> Mask:
    """Tell which ranks are among the least, so many of them, or equal to the last of these."""
    if not most:
        return np.zeros(len(ranks), np.bool_)
    last = np.partition(ranks, most - 1)[most - 1]
    found: Mask = ranks <= last
    return found


def rank(column: Numbers, terms: QueryTerms) -> Ranks:
    """Return numbers that are in the order of terms, equal where neither comes before the other.

    What is unbound comes first, then blank nodes, IRIs and literals. Raises Unsuited for literals
    of several kinds of which some have a datatype.
    """
    if is_in_order(column, terms):
        return column.astype(np.int64)
    instants = _rank_instants(column, terms)
    if instants is not None:
        return instants
    first, back = factorize(column)
    keys = _make_keys(column[first], terms)
    places = {key: place for place, key in enumerate(sorted(set(keys)))}
    ranks: Ranks = np.array([places[key] for key in keys], np.int64)[back]
    return ranks


def _rank_instants(column: Numbers, terms: QueryTerms) -> Ranks | None:
    """Return the ranks of resources and of literals that all are known instants; else None."""
    instants = terms.instants(column)
    others = instants == UNKNOWN
    resources = column[others]
    if (resources >= terms.release.bounds[Kind.SIMPLE]).any():
        return None
    instants[others] = (
        resources.astype(np.int64) + _FIRST
    )  # and so before any instant of a calendar
    return instants


def is_in_order(column: Numbers, terms: QueryTerms) -> bool:
    """Tell whether the numbers are in the order of their terms."""
    if not len(column):
        return True
    last = int(column.max())
    if last < terms.release.bounds[Kind.LANGUAGE]:
        return True
    if last >= terms.release.bounds[Kind.TYPED]:
        return False
    return not terms.are(column, Kind.SIMPLE).any()


def _make_keys(numbers: Numbers, terms: QueryTerms) -> list[_Key]:
    found = [terms.term(number) if number != UNBOUND else None for number in numbers.tolist()]
    literals = [term for term in found if term and term.kind >= Kind.SIMPLE]
    if not any(literal.kind == Kind.TYPED for literal in literals):
        return [_make_key(term) for term in found]
    if all(literal.tag in (INTEGER, DECIMAL) for literal in literals):
        return [_make_numeric_key(term) for term in found]
    instants = terms.instants(numbers).tolist()
    known = [instant != UNKNOWN for instant in instants]
    if sum(known) < len(literals):
        raise Unsuited("literals of several kinds are ordered")
    return [
        (3, instant, b"", "", "") if has else _make_key(term)
        for term, instant, has in zip(found, instants, known, strict=True)
    ]


def _make_key(term: Term | None) -> _Key:
    if term is None:
        return 0, 0, b"", "", ""
    if term.kind < Kind.SIMPLE:
        return 1 + term.kind, 0, term.value.encode(), "", ""
    return 3, 0, term.value.encode(), _DATATYPES[term.kind], term.tag


def _make_numeric_key(term: Term | None) -> _Key:
    if term is None or term.kind < Kind.SIMPLE:
        return _make_key(term)
    return 3, read_number(term), b"", "", ""
