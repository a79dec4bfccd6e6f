"""Parts of answers and totals, on queries of every shape."""

from __future__ import annotations

import pyoxigraph as ox
import pytest

from sparql_server.catalogue.row_ranges import cut_page, total

NUMBERS = "SELECT ?n WHERE { VALUES ?n { 5 3 1 4 2 } } ORDER BY ?n"


def numbers(query: str, variable: str = "n") -> list[int]:
    results = ox.Store().query(query)
    assert isinstance(results, ox.QuerySolutions)
    return [int(row[variable].value) for row in results]


@pytest.mark.parametrize(
    ("query", "limit", "offset", "rows"),
    [
        (NUMBERS, None, 0, [1, 2, 3, 4, 5]),
        (NUMBERS, 2, 0, [1, 2]),
        (NUMBERS, 2, 2, [3, 4]),
        (NUMBERS, None, 3, [4, 5]),
        (NUMBERS, 0, 0, []),
        (NUMBERS, 10, 10, []),
        (f"{NUMBERS} # in their order", 1, 1, [2]),
        (f"{NUMBERS} LIMIT 3", None, 0, [1, 2, 3]),
        (f"{NUMBERS} LIMIT 3", 2, 2, [3]),
        (f"{NUMBERS} LIMIT 3", 10, 5, []),
        (f"{NUMBERS} OFFSET 1", 2, 1, [3, 4]),
        (f"{NUMBERS} offset 1 limit 3", 2, 2, [4]),
        (f"{NUMBERS} LIMIT 3 OFFSET 1 # or so", None, 1, [3, 4]),
        ("SELECT ?n { { SELECT ?n { VALUES ?n { 2 1 } } ORDER BY ?n LIMIT 1 } }", 5, 0, [1]),
        ("SELECT (1 AS ?n) WHERE {} HAVING (EXISTS {})", 1, 0, [1]),
    ],
)
def test_page_is_a_part_of_the_answer(
    query: str, limit: int | None, offset: int, rows: list[int]
) -> None:
    assert numbers(cut_page(query, limit, offset)) == rows


@pytest.mark.parametrize(
    ("query", "rows"),
    [
        (NUMBERS, 5),
        (f"{NUMBERS} LIMIT 3", 3),
        (f"{NUMBERS} # the end", 5),
        ("PREFIX : <urn:x:> # SELECT\nSELECT DISTINCT (:a AS ?n) { VALUES ?x { 1 2 } }", 1),
        ("BASE <urn:x:>\nSELECT ?n { VALUES ?n { <a> 2 } FILTER(isIRI(?n)) }", 1),
        ("SELECT (COUNT(*) AS ?n) { VALUES ?x { 1 2 } }", 1),
    ],
)
def test_total_counts_the_rows(query: str, rows: int) -> None:
    assert numbers(total(query), "total") == [rows]
