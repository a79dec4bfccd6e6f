"""The end of processes with the one that started them: none of the server outlives it."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path

_PR_SET_PDEATHSIG = 1


def reap_orphans(own: Collection[int]) -> None:
    """Let go of processes that have ended and are nobody's.

    The first process of a container gets all whose parents have died, here workers of nurseries
    that have ended. own: numbers of those that somebody else waits for.
    """
    for children in Path("/proc/self/task").glob("*/children"):
        with suppress(OSError):
            for pid in map(int, children.read_text().split()):
                if pid not in own:
                    os.waitpid(pid, os.WNOHANG)


def die_with_parent() -> None:
    """Have the kernel kill this process when its parent has died; only Linux can.

    https://man7.org/linux/man-pages/man2/PR_SET_PDEATHSIG.2const.html
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
