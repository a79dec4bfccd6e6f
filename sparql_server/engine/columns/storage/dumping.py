"""Dumps a store to standard output, and makes columns of what it dumps.

What columns can't be made of is dumped all the same. It is a program of its own:

    python -m sparql_server.engine.columns.storage.dumping STORE DESCRIPTOR

DESCRIPTOR: of the memory that columns are written to, -1 if there are to be none.
"""

from __future__ import annotations

import gc
import sys
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from typing import IO, Any, cast

import pyoxigraph as ox

from sparql_server.engine.columns.storage.building import Builder
from sparql_server.engine.columns.storage.nquads import Unrepresentable
from sparql_server.engine.columns.storage.sharing import NONE, write
from sparql_server.engine.processes.lifeline import die_with_parent

_PIECE = 1 << 20  # bytes
_AHEAD = 256  # pieces that may be left to write while the reader is busy with what it has read


class _Tee:
    """A writer that hands on what it is given, and builds columns from it as long as it can.

    Oxigraph doesn't read while it sorts in what it has read, some seconds at a time. A thread waits
    for it.
    """

    def __init__(self, output: IO[bytes], thread: ThreadPoolExecutor, builder: Builder | None):
        self._output = output
        self._thread = thread
        self._left: deque[Future[Any]] = deque()
        self._piece = bytearray()
        self.builder = builder

    def write(self, data: bytes) -> int:
        self._piece += data
        if len(self._piece) >= _PIECE:
            self._pass_on()
        return len(data)

    def flush(self) -> None:
        """Do nothing: pieces go on by size."""

    def end(self) -> None:
        """Have the reader learn that this is all."""
        self._pass_on()
        self._left.append(self._thread.submit(self._output.close))

    def wait(self, pending: int = 0) -> None:
        """Wait until no more is to be written than that. Raises OSError if it can't be."""
        while len(self._left) > pending:
            self._left.popleft().result()

    def _pass_on(self) -> None:
        piece, self._piece = bytes(self._piece), bytearray()
        self._left.append(self._thread.submit(self._output.write, piece))
        if self.builder:
            try:
                self.builder.write(piece)
            except (Unrepresentable, MemoryError) as error:
                self.builder = None
                _say(error)
        self.wait(_AHEAD)


def main(store: str, descriptor: int) -> None:
    """Dump and make columns."""
    die_with_parent()
    gc.disable()  # there is nothing for it in millions of terms, and it looks at all of them
    with open(sys.stdout.fileno(), "wb") as output, ThreadPoolExecutor(1) as thread:
        both = _Tee(output, thread, Builder() if descriptor != NONE else None)
        try:
            ox.Store.read_only(store).dump(cast(IO[bytes], both), ox.RdfFormat.N_QUADS)
            both.end()
            if both.builder:
                _build(both.builder, descriptor)
            both.wait()
        except OSError as error:
            sys.exit(f"release can't be read: {error}")


def _build(builder: Builder, descriptor: int) -> None:
    try:
        write(descriptor, builder.columns())
    except (Unrepresentable, MemoryError, OSError) as error:
        _say(error)


def _say(error: Exception) -> None:
    sys.stderr.write(f"release has no columns: {error or 'there is too little memory'}\n")


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
