"""The user that the server runs as: started as root, it goes on as one who may only read.

https://man7.org/linux/man-pages/man7/capabilities.7.html
"""

from __future__ import annotations

import ctypes
import logging
import os
import pwd
import sys
from dataclasses import dataclass
from pathlib import Path

from sparql_server.engine.processes.privileges import READ_ANY_FILE, TAKE_ANY_PORT, keep
from sparql_server.errors import StartError

logger = logging.getLogger(__name__)

NOBODY = "nobody"

_PR_SET_KEEPCAPS = 8
_LOW = 1024  # ports below are root's


@dataclass(frozen=True, slots=True)
class Wish:
    """The user that the server is to run as.

    user: name; empty: ``nobody``. allow_root: whether root may go on as root, if no name is given.
    port: to listen on. needed: what must be readable, as far as it is there.
    """

    user: str
    allow_root: bool
    port: int
    needed: tuple[Path, ...]


def give_up_root(wish: Wish) -> str:
    """Go on as somebody else, where root has started this process; return who; "": as before.

    Whoever it is may read all files, where something that is needed can't be read otherwise, and
    the system lets root leave that behind. Raises StartError. For a process of one thread.
    """
    if os.geteuid() != 0:
        _check_own_name(wish)
        return ""
    if wish.allow_root and not wish.user:
        logger.warning("The server runs as root, which it need not: leave --allow-root out.")
        return ""
    name = wish.user or NOBODY
    try:
        entry = pwd.getpwnam(name)
    except KeyError:
        raise StartError(f"there is no user {name}: name one with --user") from None
    _become(entry, wish)
    missing = next((path for path in wish.needed if not _is_readable(path)), None)
    if missing:
        raise StartError(
            f"{name} can't read {missing}: let it, name another user with --user, or have the"
            " server run as root with --allow-root"
        )
    return name


def _check_own_name(wish: Wish) -> None:
    if wish.user and wish.user not in [
        entry.pw_name for entry in pwd.getpwall() if entry.pw_uid == os.geteuid()
    ]:
        raise StartError(f"only root can go on as {wish.user}")


def _become(entry: pwd.struct_passwd, wish: Wish) -> None:
    libc = ctypes.CDLL(None) if sys.platform == "linux" else None
    if libc:
        libc.prctl(_PR_SET_KEEPCAPS, 1, 0, 0, 0)
    try:
        os.initgroups(entry.pw_name, entry.pw_gid)
        os.setgid(entry.pw_gid)
        os.setuid(entry.pw_uid)
    except OSError as error:
        raise StartError(f"can't go on as {entry.pw_name}: {error.strerror}") from error
    if libc:  # none of them has an effect now, but can be had back
        enough = all(map(_is_readable, wish.needed))
        keep(TAKE_ANY_PORT if 0 < wish.port < _LOW else 0, 0 if enough else READ_ANY_FILE)


def _is_readable(path: Path) -> bool:
    """Tell whether a file or directory can be read, as far as it is there."""
    try:
        os.close(os.open(path, os.O_RDONLY))
    except FileNotFoundError:
        return True  # yet to come; what is in the way shows above it
    except OSError:
        return False
    return True
