"""The state of an engine: what it serves from, and how many requests and workers it has."""

from __future__ import annotations

from dataclasses import dataclass

from sparql_server.engine.releases import Release


@dataclass(frozen=True, slots=True)
class Status:
    """The state of an engine. mode: as ``Handle.engine``, or ``none``. Numbers: workers, requests.

    missing: why it has no columns, if so.
    wrong: why queries aren't answered, in words for everybody; None: they are, or nothing is
    published.
    """

    release: Release | None
    mode: str
    busy: int
    idle: int
    waiting: int
    wrong: str | None = None
    missing: str = ""
