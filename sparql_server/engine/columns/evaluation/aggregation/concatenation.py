"""GROUP_CONCAT (SPARQL 1.1 Query, 18.5.1.7): of what isn't a string, its string form."""

from __future__ import annotations

import numpy as np

from sparql_server.engine.columns.algebra import Expression, Kind
from sparql_server.engine.columns.solutions.arrays import Numbers, Rows, factorize, make_numbers
from sparql_server.engine.columns.solutions.query_terms import QueryTerms
from sparql_server.engine.columns.solutions.solutions import UNBOUND


def concatenate_values(
    expression: Expression, values: Numbers, of_row: Rows, count: int, terms: QueryTerms
) -> Numbers:
    """Return the strings of each group, joined; none where one of them is a blank node."""
    first, back = factorize(values) if len(values) else (values, values)
    found = [terms.term(number) for number in values[first].tolist()]
    strings = [term.value for term in found]
    order = np.argsort(of_row, kind="stable")
    bounds = np.searchsorted(of_row[order], np.arange(count + 1)).tolist()
    places = back[order].tolist()
    separator = " " if expression.separator is None else expression.separator
    joined = []
    for begin, end in zip(bounds, bounds[1:], strict=False):
        group = places[begin:end]  # each of another term: DISTINCT is of these, not of strings
        kept = dict.fromkeys(group) if expression.distinct else group
        joined.append(separator.join(strings[place] for place in kept))
    result = make_numbers(terms.number_strings(joined))
    blank = terms.are(values, Kind.BLANK)
    result[of_row[blank]] = UNBOUND
    return result
