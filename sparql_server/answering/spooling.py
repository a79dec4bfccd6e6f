"""Results for HTTP/1.0, which can't tell a cut body from a short one: set aside until whole."""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from typing import IO

from sparql_server.answering.delivery import Delivery
from sparql_server.errors import (
    ResultTooLarge,
    StorageFull,
)

logger = logging.getLogger(__name__)

_SPOOL = 1024 * 1024  # bytes kept in memory before a result for HTTP/1.0 goes to a file
SPOOLED = 256 * 1024 * 1024
"""Bytes that a result for HTTP/1.0 may have."""


def spool_result(pieces: Delivery) -> tuple[Iterator[bytes], int]:
    """Take a result in whole: HTTP/1.0 has no way to tell a cut body from a short one.

    Raises ResultTooLarge for one that would fill the disk, and StorageFull where it is full.
    """
    with ExitStack() as failing:
        failing.callback(pieces.close)
        file: IO[bytes] = failing.enter_context(tempfile.SpooledTemporaryFile(max_size=_SPOOL))
        for piece in pieces:
            _set_aside(piece, file)
            if file.tell() > SPOOLED:
                raise ResultTooLarge(
                    f"The result has more than {SPOOLED:,} bytes, too many for HTTP/1.0: ask by"
                    " HTTP/1.1.",
                    limit=SPOOLED,
                    unit="bytes",
                )
        failing.pop_all()
        return _read_again(file), file.tell()


def _set_aside(piece: bytes, file: IO[bytes]) -> None:
    try:
        file.write(piece)
    except OSError as error:
        logger.error("a result for HTTP/1.0 could not be set aside: %s", error)
        raise StorageFull(
            "There is no room to set the result aside, which HTTP/1.0 needs: ask by HTTP/1.1."
        ) from error


def _read_again(file: IO[bytes]) -> Iterator[bytes]:
    """Yield what has been written, then close the file."""
    with file:
        file.seek(0)
        while piece := file.read(_SPOOL):
            yield piece
