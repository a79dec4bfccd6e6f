"""Ctrl-C: the first stops a run at the end of a page, the second at once."""

from __future__ import annotations

import logging
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

logger = logging.getLogger(__name__)


@contextmanager
def catch_interrupts() -> Iterator[Callable[[], bool]]:
    """Yield a function that tells whether somebody has asked to stop, while the block runs.

    The second time they ask, KeyboardInterrupt is raised as ever.
    """
    asked = threading.Event()

    def note(number: int, frame: FrameType | None) -> None:
        if asked.is_set():
            raise KeyboardInterrupt
        asked.set()
        logger.warning("Stopping at the end of this page; again to stop at once.")

    before = signal.signal(signal.SIGINT, note)
    try:
        yield asked.is_set
    finally:
        signal.signal(signal.SIGINT, before)
