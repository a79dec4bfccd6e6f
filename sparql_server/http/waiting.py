"""The queue of requests that wait for a worker without a thread that waits with them.

The thread that reads and writes gives a job to a worker that is free, and reads the answer as it
reads requests: threads that hand each other every query take longer for that than a worker does
for one of a few rows. A query that isn't answered in a moment goes on in a thread, as does a
result that is more than one message.
"""

from __future__ import annotations

import logging
import time
from collections import deque
from collections.abc import Callable
from typing import Any, Protocol

from sparql_server.engine.handle import Handle, NotNow

logger = logging.getLogger(__name__)

SOON = 0.01
"""Seconds in which an answer is there, or else a thread waits for it."""


class Channel(Protocol):
    """A connection whose next request has been read."""

    def environ(self) -> dict[str, Any]:
        """Return the request as WSGI has it."""


Deal = Callable[[Any], None]


class _Pending:
    """An answer to come from a worker, which waitress's loop takes for a connection."""

    accepting = False

    def __init__(self, handle: Handle, there: Callable[[bool], None]) -> None:
        self._handle = handle
        self._there: Callable[[bool], None] | None = there

    def readable(self) -> bool:
        return True

    def writable(self) -> bool:
        return False

    def handle_read_event(self) -> None:
        self.end(self._handle.is_whole)

    def handle_close(self) -> None:
        self.end(lambda: False)

    handle_expt_event = handle_error = close = handle_close

    def end(self, is_whole: Callable[[], bool]) -> None:
        """Say once that it is over, and whether with a whole result."""
        there, self._there = self._there, None
        if there is None:
            return
        whole = False
        try:
            whole = is_whole()
        finally:  # also if reading has failed: somebody must answer
            there(whole)


class Waiting:
    """The requests that wait.

    sockets: what waitress's loop waits for. submit: has a request evaluated, or says that it must
    wait otherwise (None), or is to be tried again (NotNow). at_once: has a request answered
    that has its result. in_a_thread: has one answered that hasn't.
    """

    def __init__(
        self,
        sockets: dict[int, object],
        submit: Callable[[dict[str, Any]], Handle | None],
        at_once: Deal,
        in_a_thread: Deal,
    ) -> None:
        self._sockets = sockets
        self._submit = submit
        self._at_once = at_once
        self._in_a_thread = in_a_thread
        self._for_an_answer: dict[int, tuple[float, _Pending]] = {}
        self._for_a_worker: deque[tuple[float, Channel]] = deque()

    def __bool__(self) -> bool:
        return bool(self._for_an_answer or self._for_a_worker)

    def add(self, channel: Channel) -> None:
        """Have a request wait, for a worker or its answer; or else have a thread answer it."""
        if self._for_a_worker or not self._has_begun(channel):
            self._for_a_worker.append((time.monotonic(), channel))

    def look(self) -> None:
        """Begin what can begin now; have threads wait for what has waited long enough."""
        late = time.monotonic() - SOON
        while self._for_a_worker:
            since, channel = self._for_a_worker[0]
            if since < late:
                self._for_a_worker.popleft()
                self._in_a_thread(channel)
            elif self._has_begun(channel):
                self._for_a_worker.popleft()
            else:
                break
        for since, pending in list(self._for_an_answer.values()):
            if since < late:
                pending.handle_close()

    def _has_begun(self, channel: Channel) -> bool:
        """Begin, or give to a thread; False: it is to be tried again."""
        handle = None
        try:
            handle = self._submit(channel.environ())
        except NotNow:
            return False
        except Exception:  # whatever it is, the thread that reads and writes must go on
            # Who answers it comes upon the same, and says so.
            logger.exception("a query could not be begun")
        number = handle.fileno() if handle else None
        if handle is None or number is None:
            self._in_a_thread(channel)
        else:
            self._watch(handle, number, channel)
        return True

    def _watch(self, handle: Handle, number: int, channel: Channel) -> None:
        def there(is_whole: bool) -> None:
            del self._sockets[number], self._for_an_answer[number]
            (self._at_once if is_whole else self._in_a_thread)(channel)

        self._sockets[number] = pending = _Pending(handle, there)
        self._for_an_answer[number] = (time.monotonic(), pending)
