"""Landlock: what a process may do with files, ports and other processes, by the kernel's word.

https://docs.kernel.org/userspace-api/landlock.html. What a kernel doesn't know of it is left out.
"""

from __future__ import annotations

import ctypes
import sys

_CREATE, _RESTRICT = 444, 446  # numbers of the calls, on all machines
_VERSION = 1  # flag that asks for the kernel's version of it

_READING = (1 << 2) | (1 << 3)
# Rights over files that each version has: all until truncating, controlling devices.
_FILES = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 5: (1 << 16) - 1}
_PORTS = 0b11  # to listen, to connect; from version 4 on
_OTHERS = 0b11  # abstract sockets, signals: of those outside; from version 6 on


class _Rules(ctypes.Structure):
    _fields_ = (
        ("files", ctypes.c_uint64),
        ("ports", ctypes.c_uint64),
        ("scoped", ctypes.c_uint64),
    )


def restrict(*, network: bool) -> bool:
    """Let this process and all that come from it read files, and do nothing else with them.

    It can trace and signal nobody else, and with ``network`` false reach no port. Returns whether
    the kernel sees to it. The process must have given up gaining privileges; it has one thread.
    """
    if sys.platform != "linux":
        return False
    libc = ctypes.CDLL(None)
    version = libc.syscall(_CREATE, None, ctypes.c_size_t(0), _VERSION)
    if version < 1:
        return False
    rules = _list_rules(version, network=network)
    descriptor = libc.syscall(_CREATE, ctypes.byref(rules), ctypes.c_size_t(_size(version)), 0)
    if descriptor < 0:
        return False
    try:
        return bool(libc.syscall(_RESTRICT, descriptor, 0) == 0)
    finally:
        libc.close(descriptor)


def _list_rules(version: int, *, network: bool) -> _Rules:
    rights = _FILES[max(known for known in _FILES if known <= version)]
    ports = _PORTS if version >= 4 and not network else 0
    return _Rules(rights & ~_READING, ports, _OTHERS if version >= 6 else 0)


def _size(version: int) -> int:
    """Return how many bytes of the rules a version knows."""
    return 8 if version < 4 else 16 if version < 6 else 24
