"""Large pages for a release in memory, where the system has them.

A query looks at quads all over gigabytes. Where a page of 2 MiB lies the processor remembers; where
each of 4 KiB does, it has to look up. A worker that writes to one gets small pages of that one.
https://docs.kernel.org/admin-guide/mm/transhuge.html
"""

from __future__ import annotations

import ctypes
import re
from collections.abc import Iterator
from pathlib import Path

_MADV_HUGEPAGE, _MADV_COLLAPSE = 14, 25  # asm-generic/mman-common.h
_SIZE = Path("/sys/kernel/mm/transparent_hugepage/hpage_pmd_size")
# Private memory of no file, which the C library's heaps are made of: proc_pid_maps(5).
_HEAP = re.compile(r"([0-9a-f]+)-([0-9a-f]+) rw-p 0+ 00:00 0\s+(?:\[heap\])?$")


def gather() -> int:
    """Move what this process holds to large pages; return how many bytes that were.

    It copies all of it: some three seconds a gigabyte. Memory that the system leaves as it is
    doesn't count. https://man7.org/linux/man-pages/man2/madvise.2.html
    """
    try:
        page = int(_SIZE.read_text())
    except (OSError, ValueError):
        return 0
    madvise = ctypes.CDLL(None).madvise
    madvise.argtypes = (ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int)
    ways = (_MADV_HUGEPAGE, _MADV_COLLAPSE)
    areas = [area for area in _areas(page) if all(madvise(*area, way) == 0 for way in ways)]
    return sum(size for _, size in areas)


def _areas(page: int) -> Iterator[tuple[int, int]]:
    """Yield address and size of what there is of memory that such pages fit into."""
    for line in Path("/proc/self/maps").read_text().splitlines():
        heap = _HEAP.match(line)
        if heap:
            begin, end = int(heap[1], 16), int(heap[2], 16)
            begin, end = -(-begin // page) * page, end // page * page
            if end > begin:
                yield begin, end - begin
