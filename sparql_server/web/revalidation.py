"""Responses that a client may store, and must revalidate before it uses them again (RFC 9111)."""

from __future__ import annotations

import json

from flask import Response, request

JSON = "application/json"


def revalidate(content: object, content_type: str = JSON) -> Response:
    """Return a document, or that the client has it already. content: a text, or what JSON has."""
    text = content if isinstance(content, str) else json.dumps(content, ensure_ascii=False) + "\n"
    response = Response(text, content_type=content_type)
    response.headers["Cache-Control"] = "no-cache"
    response.add_etag(weak=True)
    response.make_conditional(request)
    return response
