"""The process that workers are forked from.

It is a program of its own, which has one thread whenever it forks, so that forking is safe (the
text index has another, which looks at a file twice a second, and holds nothing); and it never
answers a query, so that what it holds stays whole: a release in memory survives every killed
worker. Forked workers share that memory until they touch it.

    python -m sparql_server.engine.local.nursery DESCRIPTOR MODE STORE {confined,connected}

MODE: disk; columns, for those alone in memory; memory, for all of it; or text, for the text index.
"""

from __future__ import annotations

import gc
import os
import signal
import socket
import struct
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING

import pyoxigraph as ox

from sparql_server.engine.columns.storage import sharing
from sparql_server.engine.local import worker
from sparql_server.engine.local.columns_first import get_ready
from sparql_server.engine.local.text_search import Indexes, open_text
from sparql_server.engine.processes.large_pages import gather
from sparql_server.engine.processes.lifeline import die_with_parent
from sparql_server.engine.processes.privileges import (
    NETWORK,
    be_private,
    confine,
    drop_capabilities,
    hold,
    leave_network,
)
from sparql_server.engine.text import FOLDER

if TYPE_CHECKING:
    from sparql_server.engine.columns.storage.triples import Columns
    from sparql_server.engine.text.index import TextIndex

COMMAND = struct.Struct("=cq")
"""A command, and an answer to one: a letter and a number.

With ``FORK`` comes the worker's end of its connection; with ``READY`` a release's columns, if there
are any.
"""

READY, FAILED, FORK, FORGET = b"R", b"F", b"+", b"-"

_REAP = 0.05  # seconds between two looks at whether forgotten workers have ended


@dataclass(frozen=True, slots=True)
class Held:
    """A release as workers are given it. store: in memory, or the directory of the one on disk.

    network: whether they may have it. has_none: whether they have
    none indeed.
    """

    store: ox.Store | Path
    indexes: Indexes
    network: bool
    has_none: bool


def main(descriptor: int, mode: str, store: Path, confined: bool) -> None:
    """Get ready, then fork a worker for each connection that arrives, until the server has gone."""
    die_with_parent()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the server to deal with
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    control = socket.socket(fileno=descriptor)
    confine()
    be_private()
    is_confined = confined and leave_network()
    drop_capabilities()
    text = _open_text(store.parent)
    try:
        held, columns = load(store, mode)
    except (OSError, SyntaxError, ValueError, subprocess.SubprocessError) as error:
        sys.stderr.write(f"release can't be held in memory: {error}\n")
        control.sendall(COMMAND.pack(FAILED, 0))
        return
    with suppress(BrokenPipeError):  # the server has gone, or has no use for this release any more
        _send(control, COMMAND.pack(READY, int(is_confined)), columns)
        ready = Held(held, Indexes(_mapped(columns), text), not confined, is_confined)
        gc.freeze()  # workers would copy what their collector looks at
        _serve(control, ready)


def _open_text(release: Path) -> TextIndex | str:
    text = open_text(release)
    if isinstance(text, str) and (release / FOLDER).exists():
        sys.stderr.write(f"release {release.name} has no text index: {text}\n")
    return text


def _send(control: socket.socket, message: bytes, descriptor: int) -> None:
    if descriptor == sharing.NONE:
        control.sendall(message)
    else:
        socket.send_fds(control, [message], [descriptor])


def _mapped(descriptor: int) -> Columns | None:
    if descriptor == sharing.NONE:
        return None
    get_ready()
    return sharing.columns_of(sharing.mapped(descriptor))


def load(store: Path, mode: str) -> tuple[ox.Store | Path, int]:
    """Return a release's store as the mode has it, and the descriptor of its columns.

    Another process reads it from disk: Oxigraph leaves threads behind, which must not be there
    when this one is forked. It still makes columns when it has read all of it.
    """
    if mode == "text":
        return ox.Store(), sharing.NONE
    if mode == "disk":
        return store, sharing.NONE
    columns = sharing.create()
    kept = [columns] if columns != sharing.NONE else []
    command = [sys.executable, "-P", "-m", "sparql_server.engine.columns.storage.dumping"]
    command += [str(store), str(columns)]
    held: ox.Store | Path = store
    wanted = subprocess.PIPE if mode == "memory" else subprocess.DEVNULL
    with subprocess.Popen(command, stdout=wanted, pass_fds=kept) as dump:
        if dump.stdout:
            held = _held_apart(dump.stdout)
            gather()
    if dump.returncode:
        raise subprocess.SubprocessError(f"reading {store.name} ended with {dump.returncode}")
    if sharing.is_whole(columns):
        return held, columns
    if mode == "columns":
        raise ValueError("it has no columns")
    return held, sharing.NONE


def _held_apart(dump: IO[bytes]) -> ox.Store:
    """Load a dump in a thread that then ends.

    glibc keeps what a thread has freed in that thread's arena. Loading leaves small holes all over
    gigabytes; workers, which allocate in the main thread, copied a page for each that they looked
    at, and took several times as long. https://sourceware.org/glibc/wiki/MallocInternals
    """
    held = ox.Store()
    with ThreadPoolExecutor(1) as apart:
        apart.submit(held.bulk_load, dump, ox.RdfFormat.N_QUADS).result()
    return held


def _serve(control: socket.socket, held: Held) -> None:
    forgotten: set[int] = set()
    while True:
        control.settimeout(_REAP if forgotten else None)
        try:
            message, descriptors, _, _ = socket.recv_fds(control, COMMAND.size, 1)
        except TimeoutError:
            forgotten -= _reap(forgotten)
            continue
        if len(message) < COMMAND.size:
            return  # the server has gone
        command, number = COMMAND.unpack(message)
        if command == FORGET:
            forgotten.add(number)
            forgotten -= _reap(forgotten)
        elif command == FORK:
            control.sendall(COMMAND.pack(FORK, _fork(control, descriptors[0], held)))


def _reap(forgotten: set[int]) -> set[int]:
    """Return those of these processes that have ended; until then nobody else can have its number.

    https://man7.org/linux/man-pages/man2/wait.2.html
    """
    return {pid for pid in forgotten if os.waitpid(pid, os.WNOHANG)[0]}


def _fork(control: socket.socket, descriptor: int, held: Held) -> int:
    pid = os.fork()
    if pid:
        os.close(descriptor)
        return pid
    status = 1
    try:
        control.close()
        die_with_parent()
        safeguards = hold(network=held.network) | (NETWORK if held.has_none else 0)
        connection = socket.socket(fileno=descriptor)
        worker.run(connection, held.store, held.indexes, safeguards)
        status = 0
    finally:
        os._exit(status)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2], Path(sys.argv[3]), sys.argv[4] == "confined")
