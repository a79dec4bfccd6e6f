"""The process that workers are forked from.

It is a program of its own, which has one thread whenever it forks, so that forking is safe (the
text index has another, which looks at a file twice a second, and holds nothing); and it never
answers a query, so that it survives every killed worker. It maps a release's columns, which workers
share.

    python -m sparql_server.engine.local.nursery DESCRIPTOR MODE RELEASE {confined,connected}

MODE: columns; disk, where the release has none; or text, for the text index and no store.
RELEASE: its directory.
"""

from __future__ import annotations

import gc
import os
import signal
import socket
import struct
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sparql_server.engine.local import worker
from sparql_server.engine.local.columns_first import get_ready
from sparql_server.engine.local.text_search import Indexes, open_text
from sparql_server.engine.processes.cores import Cores
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

With ``FORK`` comes the worker's end of its connection.
"""

READY, FAILED, FORK, FORGET = b"R", b"F", b"+", b"-"

_REAP = 0.05  # seconds between two looks at whether forgotten workers have ended


@dataclass(frozen=True, slots=True)
class Held:
    """A release as workers are given it. store: its directory; None if they are to have none.

    network: whether they may have it. has_none: whether they have none indeed. cores: that they
    share.
    """

    store: Path | None
    indexes: Indexes
    network: bool
    has_none: bool
    cores: Cores


def main(descriptor: int, mode: str, release: Path, confined: bool) -> None:
    """Get ready, then fork a worker for each connection that arrives, until the server has gone."""
    die_with_parent()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the server to deal with
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    control = socket.socket(fileno=descriptor)
    cores = Cores()
    confine()
    be_private()
    is_confined = confined and leave_network()
    drop_capabilities()
    text = _open_text(release)
    try:
        columns = _open_columns(release / "columns", cores) if mode == "columns" else None
    except ValueError as error:
        sys.stderr.write(f"the columns of {release} can't be used: {error}\n")
        control.sendall(COMMAND.pack(FAILED, 0))
        return
    with suppress(BrokenPipeError):  # the server has gone, or has no use for this release any more
        control.sendall(COMMAND.pack(READY, int(is_confined)))
        store = None if mode == "text" else release / "store"
        ready = Held(store, Indexes(columns, text), not confined, is_confined, cores)
        gc.freeze()  # workers would copy what their collector looks at
        _serve(control, ready)


def _open_columns(folder: Path, cores: Cores) -> Columns:
    from sparql_server.engine.columns.solutions.halves import borrow_from
    from sparql_server.engine.columns.storage.triples import Columns
    from sparql_server.engine.columns.telling.telling import prepare

    get_ready()
    borrow_from(cores)
    columns = Columns.of(folder)
    prepare(columns)
    return columns


def _open_text(release: Path) -> TextIndex | str:
    text = open_text(release)
    if isinstance(text, str) and (release / FOLDER).exists():
        sys.stderr.write(f"release {release.name} has no text index: {text}\n")
    return text


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
        worker.run(connection, held.store, held.indexes, safeguards, held.cores)
        status = 0
    finally:
        os._exit(status)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2], Path(sys.argv[3]), sys.argv[4] == "confined")
