"""The delivery of a result to a client: within its size, and kept on the side if it may be."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from sparql_server.budget import Budget
from sparql_server.engine.handle import Handle
from sparql_server.errors import ResultTooLarge

WHOLE = 1024 * 1024
"""Bytes up to which a result is taken in before its delivery: its worker is free again however
slow the client is, and the answer has a Content-Length and an honest status."""


class Keeping:
    """The keeping of a result while it is delivered: of all of it, or of nothing any more.

    most: bytes up to which a result is kept. budget: what those beyond ``WHOLE`` are taken from.
    done: called once, when the engine has nothing more to do with the result, with all of it if it
    has come to its end and was kept; returns what stands for it.
    """

    def __init__(
        self, most: int, budget: Budget, done: Callable[[bytes | None], bytes | None]
    ) -> None:
        self._most = most
        self._budget = budget
        self._done = done
        self._pieces: list[bytes] | None = []
        self._size = self._taken = 0

    def add(self, piece: bytes) -> None:
        """Keep a piece, or drop all of them."""
        if self._pieces is None:
            return
        self._size += len(piece)
        if self._size <= self._most and self._has_room(len(piece)):
            self._pieces.append(piece)
        else:
            self._drop()

    def _has_room(self, size: int) -> bool:
        # Twice: when they are put together they are there both ways.
        if self._size <= WHOLE:
            return True
        there = self._budget.take(2 * size)
        self._taken += 2 * size if there else 0
        return there

    def _drop(self) -> None:
        self._pieces = None
        self._budget.give(self._taken)
        self._taken = 0

    def end(self, whole: bool) -> bytes | None:
        """Say that the result has ended; return it if it is whole and was kept."""
        body = b"".join(self._pieces) if whole and self._pieces is not None else None
        self._pieces = None
        try:
            return self._done(body)
        finally:
            self._drop()


class Delivery(Iterator[bytes]):
    """The pieces of a result. Whoever has one must run it to its end or close it.

    limit: bytes that the result may have; 0: any. keeping: is told of each piece, and of the end.
    """

    def __init__(self, handle: Handle, limit: int, keeping: Keeping) -> None:
        self.handle = handle
        self.size = 0
        self._limit = limit
        self._keeping = keeping
        self._over = False
        self._ahead: list[bytes] = []
        self._kept: bytes | None = None

    def look_ahead(self) -> bytes | None:
        """Take in the first pieces; return them if they are the whole result."""
        ahead: list[bytes] = []
        try:
            while self.size <= WHOLE:
                ahead.append(self._next())
        except StopIteration:
            return b"".join(ahead) if self._kept is None else self._kept
        except BaseException:
            self.close()
            raise
        self._ahead = ahead[::-1]
        return None

    def __next__(self) -> bytes:
        return self._ahead.pop() if self._ahead else self._next()

    def _next(self) -> bytes:
        if self._over:
            raise StopIteration
        try:
            piece = next(self.handle)
            self._count(piece)
        except StopIteration:
            self._finish(whole=True)
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
        self._keeping.add(piece)

    def close(self) -> None:
        """Say that nobody wants the rest."""
        self.handle.cancel()
        self._finish(whole=False)

    def _finish(self, *, whole: bool) -> None:
        if not self._over:
            self._over = True
            self._kept = self._keeping.end(whole)
