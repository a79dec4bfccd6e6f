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
_KNOWN = 1000  # of so much, one must be done before the rest can be guessed


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
        known = self._total is not None and 0 < self._total <= self._done * _KNOWN
        seconds = ((self._total or 0) - self._done) / rate if known else None
        remaining = "" if seconds is None else f", {seconds:,.0f} s left"
        where = f", at {note}" if note else ""
        logger.info(
            "%s: %s done, %.0f/s%s%s", self._label, f"{self._done:,}", rate, where, remaining
        )
