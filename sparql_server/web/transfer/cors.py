"""CORS headers, by which pages of every origin may read answers.

https://fetch.spec.whatwg.org/#http-cors-protocol
"""

from __future__ import annotations

HEADERS = [
    ("Access-Control-Allow-Origin", "*"),
    (
        "Access-Control-Expose-Headers",
        "Accept-Ranges, Age, Allow, Content-Range, ETag, Libris-Hash, Libris-Release,"
        " Libris-Total, Link, Retry-After, Server-Timing",
    ),
]
"""Headers of every answer, which let any page read it."""

_DAY = 86400  # seconds that a browser may remember what it was allowed


def make_preflight_headers(wanted: str | None, allowed: str) -> list[tuple[str, str]]:
    """Return the headers that answer a preflight request.

    wanted: Access-Control-Request-Headers. allowed: Allow.
    """
    return [
        ("Access-Control-Allow-Methods", allowed),
        ("Access-Control-Allow-Headers", wanted or "Accept, Content-Type"),
        ("Access-Control-Max-Age", str(_DAY)),
    ]
