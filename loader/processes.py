"""Processes that work beside this one, each fed and emptied through a pipe."""

from __future__ import annotations

import ctypes
import gc
import os
import pickle
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import contextmanager, suppress
from multiprocessing.connection import Connection, Pipe
from pkgutil import resolve_name
from types import TracebackType
from typing import Any, Generic, TypeVar

from loader.errors import ProcessLost

L = TypeVar("L")
R = TypeVar("R")

_PR_SET_PDEATHSIG = 1
_MOST = 4  # more of them than Oxigraph's loader, which is one process, can keep up with


class Crew(Generic[L, R]):
    """Processes that do the same work, one load each at a time. A context manager.

    work: a function of a module. size: how many they are; by default as many as there are
    processors, up to four. Interrupts (Ctrl-C) don't reach them.
    """

    def __init__(self, work: Callable[[L], R], size: int | None = None) -> None:
        number = size or max(1, min(_MOST, os.cpu_count() or 1))
        self._members = [_start(work) for _ in range(number)]

    def __enter__(self) -> Crew[L, R]:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        for process, exchange in self._members:
            exchange.close()
            process.wait()

    def map(self, loads: Iterable[L]) -> Generator[tuple[L, R], None, None]:
        """Yield each load with what became of it, in the order given.

        A load is asked for when a process is about to be free for it.
        Raises ProcessLost if a process has ended.
        """
        busy: list[L | None] = [None] * len(self._members)
        number = 0
        for number, load in enumerate(loads, 1):
            # A process has one load at a time: its exchange has room for no more.
            yield from self._hand_over(busy, number % len(busy), load)
        for place in range(1, len(busy) + 1):
            yield from self._hand_over(busy, (number + place) % len(busy), None)

    def _hand_over(self, busy: list[L | None], place: int, load: L | None) -> Iterator[tuple[L, R]]:
        done, busy[place] = busy[place], load
        _, exchange = self._members[place]
        try:
            results: list[R] = [] if done is None else [exchange.take()]
            if load is not None:
                exchange.give(load)
        except (EOFError, ConnectionError) as error:
            raise ProcessLost("a process that this one had started has ended") from error
        if done is not None:
            yield done, results[0]


def die_with_parent() -> None:
    """Have the kernel kill this process when its parent has died; only Linux can.

    https://man7.org/linux/man-pages/man2/PR_SET_PDEATHSIG.2const.html
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """Keep interrupts from processes that are started in the block: they inherit this."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


class _Exchange:
    """One side of where two processes give each other a value at a time.

    Values lie in a file that both have open: in a pipe, which holds little, the one side would have
    to wait for the other to take a value out of it. The pipe tells how many bytes there are.
    """

    def __init__(self, pipe: Connection, file: int) -> None:
        self._pipe = pipe
        self._file = file

    def give(self, value: object) -> None:
        """Give the other side a value; it has taken the former one.

        What is in it as a PickleBuffer goes as it is, without being copied into the rest.
        """
        buffers: list[pickle.PickleBuffer] = []
        content = pickle.dumps(value, pickle.HIGHEST_PROTOCOL, buffer_callback=buffers.append)
        sizes, end = [], 0
        for part in (memoryview(content), *(buffer.raw() for buffer in buffers)):
            sizes.append(part.nbytes)
            end = self._write(part, end)
        self._pipe.send(sizes)

    def _write(self, rest: memoryview, begin: int) -> int:
        """Write to the file at a place; return where that ends."""
        while rest:
            written = os.pwrite(self._file, rest, begin)
            rest, begin = rest[written:], begin + written
        return begin

    def take(self) -> Any:
        """Return the value that the other side gives next. Raises EOFError once it has closed."""
        begin, parts = 0, []
        for size in self._pipe.recv():
            parts.append(os.pread(self._file, size, begin))
            begin += size
        return pickle.loads(parts[0], buffers=parts[1:])

    def close(self) -> None:
        """Let the other side know that nothing follows."""
        self._pipe.close()
        os.close(self._file)


def _start(work: Callable[..., object]) -> tuple[subprocess.Popen[bytes], _Exchange]:
    """Start a process that does some work; return it and the exchange with it.

    One of multiprocessing's would import this program's main module, which it has no use for.
    """
    ours, theirs = Pipe()
    file = _open_nameless_file()
    with theirs, _uninterrupted():  # closed here, so that either side notices the other's end
        passed = [theirs.fileno(), file]
        command = [sys.executable, "-P", "-m", "loader.processes", *map(str, passed)]
        command.append(f"{work.__module__}:{work.__qualname__}")
        process = subprocess.Popen(
            command, pass_fds=passed, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL
        )
    return process, _Exchange(ours, file)


def _open_nameless_file() -> int:
    """Return a file's descriptor; on Linux it never sees a disk."""
    if hasattr(os, "memfd_create"):
        return os.memfd_create("crew")
    with tempfile.TemporaryFile(prefix="libris-") as file:
        return os.dup(file.fileno())


def _serve(exchange: _Exchange, work: Callable[[Any], Any]) -> None:
    """Work until nothing follows: what each process does."""
    gc.set_threshold(1_000_000)  # documents have no cycles: looking for some would take long
    with suppress(EOFError, ConnectionError):
        while True:
            exchange.give(work(exchange.take()))


if __name__ == "__main__":
    _serve(_Exchange(Connection(int(sys.argv[1])), int(sys.argv[2])), resolve_name(sys.argv[3]))
