"""Any page may ask: CORS on every address (https://fetch.spec.whatwg.org/#http-cors-protocol)."""

from __future__ import annotations

from flask import Response, request

_READABLE = "Age, Allow, ETag, Libris-Release, Retry-After, Server-Timing"
_DAY = 86400  # seconds that a browser may remember what it was allowed


def add_headers(response: Response) -> Response:
    """Add what lets a page read an answer, and what a preflight asks for."""
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Access-Control-Expose-Headers"] = _READABLE
    if request.method == "OPTIONS":
        allowed = response.headers.get("Allow", "GET, HEAD, OPTIONS")
        response.headers["Access-Control-Allow-Methods"] = allowed
        wanted = request.headers.get("Access-Control-Request-Headers")
        response.headers["Access-Control-Allow-Headers"] = wanted or "Accept, Content-Type"
        response.headers["Access-Control-Max-Age"] = str(_DAY)
        response.vary.add("Access-Control-Request-Headers")
    return response
