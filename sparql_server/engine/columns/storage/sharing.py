"""Columns in memory that processes share: who can read it can't change it.

https://man7.org/linux/man-pages/man2/memfd_create.2.html. Where the system has no such memory,
there are no columns. Only ``columns_of`` imports what columns are read with.
"""

from __future__ import annotations

import fcntl
import mmap
import os
from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sparql_server.engine.columns.storage.triples import Columns

NONE = -1
"""The descriptor of no memory."""


def create() -> int:
    """Return the descriptor of memory that can be written to, ``NONE`` where there can't be any."""
    try:
        return os.memfd_create("columns", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    except (AttributeError, OSError):
        return NONE


def write(descriptor: int, pieces: Iterable[bytes | memoryview]) -> None:
    """Write columns, and have it stay so. Raises OSError, for instance where memory is short."""
    with open(descriptor, "wb", buffering=0, closefd=False) as memory:
        for piece in pieces:
            left = memoryview(piece)
            while left:
                left = left[memory.write(left) :]
    seals = fcntl.F_SEAL_WRITE | fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_SEAL
    fcntl.fcntl(descriptor, fcntl.F_ADD_SEALS, seals)


def is_whole(descriptor: int) -> bool:
    """Tell whether columns were written to the end."""
    if descriptor == NONE:
        return False
    return bool(fcntl.fcntl(descriptor, fcntl.F_GET_SEALS) & fcntl.F_SEAL_WRITE)


def mapped(descriptor: int) -> mmap.mmap:
    """Return memory that has columns, and close the descriptor.

    The memory stays until nobody uses it any more. Linux before 6.7 lets nobody share what is
    sealed; a private view, which isn't written to, has the same pages.
    """
    try:
        return mmap.mmap(descriptor, 0, flags=mmap.MAP_PRIVATE, prot=mmap.PROT_READ)
    finally:
        os.close(descriptor)


def columns_of(memory: mmap.mmap) -> Columns:
    """Return the columns that are in memory. Raises ValueError if these are none."""
    from sparql_server.engine.columns.storage.triples import Columns

    return Columns.of(memory)
