"""What a process of the engine gives up before it touches a query.

Each step is taken where the platform can; a query can ask for none of what is given up.
"""

from __future__ import annotations

import ctypes
import resource
import sys
from contextlib import suppress
from pathlib import Path

_PR_SET_NO_NEW_PRIVS = 38
_CLONE_NEWUSER = 0x10000000
_CLONE_NEWNET = 0x40000000


def confine() -> None:
    """Leave no core dumps, gain no privileges by executing, be the first to go if memory runs out.

    https://man7.org/linux/man-pages/man2/PR_SET_NO_NEW_PRIVS.2const.html
    """
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
        with suppress(OSError):
            Path("/proc/self/oom_score_adj").write_text("1000")


def leave_network() -> bool:
    """Move to a network of one's own, which has no way out; tell whether that was possible.

    The kernel lets any process do so, if it lets it have a user namespace of its own.
    https://man7.org/linux/man-pages/man7/network_namespaces.7.html
    """
    if sys.platform != "linux":
        return False
    libc = ctypes.CDLL(None)
    ways = (_CLONE_NEWNET, _CLONE_NEWUSER | _CLONE_NEWNET)
    return any(libc.unshare(way) == 0 for way in ways)
