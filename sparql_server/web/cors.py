"""Any page may ask: CORS on every address (https://fetch.spec.whatwg.org/#http-cors-protocol)."""

from __future__ import annotations

HEADERS = [
    ("Access-Control-Allow-Origin", "*"),
    (
        "Access-Control-Expose-Headers",
        "Age, Allow, ETag, Libris-Release, Libris-Total, Link, Retry-After, Server-Timing",
    ),
]
"""What lets a page read an answer."""

_DAY = 86400  # seconds that a browser may remember what it was allowed


def preflight(wanted: str | None, allowed: str) -> list[tuple[str, str]]:
    """Return what a preflight asks for. wanted: Access-Control-Request-Headers. allowed: Allow."""
    return [
        ("Access-Control-Allow-Methods", allowed),
        ("Access-Control-Allow-Headers", wanted or "Accept, Content-Type"),
        ("Access-Control-Max-Age", str(_DAY)),
    ]
