"""What every engine gives back, and says of itself."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from sparql_server.engine.releases import Release


@dataclass
class Result:
    """A result that has begun well.

    format: name of the format. release: number. engine: ``disk``, ``columns`` (on disk, with its
    columns in memory), ``memory`` or ``remote``.
    queued: seconds it waited for a worker. cpu: seconds of processor time so far; all of it, and
    rows (None: not countable), are known when the pieces have come to their end.
    pieces: its bytes; when they end without an error, the result is whole. An error raised by
    ``pieces`` means that it isn't. body: all of them, if they are there already.
    """

    format: str
    release: int
    engine: str
    queued: float = 0.0
    cpu: float = 0.0
    rows: int | None = None
    pieces: Iterator[bytes] = field(default_factory=lambda: iter(()))
    body: bytes | None = None

    def give(self, body: bytes) -> None:
        """Take in all of its bytes at once."""
        self.body, self.pieces = body, iter((body,))


@dataclass(frozen=True, slots=True)
class Status:
    """How an engine is. mode: as ``Result.engine``, or ``none``. The numbers: workers, requests.

    wrong: why queries aren't answered, in words for everybody; None: they are, or nothing is
    published.
    """

    release: Release | None
    mode: str
    busy: int
    idle: int
    waiting: int
    wrong: str | None = None
