"""Processes that transform documents for bulk work, each fed and emptied through a pipe."""

from __future__ import annotations

import multiprocessing
import os
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from types import TracebackType

from loader import shortcut
from loader.archive import Document
from loader.content import Attempt, attempts
from loader.ledger import Tally

_MOST = 4  # more of them than Oxigraph's loader, which is one process, can keep up with


@dataclass(frozen=True, slots=True)
class Load:
    """Documents to transform together: those that can go the short way, and the rest."""

    plain: Sequence[Document]
    rest: Sequence[Document]


@dataclass(frozen=True, slots=True)
class Result:
    """What became of a load.

    nquads: of the plain documents, tallied in ``tally``; None if one of them was not plain after
    all, so that they are among the attempts. attempts: of the other documents, in their order.
    """

    nquads: bytes | None
    tally: Tally = field(default_factory=Counter)
    attempts: Sequence[Attempt] = ()


class Crew:
    """As many processes as there are processors, up to four. A context manager."""

    def __init__(self) -> None:
        context = multiprocessing.get_context("spawn")
        self._members = []
        for _ in range(max(1, min(_MOST, os.cpu_count() or 1))):
            ours, theirs = context.Pipe()
            process = context.Process(target=_serve, args=(theirs,), daemon=True)
            process.start()
            theirs.close()  # so that either side notices the other's end
            self._members.append((process, ours))

    def __enter__(self) -> Crew:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        for process, pipe in self._members:
            pipe.close()
            process.join()

    def transform(self, loads: Iterable[Load]) -> Iterator[tuple[Load, Result]]:
        """Yield each load with what became of it, in the order given.

        Raises EOFError if a process has ended, ConnectionError if it is ending.
        """
        busy: list[Load | None] = [None] * len(self._members)
        number = 0
        for number, load in enumerate(loads, 1):
            # A process has one load at a time: two, and both sides could wait to be read from.
            yield from self._hand_over(busy, number % len(busy), load)
        for place in range(1, len(busy) + 1):
            yield from self._hand_over(busy, (number + place) % len(busy), None)

    def _hand_over(
        self, busy: list[Load | None], place: int, load: Load | None
    ) -> Iterator[tuple[Load, Result]]:
        done, busy[place] = busy[place], load
        _, pipe = self._members[place]
        result = pipe.recv() if done else None
        if load:
            pipe.send(load)
        if done and result:
            yield done, result


def _serve(pipe: Connection) -> None:
    """Transform loads until the pipe closes: what each process does."""
    with suppress(EOFError, ConnectionError, KeyboardInterrupt):
        while True:
            pipe.send(_transform(pipe.recv()))


def _transform(load: Load) -> Result:
    try:
        lines = shortcut.plain_nquads(load.plain)
    except SyntaxError:
        return Result(None, attempts=tuple(attempts([*load.plain, *load.rest])))
    text = b"\n".join([*lines, b""]) if lines else b""
    return Result(text, shortcut.tally_lines(lines), tuple(attempts(load.rest)))
