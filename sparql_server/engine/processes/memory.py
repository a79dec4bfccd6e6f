"""Memory: how much there is, and how much a process takes.

https://man7.org/linux/man-pages/man5/proc_pid_statm.5.html. Where there is no /proc, nothing is
known: limits on memory aren't kept then.
"""

from __future__ import annotations

import ctypes
import os

# M_ARENA_MAX, M_MMAP_THRESHOLD, M_TRIM_THRESHOLD of malloc.h; the last two are bytes.
_ALLOCATION = ((-8, 2), (-3, 256 * 1024), (-1, 1024 * 1024))

_PAGE = os.sysconf("SC_PAGE_SIZE")


def measure_anonymous(pid: int) -> int:
    """Return the bytes of memory, other than of files, that a process has; 0 if that's unknown."""
    try:
        with open(f"/proc/{pid}/statm", "rb") as statm:
            _, resident, shared, *_ = statm.read().split()
    except OSError:
        return 0
    return (int(resident) - int(shared)) * _PAGE


def give_back() -> None:
    """Have the C library give back what isn't used any more, instead of keeping it for each thread.

    A server under mixed load went from 145 to 306 MiB in a quarter of a minute, and with this
    stayed below 50. Only glibc needs it: https://man7.org/linux/man-pages/man3/mallopt.3.html
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        for option, value in _ALLOCATION:
            mallopt(option, value)
