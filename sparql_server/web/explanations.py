"""Explanations of a result, as a page and as JSON: why it has no rows, and its plan."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from flask import Response

from sparql_server.answering.answer import Answer, Visitor
from sparql_server.answering.answers import Answers
from sparql_server.catalogue.saved_query import Texts
from sparql_server.engine.messages import PageRows
from sparql_server.errors import BadRequest, RequestError
from sparql_server.saved.page_texts import Wording
from sparql_server.sparql.lexer import read_first_tokens
from sparql_server.sparql.protocol import QueryRequest
from sparql_server.web.transfer.responses import JSON

_LONGEST = 500  # characters of a value that is said
_MOST = 10  # reasons, and values of one
_PLACES = (
    "term",
    "iri",
    "property",
    "pattern",
    "number",
    "condition",
    "variable",
    "tried",
    "graph",
)

Reason = Mapping[str, Any]


@cache
def _texts() -> Mapping[str, Texts]:
    return tomllib.loads((Path(__file__).parent / "reasons.toml").read_text(encoding="utf-8"))


def reasons(answers: Answers, request: QueryRequest, shown: PageRows, who: Visitor) -> list[Reason]:
    """Return the reasons why a result has no rows, or a column no values; none where it has."""
    if not is_empty(shown):
        return [{"kind": "no-value", "variable": name} for name in _valueless(request, shown)]
    try:
        found = answers.explain(request, who) or {}
    except RequestError:  # the result is there all the same
        return []
    return list(filter(None, map(_sound, found.get("reasons", ())[:_MOST])))


def is_empty(shown: PageRows) -> bool:
    """Tell whether a result has no rows, or is the no of ASK."""
    return shown.get("boolean") is False or shown.get("rows") == []


def _valueless(request: QueryRequest, shown: PageRows) -> list[str]:
    """Return the names that the query gives expressions which have no value in any row."""
    rows: Sequence[Sequence[Any]] = shown.get("rows", ())
    if not rows or shown.get("more"):
        return []
    places = [i for i in range(len(rows[0])) if all(row[i] is None for row in rows)]
    empty = {f"?{shown['variables'][place]}" for place in places}
    tokens = read_first_tokens(request.query) if empty else []
    pairs = zip(tokens, tokens[1:], strict=False)
    named = {f"?{name.text[1:]}" for word, name in pairs if word.text.upper() == "AS"}
    return sorted(empty & named)[:_MOST]


def _sound(reason: object) -> Reason | None:
    """Return a reason as far as it is one: workers are not believed."""
    if not isinstance(reason, dict) or reason.get("kind") not in _texts():
        return None
    return {name: _value(value) for name, value in reason.items() if name.isidentifier()}


def _value(value: object) -> str | list[str]:
    if isinstance(value, list):
        return [str(part)[:_LONGEST] for part in value[:_MOST]]
    return str(value)[:_LONGEST]


def sentence(reason: Reason, t: Wording) -> str:
    """Return a reason in words, with what may be written instead."""
    said = {name: value for name, value in reason.items() if isinstance(value, str)}
    text = _texts()[reason["kind"]][t.language].format(**_Values(said))
    nearest = reason.get("nearest")
    if nearest:
        text += " " + _texts()[_hint(reason["kind"])][t.language].format(nearest=", ".join(nearest))
    return text


class _Values(dict[str, str]):
    """The values of a reason, with nothing for those that it lacks."""

    def __init__(self, values: Mapping[str, str]) -> None:
        super().__init__({**dict.fromkeys(_PLACES, ""), **values})


def _hint(kind: str) -> str:
    return f"{kind}-hint" if f"{kind}-hint" in _texts() else "nearest"


def as_json(
    answers: Answers, request: QueryRequest, who: Visitor, t: Wording
) -> tuple[Response, Answer]:
    """Return the explanation of a result without rows, and the query's answer.

    Raises RequestError.
    """
    if not answers.explains:
        raise BadRequest(
            "explain=empty is not offered here: the data is at another endpoint, and this server"
            " can't look into it."
        )
    shown, answer = answers.rows(request, who)
    found = reasons(answers, request, shown, who)
    explained = [{**reason, "message": sentence(reason, t)} for reason in found]
    body = {"empty": is_empty(shown), "reasons": explained}
    return _respond(json.dumps(body, ensure_ascii=False), answer), answer


def show_plan(
    answers: Answers, request: QueryRequest, who: Visitor, t: Wording
) -> tuple[Response, Answer]:
    """Return what is joined in what order, and the query's answer. Raises RequestError."""
    if not answers.explains:
        raise BadRequest(
            "explain=plan is not offered here: the data is at another endpoint, whose plans are"
            " its own."
        )
    plan, answer = answers.plan(request, who)
    return _respond(json.dumps(json.loads(plan), ensure_ascii=False, indent=1), answer), answer


def _respond(body: str, answer: Answer) -> Response:
    response = Response(body + "\n", content_type=JSON)
    response.headers["Libris-Release"] = str(answer.release)
    response.headers["Cache-Control"] = "no-cache"
    response.headers["Vary"] = "Accept, Accept-Language"
    return response
