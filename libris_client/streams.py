"""Arrow streams, read to their end: one that was cut short is no result.

https://arrow.apache.org/docs/format/Columnar.html#ipc-streaming-format
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pyarrow as pa

from libris_client.errors import ResultCut

_END = b"\xff\xff\xff\xff\0\0\0\0"


def read_stream(content: bytes) -> pa.Table:
    """Return the table of an Arrow stream. Raises ResultCut if its end is missing."""
    if not content.endswith(_END):
        raise ResultCut("the result has no end; nothing of it is used")
    return pa.ipc.open_stream(content).read_all()


class _Watched:
    """A stream that remembers its last bytes. raw: what is read."""

    closed = False

    def __init__(self, raw: Any) -> None:
        self._raw = raw
        self.tail = b""

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes."""
        data: bytes = self._raw.read(size if size >= 0 else None)
        self.tail = (self.tail + data[-len(_END) :])[-len(_END) :]
        return data


def read_batches(raw: Any) -> Iterator[pa.RecordBatch]:
    """Yield the batches of a stream as it comes. Raises ResultCut, after them, if it breaks off."""
    watched = _Watched(raw)
    try:
        yield from pa.ipc.open_stream(watched)
    except pa.ArrowInvalid as error:
        raise ResultCut("the result broke off; what has come is not all of it") from error
    if watched.tail != _END:
        raise ResultCut("the result broke off; what has come is not all of it")
