"""The pieces in which a result goes out: the first one when it is known to be good."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from sparql_server.engine.messages import MOST, End, Head, Whole
from sparql_server.engine.row_counter import RowCounter

_FIRST = 64 * 1024  # bytes that must be good before the client hears of success
_PIECE = MOST  # bytes to a message after that


class Writer(Protocol):
    """Takes the bytes of a result."""

    def write(self, data: bytes, /) -> int:
        """Take some bytes."""


class PieceWriter:
    """A writer that sends what it is given in pieces: whole, if it is small, or with a head.

    name: of the format. rows: counts them, where that is wanted. cpu: tells the seconds so far.
    """

    def __init__(
        self,
        name: str,
        send: Callable[[Whole | Head | bytes | End], None],
        rows: RowCounter | None = None,
        cpu: Callable[[], float] = lambda: 0.0,
    ) -> None:
        self._name = name
        self._send = send
        self._rows = rows
        self._cpu = cpu
        self._buffer = bytearray()
        self._begun = False

    def write(self, data: bytes) -> int:
        """Take some bytes, and send what there is if it is enough."""
        self._buffer += data
        if len(self._buffer) >= (_PIECE if self._begun else _FIRST):
            self._send_piece()
        return len(data)

    def flush(self) -> None:
        """Do nothing: pieces go out by size."""

    def finish(self, rows: int | None = None) -> None:
        """Send the rest, and that it is the end. rows: of a format whose bytes don't tell."""
        if self._begun:
            self._send_piece()
            self._send(End(self._cpu(), self._row_count(rows)))
        else:
            body = self._take()
            self._send(Whole(self._name, body, self._cpu(), self._row_count(rows)))

    def _row_count(self, known: int | None) -> int | None:
        return known if known is not None or self._rows is None else self._rows.rows

    def _send_piece(self) -> None:
        if not self._begun:
            self._begun = True
            self._send(Head(self._name, self._cpu()))
        self._send(self._take())

    def _take(self) -> bytes:
        """Return what has been written, counted, and begin anew."""
        piece = bytes(self._buffer)
        if self._rows:
            self._rows.count(piece)
        self._buffer = bytearray()
        return piece
