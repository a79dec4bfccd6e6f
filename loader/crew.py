"""Processes that work beside this one, each fed and emptied through a pipe."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import contextmanager, suppress
from multiprocessing.connection import Connection
from types import TracebackType
from typing import Generic, TypeVar

from loader.errors import ProcessLost

L = TypeVar("L")
R = TypeVar("R")

_MOST = 4  # more of them than Oxigraph's loader, which is one process, can keep up with


class Crew(Generic[L, R]):
    """Processes that do the same work, one load each at a time. A context manager.

    work: a function of a module. size: how many they are; by default as many as there are
    processors, up to four. Interrupts (Ctrl-C) don't reach them.
    """

    def __init__(self, work: Callable[[L], R], size: int | None = None) -> None:
        context = multiprocessing.get_context("spawn")
        self._members = []
        for _ in range(size or max(1, min(_MOST, os.cpu_count() or 1))):
            ours, theirs = context.Pipe()
            process = context.Process(target=_serve, args=(theirs, work), daemon=True)
            with _uninterrupted():
                process.start()
            theirs.close()  # so that either side notices the other's end
            self._members.append((process, ours))

    def __enter__(self) -> Crew[L, R]:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        for process, pipe in self._members:
            pipe.close()
            process.join()

    def map(self, loads: Iterable[L]) -> Generator[tuple[L, R], None, None]:
        """Yield each load with what became of it, in the order given.

        A load is asked for when a process is about to be free for it.
        Raises ProcessLost if a process has ended.
        """
        busy: list[L | None] = [None] * len(self._members)
        number = 0
        for number, load in enumerate(loads, 1):
            # A process has one load at a time: two, and both sides could wait to be read from.
            yield from self._hand_over(busy, number % len(busy), load)
        for place in range(1, len(busy) + 1):
            yield from self._hand_over(busy, (number + place) % len(busy), None)

    def _hand_over(self, busy: list[L | None], place: int, load: L | None) -> Iterator[tuple[L, R]]:
        done, busy[place] = busy[place], load
        _, pipe = self._members[place]
        try:
            results: list[R] = [] if done is None else [pipe.recv()]
            if load is not None:
                pipe.send(load)
        except (EOFError, ConnectionError) as error:
            raise ProcessLost("a process that this one had started has ended") from error
        if done is not None:
            yield done, results[0]


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """Keep interrupts from processes that are started in the block: they inherit this."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _serve(pipe: Connection, work: Callable[[L], R]) -> None:
    """Work until the pipe closes: what each process does."""
    with suppress(EOFError, ConnectionError):
        while True:
            pipe.send(work(pipe.recv()))
