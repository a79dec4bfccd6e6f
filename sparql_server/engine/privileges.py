"""What a process of the engine gives up before it touches a query.

Each step is taken where the platform can; a query can ask for none of what is given up.
"""

from __future__ import annotations

import ctypes
import errno
import platform
import resource
import sys
from contextlib import suppress
from pathlib import Path

_PR_SET_NO_NEW_PRIVS = 38
_PR_SET_SECCOMP = 22
_MODE_FILTER = 2
# The number of the architecture, and that of socket(), linux/audit.h and asm/unistd.h have them.
_MACHINES = {"x86_64": (0xC000003E, 41), "aarch64": (0xC00000B7, 198)}
_IO_URING_SETUP = 425  # which could open sockets too
_X32 = 0x40000000  # from here on calls have other numbers
_LOAD, _EQUAL, _AT_LEAST, _RETURN = 0x20, 0x15, 0x35, 0x06  # linux/bpf_common.h
_NUMBER, _ARCHITECTURE = 0, 4  # offsets in linux/seccomp.h's seccomp_data
_ERRNO, _ALLOW = 0x00050000, 0x7FFF0000
_CAPABILITY_VERSION_3 = 0x20080522
_CAP_DAC_READ_SEARCH = 1 << 2
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
    """Have no network from now on, in two ways of which either will do; tell whether one did.

    One is to move to a network that has no way out. The kernel lets any process do so, if it lets
    it have a user namespace of its own, which containers seldom do.
    https://man7.org/linux/man-pages/man7/network_namespaces.7.html
    """
    if sys.platform != "linux":
        return False
    libc = ctypes.CDLL(None)
    ways = (_CLONE_NEWNET, _CLONE_NEWUSER | _CLONE_NEWNET)
    away = any(libc.unshare(way) == 0 for way in ways)
    return _open_no_socket() or away


def drop_capabilities() -> None:
    """Keep no capability but that of reading files, which root needs for those of others.

    Those of a user namespace of one's own go too: they are worth nothing, except to exploits.
    https://man7.org/linux/man-pages/man2/capset.2.html
    """
    if sys.platform != "linux":
        return
    libc = ctypes.CDLL(None)
    header = (ctypes.c_uint * 2)(_CAPABILITY_VERSION_3, 0)
    data = (ctypes.c_uint * 6)()  # effective, permitted, inheritable; then those from 32 on
    if libc.capget(header, data) == 0:
        kept = data[1] & _CAP_DAC_READ_SEARCH
        libc.capset(header, (ctypes.c_uint * 6)(kept, kept))


class _Instruction(ctypes.Structure):
    """One of a filter's, https://docs.kernel.org/networking/filter.html."""

    _fields_ = (
        ("code", ctypes.c_ushort),
        ("when", ctypes.c_ubyte),
        ("otherwise", ctypes.c_ubyte),
        ("k", ctypes.c_uint),
    )


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.POINTER(_Instruction)))


def _open_no_socket() -> bool:
    """Have the kernel refuse to open sockets; tell whether it does. ``confine`` comes first.

    https://docs.kernel.org/userspace-api/seccomp_filter.html
    """
    if platform.machine() not in _MACHINES:
        return False
    architecture, socket = _MACHINES[platform.machine()]
    instructions = [
        (_LOAD, 0, 0, _ARCHITECTURE),
        (_EQUAL, 0, 4, architecture),
        (_LOAD, 0, 0, _NUMBER),
        (_AT_LEAST, 2, 0, _X32),
        (_EQUAL, 1, 0, socket),
        (_EQUAL, 0, 1, _IO_URING_SETUP),
        (_RETURN, 0, 0, _ERRNO | errno.EPERM),
        (_RETURN, 0, 0, _ALLOW),
    ]
    filter_ = (_Instruction * len(instructions))(*(_Instruction(*one) for one in instructions))
    program = _Program(len(instructions), filter_)
    done = ctypes.CDLL(None).prctl(_PR_SET_SECCOMP, _MODE_FILTER, ctypes.byref(program), 0, 0)
    return bool(done == 0)
