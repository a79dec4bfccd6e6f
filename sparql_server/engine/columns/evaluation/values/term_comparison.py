"""Compares columns of terms, as far as their numbers tell (SPARQL 1.1 Query, 17.3, 17.4.1.7)."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from sparql_server.engine.columns.algebra import Kind
from sparql_server.engine.columns.solutions.arrays import Mask, Numbers
from sparql_server.engine.columns.solutions.query_terms import QueryTerms
from sparql_server.engine.columns.storage.numbered_terms import UNKNOWN

_OPERATORS: dict[str, Callable[[NDArray[np.float64], NDArray[np.float64]], Mask]] = {
    "=": np.equal,
    "!=": np.not_equal,
    "<": np.less,
    ">": np.greater,
    "<=": np.less_equal,
    ">=": np.greater_equal,
}


def compare(
    operator: str, left: Numbers, right: Numbers, terms: QueryTerms
) -> tuple[NDArray[np.int8], Mask]:
    """Return for each row 1, 0, or -1 for an error, and whether that is certain."""
    truth = np.full(len(left), -1, np.int8)
    certain = (left < 0) | (right < 0)
    strings = terms.are(left, Kind.SIMPLE) & terms.are(right, Kind.SIMPLE)
    if operator in ("=", "!="):
        truth[strings] = (left[strings] == right[strings]) == (operator == "=")
        certain |= strings
    elif strings.any():
        keys = terms.make_string_keys(np.concatenate((left[strings], right[strings])))
        truth[strings] = _OPERATORS[operator](*np.split(keys, 2))
        certain |= strings
    if operator in ("=", "!="):
        resources = ~certain & (terms.are_resources(left) | terms.are_resources(right))
        truth[resources] = (left[resources] == right[resources]) == (operator == "=")
        certain |= resources
    if certain.all():
        return truth, certain
    instants = terms.instants(left), terms.instants(right)
    times = ~certain & (instants[0] != UNKNOWN) & (instants[1] != UNKNOWN)
    truth[times] = _OPERATORS[operator](instants[0][times], instants[1][times])
    return truth, certain | times
