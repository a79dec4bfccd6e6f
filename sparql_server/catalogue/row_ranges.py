"""Ranges of rows: a part of an answer, and how many rows the whole has.

SPARQL 1.1 Query Language, 15.4 and 15.5, https://www.w3.org/TR/sparql11-query/#modOffset
"""

from __future__ import annotations

from sparql_server.catalogue.source import find_prologue_end, list_tail


def cut_page(query: str, limit: int | None = None, offset: int = 0) -> str:
    """Return the query for a part of its rows, in its own order.

    limit: rows at most; None: all. offset: rows to leave out first. A LIMIT or OFFSET that the
    query has of its own holds: the part is one of what it lets through.
    """
    if limit is None and not offset:
        return query
    start, most, skipped = _read_window(query)
    if most is not None:
        rest = max(most - offset, 0)
        limit = rest if limit is None else min(limit, rest)
    parts = [query[:start].rstrip()]
    if limit is not None:
        parts.append(f"LIMIT {limit}")
    if skipped + offset:
        parts.append(f"OFFSET {skipped + offset}")
    # On lines of their own: the query may end in a comment.
    return "\n".join(parts) + "\n"


def total(query: str) -> str:
    """Return a query for the number of rows of a SELECT query, as ``?total``."""
    start = find_prologue_end(query)
    inner = query[start:].rstrip()
    return f"{query[:start]}SELECT (COUNT(*) AS ?total) WHERE {{\n{{\n{inner}\n}}\n}}\n"


def _read_window(query: str) -> tuple[int, int | None, int]:
    """Return where the query's own LIMIT and OFFSET begin, and what they say."""
    start, limit, offset = len(query), None, 0
    found = list_tail(query)
    for word, number in zip(found, found[1:], strict=False):
        name = word.text.upper()
        if word.kind == "word" and name in ("LIMIT", "OFFSET"):
            start = min(start, word.start)
            if name == "LIMIT":
                limit = int(number.text)
            else:
                offset = int(number.text)
    return start, limit, offset
