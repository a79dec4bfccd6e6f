"""QLever: what it says of itself, and what it does otherwise than the specifications.

By its documentation, https://docs.qlever.dev/, and what its programs say of themselves:

- Its default graph is the union of all graphs, a default graph of its own among them.
- Of the formats of solutions, its JSON has a member more, and its TSV writes tabs as spaces. It has
  no RDF/XML, JSON-LD or TriG, and N-Triples only of late; its Turtle has no prefixes.
- A query that comes to its time limit is answered with 429, and 403 is what it says to a request
  for more time than its own limit, without its access token.
- An error in the midst of a result is written into the result, whose status 200 has been sent.
- Errors are JSON, with ``exception`` and, of a query that can't be read, ``metadata``.
"""

from __future__ import annotations

import json
import math
import re

from sparql_server.errors.failures.remote_endpoint import make_late

OWN_DEFAULT = "http://qlever.cs.uni-freiburg.de/builtin-functions/default-graph"
"""The graph of its statements that are in no named graph."""

READABLE = {"solutions": ("xml",), "graphs": ("ttl",)}
"""The formats that every version has, and has whole."""

STATISTICS = (("cmd", "stats"),)
SETTINGS = (("cmd", "get-settings"),)

_LIMIT = "default-query-timeout"
_KNOWN = {"name-index", "num-permutations"}  # of its statistics, whatever the version
_SECONDS = {"ns": 1e-9, "us": 1e-6, "ms": 1e-3, "s": 1.0, "min": 60.0, "h": 3600.0}
_DURATION = re.compile(r"\s*(\d+)\s*(ns|us|ms|s|min|h)\s*")

# "... An error has occurred while exporting the query result. ... The error message was:\n..."
_APPENDED = re.compile(rb"!!!!>># An error has occurred.*?(?:The error message was:(.*))?\Z", re.S)


def is_statistics(body: bytes) -> bool:
    """Tell whether an answer to ``STATISTICS`` is one of QLever's."""
    return _members(body).keys() >= _KNOWN


def read_limit(body: bytes) -> float | None:
    """Return the seconds that a query may take, of an answer to ``SETTINGS``; None: unknown."""
    found = _DURATION.fullmatch(str(_members(body).get(_LIMIT, "")))
    return int(found[1]) * _SECONDS[found[2]] if found else None


def write_timeout(seconds: float, limit: float | None) -> str:
    """Return a time limit as the parameter ``timeout`` takes it, no longer than QLever's own."""
    allowed = seconds if limit is None else min(seconds, limit)
    return f"{max(1, math.floor(allowed * 1000))}ms"


def is_cancelled(body: bytes) -> bool:
    """Tell whether a body with status 429 says that a query was ended: others mean too many."""
    return "exception" in _members(body)


def read_position(body: bytes) -> tuple[int, int] | None:
    """Return line and column, both from 1, of what can't be read in a query; None: unknown."""
    metadata = _members(body).get("metadata")
    if not isinstance(metadata, dict):
        return None
    line, column = metadata.get("line"), metadata.get("positionInLine")
    if isinstance(line, int) and isinstance(column, int) and line >= 1 and column >= 0:
        return line, column + 1
    return None


def check_end(tail: bytes) -> None:
    """Raise RemoteFailed, or RemoteTimedOut, if the end of a result is an error message."""
    found = _APPENDED.search(tail)
    if found is None:
        return
    said = (found[1] or b"").lower()
    raise make_late(out_of_time=b"timed out" in said or b"timeout" in said)


def _members(body: bytes) -> dict[str, object]:
    try:
        members = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return members if isinstance(members, dict) else {}
