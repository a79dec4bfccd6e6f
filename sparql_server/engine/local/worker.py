"""A worker process: has one release, answers one query at a time, and can be killed.

A query has no other end than its process's: pyoxigraph can't be told to stop.
"""

from __future__ import annotations

import socket
import sys
import time
from pathlib import Path
from typing import IO, TYPE_CHECKING, cast

import pyoxigraph as ox

from sparql_server.engine.frames import jobs, read_job, send
from sparql_server.engine.local.evaluation import evaluate, open_store
from sparql_server.engine.messages import MOST, End, Failure, Head, Job, Ready, Whole
from sparql_server.engine.rows import RowCounter
from sparql_server.engine.serialization import Failed, serialize

if TYPE_CHECKING:
    from sparql_server.engine.columns.storage.triples import Columns

_FIRST = 64 * 1024  # bytes that must be good before the client hears of success
_PIECE = MOST  # bytes to a message after that


def run(
    connection: socket.socket, held: ox.Store | Path, columns: Columns | None, safeguards: int
) -> None:
    """Answer jobs from the connection until it closes: the worker process's main function.

    held: the store, or the directory of one to open. columns: those of the same release.
    safeguards: that hold the process, as ``privileges`` numbers them.
    """
    try:
        store = open_store(held) if isinstance(held, Path) else held
    except Failed as failed:
        send(connection, failed.failure)
        return
    send(connection, Ready(safeguards))
    frames = jobs(connection)
    while True:
        try:
            job = read_job(frames)
        except (EOFError, ConnectionResetError):
            return
        _answer(connection, store, job, columns)


def _answer(connection: socket.socket, store: ox.Store, job: Job, columns: Columns | None) -> None:
    writer = _Pieces(connection)
    try:
        results, name = evaluate(store, job, columns)
        writer.format = name
        if not isinstance(results, ox.QueryBoolean):
            writer.rows = RowCounter(name)
        serialize(results, name, job.rows, cast(IO[bytes], writer))
        writer.finish()
    except Failed as failed:
        send(connection, failed.failure)
    except BrokenPipeError:
        sys.exit(0)  # the server is gone
    except Exception as error:  # whatever it is, the request must hear of it
        send(connection, Failure("failed", f"{type(error).__name__}: {error}"))


class _Pieces:
    """A writer that sends what it is given in pieces, the first one when it is known to be good."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._buffer = bytearray()
        self._begun = False
        self._began = time.process_time()
        self.format = ""
        self.rows: RowCounter | None = None

    def write(self, data: bytes) -> int:
        self._buffer += data
        if len(self._buffer) >= (_PIECE if self._begun else _FIRST):
            self._send()
        return len(data)

    def flush(self) -> None:
        """Do nothing: pieces go out by size."""

    def finish(self) -> None:
        if self._begun:
            self._send()
            send(self._connection, End(self._cpu(), self._row_count()))
        else:
            body = self._take()
            send(self._connection, Whole(self.format, body, self._cpu(), self._row_count()))

    def _row_count(self) -> int | None:
        return self.rows.rows if self.rows else None

    def _cpu(self) -> float:
        return time.process_time() - self._began

    def _send(self) -> None:
        if not self._begun:
            self._begun = True
            send(self._connection, Head(self.format, self._cpu()))
        send(self._connection, self._take())

    def _take(self) -> bytes:
        """Return what has been written, counted, and begin anew."""
        piece = bytes(self._buffer)
        if self.rows:
            self.rows.count(piece)
        self._buffer = bytearray()
        return piece
