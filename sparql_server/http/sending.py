"""Answers on their way to a client, sent from where they lie: no copy of them is made.

It has what waitress wants of its buffers, which copy what they are given, and into a file if it is
large.
"""

from __future__ import annotations

import logging
import time
from contextlib import suppress
from typing import Any

from waitress.buffers import OverflowableBuffer
from waitress.channel import ClientDisconnected, HTTPChannel

from sparql_server.answering.cache import LARGE
from sparql_server.budget import Body, Budget

logger = logging.getLogger(__name__)

_TURN = 256 * 1024  # bytes that are sent to a client before others have their turn


class ReadOnlyBuffer:
    """Bytes that are read, never added to. budget: gets them back at the end, if it gave them."""

    def __init__(self, data: bytes, budget: Budget | None) -> None:
        self._rest = memoryview(data)
        self._budget = budget
        self._size = len(data)

    def __len__(self) -> int:
        return len(self._rest)

    def __bool__(self) -> bool:
        return True  # as waitress's own: empty ones are buffers, too

    def get(self, size: int = -1, skip: bool = False) -> memoryview:
        """Return the next bytes, at most so many; skip: they are done with."""
        found = self._rest if size < 0 else self._rest[:size]
        if skip:
            self.skip(len(found))
        return found

    def skip(self, size: int, allow_prune: bool = False) -> None:
        """Say that so many bytes are done with."""
        self._rest = self._rest[size:]

    def prune(self) -> None:
        """Do nothing: it takes no room of its own."""

    def close(self) -> None:
        """Let the bytes go."""
        self._rest = memoryview(b"")
        budget, self._budget = self._budget, None
        if budget:
            budget.give(self._size)


def take_buffer(data: bytes, budget: Budget) -> ReadOnlyBuffer | None:
    """Return a piece of an answer as it waits to be sent; None: it is to be copied.

    What is counted already needs nothing of the budget. What is small isn't worth it, and what
    there is no room for goes into a file.
    """
    if len(data) < LARGE:
        return None
    if isinstance(data, Body):
        return ReadOnlyBuffer(data, None)
    return ReadOnlyBuffer(data, budget) if budget.take(len(data)) else None


class SendingChannel(HTTPChannel):  # type: ignore[misc]
    """A connection, as far as answers are sent on it.

    held: what is to be sent before the next piece, together with it. turn: bytes that may be sent
    before others have theirs. is_cut: whether it is to be closed, whatever there is to send.
    """

    held = b""
    is_cut = False
    turn = _TURN

    def handle_write(self) -> None:
        """Send what there is to send, as far as it is this connection's turn."""
        self.turn = _TURN
        super().handle_write()

    def write_soon(self, data: Any) -> int:
        """Take a piece of an answer; from now on, not from its request on, the client may stall."""
        if not self.total_outbufs_len:
            self.last_activity = time.time()
        held, self.held = self.held, b""
        whole = held + data if held else data
        sent = self._send_at_once(whole)
        if sent == len(whole):
            return sent
        rest = take_buffer(whole, self.server.sending) if isinstance(whole, bytes) else None
        if rest is None:
            return sent + self._set_aside(whole[sent:] if sent else whole)
        rest.skip(sent)
        return sent + self._add(rest)

    def _set_aside(self, data: object) -> int:
        """Have data sent when the client takes it. Cuts the connection if there is no room."""
        try:
            return int(super().write_soon(data))
        except OSError as error:
            logger.error("an answer was cut, as it could not be set aside: %s", error)
            self.cut()
            raise ClientDisconnected from error

    def cut(self) -> None:
        """Have the connection closed by the thread that reads and writes."""
        self.is_cut = True

    def _add(self, rest: ReadOnlyBuffer) -> int:
        """Have what lies somewhere sent when its turn comes, as waitress does with files."""
        size = len(rest)
        with self.outbuf_lock:
            self._flush_outbufs_below_high_watermark()
            if not self.connected:
                rest.close()
                raise ClientDisconnected
            self.outbufs += [rest, OverflowableBuffer(self.adj.outbuf_overflow)]
            self.current_outbuf_count = 0
            self.total_outbufs_len += size
        self.server.pull_trigger()
        return size

    def _send_at_once(self, data: object) -> int:
        """Send what the system takes of a piece, past the buffers, if they are empty."""
        if not data or not isinstance(data, bytes):
            return 0
        with self.outbuf_lock, suppress(OSError):
            if self.connected and not self.total_outbufs_len:  # closing takes the lock, too
                self.turn = _TURN
                return self.send(data, do_close=False)
        return 0

    def send(self, data: Any, do_close: bool = True) -> int:
        """Send what the system takes of some bytes, as far as it is this connection's turn."""
        if len(data) > self.turn:
            data = memoryview(data)[: self.turn]
        sent = int(super().send(data, do_close)) if data else 0
        self.turn -= sent
        return sent
