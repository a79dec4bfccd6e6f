"""The privileges that a process of the engine gives up before it touches a query.

Each step is taken where the platform can; a query can ask for none of what is given up.
"""

from __future__ import annotations

import ctypes
import os
import resource
import sys
from contextlib import suppress
from pathlib import Path

from sparql_server.engine.processes import landlock, seccomp, system_calls

_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_RAISE = 47, 2
_PR_SET_DUMPABLE, _PR_SET_NO_NEW_PRIVS = 4, 38
_CAPABILITY_VERSION_3 = 0x20080522
READ_ANY_FILE, TAKE_ANY_PORT = 1 << 2, 1 << 10
"""Capabilities: CAP_DAC_READ_SEARCH, CAP_NET_BIND_SERVICE."""

_CLONE_NEWUSER = 0x10000000
_CLONE_NEWNET = 0x40000000

NETWORK, CALLS, LANDLOCK = 1, 2, 4
"""Safeguards: no network; a filter of system calls; Landlock."""

SAFEGUARDS = {
    NETWORK: "a network that has no way out",
    CALLS: "a filter of system calls",
    LANDLOCK: "Landlock",
}
"""Their names."""


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
    """Have no network from now on, in two ways of which either will do; tell whether one did.

    One is to move to a network that has no way out. The kernel lets any process do so, if it lets
    it have a user namespace of its own, which containers seldom do.
    https://man7.org/linux/man-pages/man7/network_namespaces.7.html
    """
    if sys.platform != "linux":
        return False
    libc = ctypes.CDLL(None)
    ways = [_CLONE_NEWNET]
    if not _capabilities()[0] & READ_ANY_FILE:  # it is worth nothing in another user namespace
        ways.append(_CLONE_NEWUSER | _CLONE_NEWNET)
    away = any(libc.unshare(way) == 0 for way in ways)
    return _open_no_socket() or away


def _open_no_socket() -> bool:
    """Have the kernel refuse to open sockets; tell whether it does. ``confine`` comes first."""
    return seccomp.install(system_calls.refuse_network())


def drop_capabilities() -> None:
    """Keep no capability but that of reading files, which root needs for those of others.

    Those of a user namespace of one's own go too: they are worth nothing, except to exploits.
    https://man7.org/linux/man-pages/man2/capset.2.html
    """
    if sys.platform != "linux":
        return
    permitted, inherited = (those & READ_ANY_FILE for those in _capabilities())
    data = (ctypes.c_uint * 6)(permitted, permitted, inherited, 0, 0, 0)
    ctypes.CDLL(None).capset(_header(), data)


def keep(own: int, handed_on: int) -> None:
    """Keep these of root's capabilities after a change of user, and no other.

    own: for this process alone. handed_on: for the programs that it executes, too.
    https://man7.org/linux/man-pages/man2/PR_CAP_AMBIENT.2const.html
    """
    libc = ctypes.CDLL(None)
    there, _ = _capabilities()
    kept, inherited = there & (own | handed_on), there & handed_on
    libc.capset(_header(), (ctypes.c_uint * 6)(kept, kept, inherited, 0, 0, 0))
    for bit in range(32):
        if inherited & 1 << bit:
            libc.prctl(_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_RAISE, bit, 0, 0)


def _capabilities() -> tuple[int, int]:
    """Return those permitted and those inherited, of the first 32."""
    data = (ctypes.c_uint * 6)()  # effective, permitted, inheritable; then those from 32 on
    if ctypes.CDLL(None).capget(_header(), data):
        return 0, 0
    return data[1], data[2]


def _header() -> ctypes.Array[ctypes.c_uint]:
    return (ctypes.c_uint * 2)(_CAPABILITY_VERSION_3, 0)


def be_private() -> None:
    """Have no process of the same user look into this one's memory, or change it.

    https://man7.org/linux/man-pages/man2/PR_SET_DUMPABLE.2const.html
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)


def hold(*, network: bool) -> int:
    """Be able to read files and to compute, and to do nothing to other processes; for good.

    What is written to the standard streams goes nowhere: they are the server's log. network:
    whether it keeps that. Returns the safeguards of ``SAFEGUARDS`` that the kernel has. The process
    has one thread, and ``confine`` comes first.
    """
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in range(3):
        os.dup2(nowhere, stream)
    os.close(nowhere)
    held = LANDLOCK if landlock.restrict(network=network) else 0
    return held | (
        CALLS
        if seccomp.install(system_calls.refuse_others(os.getpid()), system_calls.BEYOND)
        else 0
    )
