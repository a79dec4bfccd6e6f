"""Memory: how much there is, how much a process takes, and whether a release fits.

https://man7.org/linux/man-pages/man5/proc_pid_statm.5.html. Where there is no /proc, nothing is
known: limits on memory aren't kept then, and releases stay on disk unless a size says otherwise.
"""

from __future__ import annotations

import ctypes
import os
import sys
from contextlib import suppress
from pathlib import Path

QUAD = 480
"""Bytes that a quad takes in Oxigraph's in-memory store: 370 to 450 were measured."""

COLUMNS = 40
"""Bytes that a quad takes in columns, which all processes share: 35 were measured."""

BUILDING = 180
"""Bytes that a quad takes while columns are built, by a process that then ends: 165 were measured.
"""

COPIED = 0.8
"""Share of a release in memory that a forked worker comes to copy, as it counts references to what
it reads: 0.75 was measured after queries that touched every quad."""

# M_ARENA_MAX, M_MMAP_THRESHOLD, M_TRIM_THRESHOLD of malloc.h; the last two are bytes.
_ALLOCATION = ((-8, 2), (-3, 256 * 1024), (-1, 1024 * 1024))

_PAGE = os.sysconf("SC_PAGE_SIZE")
_SHARE = 0.5  # of what is free, that ``auto`` takes
_CGROUP = Path("/sys/fs/cgroup")


def measure_anonymous(pid: int) -> int:
    """Return the bytes of memory, other than of files, that a process has; 0 if that's unknown."""
    try:
        with open(f"/proc/{pid}/statm", "rb") as statm:
            _, resident, shared, *_ = statm.read().split()
    except OSError:
        return 0
    return (int(resident) - int(shared)) * _PAGE


def measure_available() -> int:
    """Return the bytes that processes can still take, of the machine's or the container's."""
    try:
        lines = Path("/proc/meminfo").read_text().splitlines()
    except OSError:
        return 0
    free = next(int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable:"))
    return min(free, _container(free))


def _container(otherwise: int) -> int:
    """Return what the control groups leave that this process is in, or ``otherwise``."""
    try:
        said = Path("/proc/self/cgroup").read_text()
    except OSError:
        return otherwise
    return min(measure_groups(_CGROUP, said), otherwise)


def measure_groups(root: Path, said: str) -> int:
    """Return the bytes that a control group and those above it leave.

    said: what /proc/self/cgroup has. A container sees its own group at the root; a service of
    systemd's is some levels below it. https://docs.kernel.org/admin-guide/cgroup-v2.html
    """
    names = [line[3:].strip("/") for line in said.splitlines() if line.startswith("0::")]
    group = root.joinpath(names[0] if names else "")
    remaining = sys.maxsize
    for folder in (group, *group.parents):
        if folder.is_relative_to(root):
            with suppress(OSError, ValueError):  # "max" is no number, and the root has no limit
                limit = int((folder / "memory.max").read_text())
                used = int((folder / "memory.current").read_text())
                remaining = min(remaining, max(limit - used, 0))
    return remaining


def give_back() -> None:
    """Have the C library give back what isn't used any more, instead of keeping it for each thread.

    A server under mixed load went from 145 to 306 MiB in a quarter of a minute, and with this
    stayed below 50. Only glibc needs it: https://man7.org/linux/man-pages/man3/mallopt.3.html
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        for option, value in _ALLOCATION:
            mallopt(option, value)


def estimate_size(mode: str, quads: int, workers: int) -> int:
    """Return the bytes that a release of so many quads takes, workers' copies included.

    mode: ``memory``, or ``columns`` for them alone.

    >>> [estimate_size(mode, 1_000_000, 2) // 2**20 for mode in ("memory", "columns")]
    [1228, 209]
    """
    if mode == "columns":
        return quads * (COLUMNS + BUILDING)
    return int(quads * (QUAD * (1 + COPIED * workers) + COLUMNS))


def compute_budget(setting: str) -> int:
    """Return the bytes that a release may take. setting: ``auto``, ``off``, or bytes."""
    if setting == "off":
        return 0
    return int(measure_available() * _SHARE) if setting == "auto" else int(setting)
