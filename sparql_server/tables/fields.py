"""The book of the fields: what each column holds, counted when the table is made.

Of every column: in how many rows it has a value, how many different ones, and the commonest. Of a
value that was cleaned also what was discarded, and why; by decade where the table has a year.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sparql_server.engine.columns.solutions.query_terms import QueryTerms
from sparql_server.tables.model import Column, Facts, Table
from sparql_server.tables.table_rows import Numbers, Rows

_COMMONEST = 20
_LONGEST = 200  # characters of a value that are shown
_YEAR = "year"


def count_fields(table: Table, rows: Rows) -> Facts:
    """Return what there is to say of a table's columns, as values of JSON."""
    decades = _find_decades(table, rows)
    return {
        "rows": rows.size,
        "columns": [_count(column, rows, decades) for column in table.columns],
    }


def _count(column: Column, rows: Rows, decades: Numbers | None) -> dict[str, Any]:
    numbers = rows.columns[column.name]
    filled = numbers[numbers >= 0]
    different, counts = np.unique(filled, return_counts=True)
    counted: dict[str, Any] = {
        "name": column.name,
        "filled": len(filled),
        "different": len(different),
        "commonest": _list_commonest(different, counts, rows.terms),
    }
    if column.stated:
        counted |= _count_discarded(column, rows)
    if decades is not None and column.name != _YEAR:
        counted["decades"] = _count_by_decade(column, rows, decades)
    return counted


def _list_commonest(
    different: Numbers, counts: NDArray[np.int_], terms: QueryTerms
) -> list[dict[str, Any]]:
    """Return the values that occur most often; none where each occurs once."""
    if len(counts) and counts.max() == 1 and len(counts) > _COMMONEST:
        return []
    most = np.argsort(-counts, kind="stable")[:_COMMONEST]
    return [
        {"value": _show(terms, number), "rows": count}
        for number, count in zip(different[most].tolist(), counts[most].tolist(), strict=True)
    ]


def _show(terms: QueryTerms, number: int) -> str:
    value = terms.term(number).value
    return value if len(value) <= _LONGEST else f"{value[:_LONGEST]}…"


def _count_discarded(column: Column, rows: Rows) -> dict[str, Any]:
    """Return how many values were discarded, the commonest of them, and for which reasons."""
    stated = rows.columns[column.stated or ""]
    discarded = _find_discarded(column, rows)
    different, counts = np.unique(stated[discarded], return_counts=True)
    result: dict[str, Any] = {
        "discarded": int(np.count_nonzero(discarded)),
        "commonest_discarded": _list_commonest(different, counts, rows.terms),
    }
    if column.problem:
        problems = rows.columns[column.problem][discarded]
        result["problems"] = _list_commonest(
            *np.unique(problems[problems >= 0], return_counts=True), rows.terms
        )
    return result


def _find_discarded(column: Column, rows: Rows) -> NDArray[np.bool_]:
    return (rows.columns[column.name] < 0) & (rows.columns[column.stated or ""] >= 0)


def _find_decades(table: Table, rows: Rows) -> Numbers | None:
    """Return the decade of each row, -1 if it has no year; None if the table has none."""
    if _YEAR not in table.names:
        return None
    years = rows.columns[_YEAR]
    different, places = np.unique(years, return_inverse=True)
    decades = [_read_decade(rows.terms, number) for number in different.tolist()]
    return np.array(decades, np.int32)[places] if decades else np.empty(0, np.int32)


def _read_decade(terms: QueryTerms, number: int) -> int:
    if number < 0:
        return -1
    try:
        return int(terms.term(number).value) // 10 * 10
    except ValueError:
        return -1


def _count_by_decade(column: Column, rows: Rows, decades: Numbers) -> list[dict[str, int]]:
    filled = rows.columns[column.name] >= 0
    discarded = _find_discarded(column, rows) if column.stated else np.zeros(rows.size, np.bool_)
    return [
        {
            "decade": decade,
            "rows": int(np.count_nonzero(here)),
            "accepted": int(np.count_nonzero(here & filled)),
            "discarded": int(np.count_nonzero(here & discarded)),
        }
        for decade in np.unique(decades[decades >= 0]).tolist()
        for here in [decades == decade]
    ]
