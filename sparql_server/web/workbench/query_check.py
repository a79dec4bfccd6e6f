"""A query checked while it is written: read by a worker, never evaluated."""

from __future__ import annotations

from typing import Any

from sparql_server.answering.answer import Visitor
from sparql_server.answering.answers import Answers
from sparql_server.errors import MalformedQuery
from sparql_server.sparql.protocol import QueryRequest

_SAID = ("line", "column", "text", "hint", "corrected", "parser")


def check(answers: Answers, asked: QueryRequest, visitor: Visitor, language: str) -> dict[str, Any]:
    """Tell whether a query is well formed; if it isn't: where, why, and what was meant.

    language: of the message, ``en`` or ``sv``. Raises RequestError for what is no fault of the
    query's form, as where no worker is free.
    """
    try:
        answers.read(asked, visitor)
    except MalformedQuery as error:
        members = {name: error.members[name] for name in _SAID if name in error.members}
        return {"well_formed": False, "message": error.said(language), **members}
    return {"well_formed": True}
