"""A result on its way to a client: within its size, kept on the side if it is not too large."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from sparql_server.engine.results import Result
from sparql_server.errors import ResultTooLarge

WHOLE = 1024 * 1024
"""Bytes up to which a result is taken in before its delivery: its worker is free again however
slow the client is, and the answer has a Content-Length and an honest status."""


class Delivery(Iterator[bytes]):
    """The pieces of a result. Whoever has one must run it to its end or close it.

    limit: bytes that the result may have; 0: any. keep: bytes up to which ``kept`` has the whole
    of it at the end. done: called once, when the engine has nothing more to do with it.
    """

    def __init__(
        self, result: Result, limit: int, keep: int, done: Callable[[Delivery], None]
    ) -> None:
        self.result = result
        self.size = 0
        self.whole = False
        self._limit = limit
        self._keep = keep
        self._kept: list[bytes] | None = []
        self._done = done
        self._over = False
        self._ahead: list[bytes] = []

    def look_ahead(self) -> bytes | None:
        """Take in the first pieces; return them if they are the whole result."""
        ahead, size = [], 0
        try:
            while size <= WHOLE:
                piece = self._next()
                ahead.append(piece)
                size += len(piece)
        except StopIteration:
            return b"".join(ahead)
        except BaseException:
            self.close()
            raise
        self._ahead = ahead[::-1]
        return None

    @property
    def kept(self) -> bytes | None:
        """All of the result, if it has come to its end and was not too large."""
        return b"".join(self._kept) if self.whole and self._kept is not None else None

    def __next__(self) -> bytes:
        return self._ahead.pop() if self._ahead else self._next()

    def _next(self) -> bytes:
        if self._over:
            raise StopIteration
        try:
            piece = next(self.result.pieces)
            self._count(piece)
        except StopIteration:
            self.whole = True
            self._finish()
            raise
        except BaseException:
            self.close()
            raise
        return piece

    def _count(self, piece: bytes) -> None:
        self.size += len(piece)
        if 0 < self._limit < self.size:
            raise ResultTooLarge(
                f"The result has more than the {self._limit:,} bytes that one may have here.",
                limit=self._limit,
                unit="bytes",
            )
        if self._kept is not None:
            if self.size > self._keep:
                self._kept = None
            else:
                self._kept.append(piece)

    def close(self) -> None:
        """Say that nobody wants the rest."""
        close = getattr(self.result.pieces, "close", None)
        if close is not None:
            close()
        self._finish()

    def _finish(self) -> None:
        if not self._over:
            self._over = True
            self._done(self)
