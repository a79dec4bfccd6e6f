"""Fills an empty store from N-Quads that arrive in a pipe: a process of its own.

    python -m loader.store.filling STORE DESCRIPTOR PARENT

Blank nodes keep the labels they have in the N-Quads, which Oxigraph's own bulk loading of a file
would replace: so whoever writes them knows what the store holds. pyoxigraph does it statement by
statement, and lets nothing else in its process run meanwhile.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyoxigraph as ox

from loader.errors import StoreError
from loader.processes import die_with_parent


@contextmanager
def filling(store: Path, descriptor: int) -> Iterator[None]:
    """Have a process fill a store from a pipe while the block runs, and wait for its end.

    Raises StoreError if the store refuses; where the block raises, the process is ended.
    """
    command = [sys.executable, "-P", "-m", "loader.store.filling"]
    command += [str(store), str(descriptor), str(os.getpid())]
    with subprocess.Popen(
        command, pass_fds=[descriptor], stdin=subprocess.DEVNULL, stderr=subprocess.PIPE
    ) as process:
        try:
            yield
        except BaseException:
            process.kill()
            raise
        _, said = process.communicate()
    if process.returncode:
        reason = said.decode(errors="replace").strip().splitlines()
        raise StoreError(f"{store}: {reason[-1] if reason else f'ended by {process.returncode}'}")


def main(store: str, descriptor: str, parent: str) -> None:
    """Fill a store, and arrange its files for reading. parent: the process that wants it."""
    die_with_parent()
    if os.getppid() != int(parent):  # it was killed before, and the next run fills a store there
        return
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the loader to deal with
    try:
        filled = ox.Store(store)
        # Lenient: the statements have been checked where they were made.
        path = f"/dev/fd/{descriptor}"
        filled.bulk_extend(ox.parse(path=path, format=ox.RdfFormat.N_QUADS, lenient=True))
        filled.optimize()
    except (OSError, RuntimeError, SyntaxError, ValueError, MemoryError) as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main(*sys.argv[1:])
