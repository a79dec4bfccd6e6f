"""Answers in JSON-LD, made of those that have the same graph flattened: framed, if it is small."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace

from sparql_server.answering.answer import Answer, Visitor, make_unchanged
from sparql_server.answering.entity_tags import is_any, is_known
from sparql_server.sparql.formats import BY_NAME
from sparql_server.things.pages.framing import frame

FRAMED = BY_NAME["jsonld"]
"""The format of a framed document."""

_MOST = 512 * 1024  # bytes of a graph that is framed


def frame_answer(answer: Answer, things: Sequence[str], visitor: Visitor) -> Answer | None:
    """Return an answer framed, or that the visitor has it; None: the graph is too large for that.

    answer: the graph in expanded JSON-LD, or a HEAD's, whatever the visitor has. things: of it.
    """
    if answer.pieces:
        answer.pieces.close()
        return None
    if len(answer.body or b"") > _MOST:
        return None
    tag = f'{answer.tag[:-1]}f"' if answer.tag else None  # of the same in another form
    framed = replace(answer, format=FRAMED, tag=tag)
    if tag and visitor.known and (is_any(visitor.known) or is_known(tag, visitor.known)):
        return make_unchanged(framed)
    if answer.body is None:
        return framed
    return replace(framed, body=frame(json.loads(answer.body), things))
