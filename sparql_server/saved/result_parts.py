"""Parts of a saved query's result, and how many rows the whole has."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from sparql_server.answering.answer import Answer, Visitor
from sparql_server.answering.answers import Answers
from sparql_server.answering.question import PAGE_ROWS
from sparql_server.catalogue.row_ranges import cut_page, total
from sparql_server.saved.saved_request import SavedRequest
from sparql_server.saved.table import Row
from sparql_server.sparql.protocol import QueryRequest

ROWS = 100
"""Rows that a page shows at a time."""


@dataclass(frozen=True, slots=True)
class Part:
    """The part of a result that a page shows.

    boolean: of ASK; None for others. shown: the rows of this part. first: all rows, or the first
    ``PAGE_ROWS`` if there are more. total: rows of the whole. offset, limit: the part;
    fewer rows are shown where those would be too many bytes. uncounted: whether ``total`` only says
    that there are more.
    """

    answer: Answer
    boolean: bool | None = None
    variables: Sequence[str] = ()
    shown: Sequence[Row] = ()
    first: Sequence[Row] = ()
    total: int = 0
    offset: int = 0
    limit: int = ROWS
    uncounted: bool = False

    @property
    def whole(self) -> bool:
        """Whether ``first`` is all there is."""
        return len(self.first) == self.total

    @property
    def before(self) -> int | None:
        """The offset of the part before this one; None: this is the first."""
        return max(0, self.offset - self.limit) if self.offset else None

    @property
    def after(self) -> int | None:
        """The offset of the next part; None: this is the last."""
        end = self.offset + len(self.shown)
        total = len(self.first) if self.uncounted else self.total
        return end if self.shown and end < total else None


def count(answers: Answers, text: str, who: Visitor) -> int:
    """Return how many rows a SELECT query has in all. Raises RequestError."""
    request = QueryRequest(total(text), format="json")
    found = json.loads(answers.fetch(request, who).read())
    return int(found["results"]["bindings"][0]["total"]["value"])


def make_part(answers: Answers, asked: SavedRequest, who: Visitor) -> Part:
    """Return what a page shows. Raises RequestError."""
    found, answer = answers.rows(QueryRequest(asked.bound.text), who)
    if "boolean" in found:
        return Part(answer, found["boolean"])
    first = found["rows"]
    limit = min(ROWS if asked.limit is None else asked.limit, PAGE_ROWS)
    end = asked.offset + limit
    all_rows = len(first)
    shown = first[asked.offset : end]
    is_graph = asked.bound.query.form in ("CONSTRUCT", "DESCRIBE")
    if found["more"]:
        all_rows = len(first) + 1 if is_graph else count(answers, asked.bound.text, who)
        if end > len(first) and not is_graph:
            text = cut_page(asked.bound.text, limit, asked.offset)
            shown = answers.rows(QueryRequest(text), who)[0]["rows"]
    uncounted = found["more"] and is_graph
    variables = found["variables"]
    return Part(answer, None, variables, shown, first, all_rows, asked.offset, limit, uncounted)
