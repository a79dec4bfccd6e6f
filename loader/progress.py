"""Progress of long work: a bar on a terminal, plain log lines elsewhere."""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

logger = logging.getLogger(__name__)

_EVERY = 10.0  # seconds between two lines
_FORESEEABLE = 0.001  # of the work must be done before it says how long the rest takes


class Advance(Protocol):
    """Called with the number of documents done since the last call, and where that has led to."""

    def __call__(self, count: int, note: str = "", /) -> None:
        """Show it."""


@contextmanager
def show_progress(label: str, total: int | None) -> Iterator[Advance]:
    """Show progress on stderr while the block runs. total: documents to do, if known."""
    if sys.stderr.isatty():
        with _bar(label, total) as advance:
            yield advance
    else:
        yield _Lines(label, total).advance


@contextmanager
def _bar(label: str, total: int | None) -> Iterator[Advance]:
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TextColumn("{task.fields[note]}"),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True)) as progress:
        task = progress.add_task(label, total=total, rate="", note="")
        start = time.monotonic()

        def advance(count: int, note: str = "", /) -> None:
            done = progress.tasks[0].completed + count
            rate = done / max(time.monotonic() - start, 0.001)
            progress.update(task, advance=count, rate=f"{rate:,.0f}/s", note=note)

        yield advance


class _Lines:
    """Logs a line at most every ten seconds."""

    def __init__(self, label: str, total: int | None) -> None:
        self._label = label
        self._total = total
        self._done = 0
        self._start = self._last = time.monotonic()

    def advance(self, count: int, note: str = "", /) -> None:
        self._done += count
        now = time.monotonic()
        if now - self._last < _EVERY:
            return
        self._last = now
        rate = self._done / (now - self._start)
        remaining = self._say_remaining(rate)
        where = f", at {note}" if note else ""
        logger.info(
            "%s: %s done, %.0f/s%s%s", self._label, f"{self._done:,}", rate, where, remaining
        )

    def _say_remaining(self, rate: float) -> str:
        """Return how long the rest takes at this rate, if enough is done to tell."""
        if self._total is None or self._done <= self._total * _FORESEEABLE:
            return ""
        return f", {max(self._total - self._done, 0) / rate:,.0f} s left"
