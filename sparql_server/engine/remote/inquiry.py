"""One remote query under way: a thread asks and converts, whoever waits keeps the time.

pyoxigraph's results must stay in the thread that made them, and a thread that waits for an endpoint
can't watch the clock.
"""

from __future__ import annotations

import logging
import queue
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass

from sparql_server.engine.caller import Caller, Nobody
from sparql_server.engine.messages import End, Head
from sparql_server.engine.remote import conversion
from sparql_server.engine.remote.exchange import Endpoint, Refused, Reply
from sparql_server.errors import (
    ClientGone,
    EvaluationFailed,
    RemoteFailed,
    RequestError,
    TimeLimitExceeded,
)
from sparql_server.sparql.pattern_graph import QuadPattern

logger = logging.getLogger(__name__)

_FIRST = 64 * 1024  # bytes that must be good before the client hears of success
_PIECE = 256 * 1024  # bytes to a message after that
_LOOK = 0.25  # seconds between two looks at whether the client is still there
_AHEAD = 4  # messages that may wait for the client

Message = Head | bytes | End | Refused | RequestError


@dataclass(frozen=True, slots=True)
class Order:
    """What to ask and in which form to hand it over.

    kind: ``solutions`` or ``graphs``. name: of the format; None: as rows of a page, so many.
    fields: the form to post. quads: what the solutions are asked for, if a dataset is made of them.
    """

    kind: str
    name: str | None
    rows: int | None
    fields: tuple[tuple[str, str], ...]
    is_virtuoso: bool
    quads: QuadPattern | None = None


class _Abandoned(Exception):
    """Nobody waits for the result any more."""


class Inquiry:
    """A query that is being asked as soon as this is made."""

    def __init__(
        self,
        endpoint: Endpoint,
        order: Order,
        limit: float,
        release: int,
        overdue: Callable[[], None],
    ) -> None:
        """limit: seconds, the result's delivery included. release: number of what is asked.

        overdue: called if the time is over and the result is not taken.
        """
        self.release = release
        self._overdue = overdue
        self._caller: Caller = Nobody()
        self._endpoint = endpoint
        self._order = order
        self._limit = limit
        self._deadline = time.monotonic() + limit
        self._messages: queue.Queue[Message] = queue.Queue(_AHEAD)
        self._abandoned = threading.Event()
        self._reply: Reply | None = None
        threading.Thread(target=self._run, name="remote query", daemon=True).start()

    # Whoever waits

    def first(self, caller: Caller) -> str | Refused:
        """Return the name of the result's format once its first bytes are good, or the refusal.

        Raises RemoteFailed, TimeLimitExceeded, ClientGone or EvaluationFailed.
        """
        message = self._receive(caller)
        if isinstance(message, Head):
            return message.format
        if isinstance(message, Refused):
            return message
        raise EvaluationFailed("The endpoint's answer has no head.")

    def pieces(self, caller: Caller) -> Iterator[bytes]:
        """Yield the result; when that ends without an error, it is whole."""
        self._caller = caller
        while not isinstance(message := self._receive(caller), End):
            if not isinstance(message, bytes):
                raise EvaluationFailed(f"The result was cut short: {message}")
            yield message

    def abandon(self) -> None:
        """End the query if it hasn't come to its end."""
        self._abandoned.set()
        if self._reply is not None:
            self._reply.abandon()
        with suppress(queue.Empty):  # so that a thread that waits to hand over goes on, and ends
            while True:
                self._messages.get_nowait()

    def _receive(self, caller: Caller) -> Message:
        while True:
            left = self._deadline - time.monotonic()
            try:
                message = self._messages.get(timeout=max(min(left, _LOOK), 0))
            except queue.Empty:
                self._check(caller, left)
                continue
            if isinstance(message, RequestError):
                raise message
            return message

    def _check(self, caller: Caller, left: float) -> None:
        """Raise what ends a query that has not answered yet. left: seconds that it has."""
        if left <= 0:
            self.abandon()
            raise TimeLimitExceeded(
                f"The query took longer than the limit of {self._limit:g} seconds and was ended.",
                limit=self._limit,
                unit="seconds",
            )
        if caller.gone():
            self.abandon()
            raise ClientGone("The client hung up.")

    # The thread

    def _run(self) -> None:
        try:
            self._ask()
        except _Abandoned:
            pass
        except (Refused, RequestError) as error:
            self._last(error)
        except Exception:  # whatever it is, the request must hear of it
            identifier = uuid.uuid4().hex
            logger.exception("remote query failed [%s]", identifier)
            self._last(EvaluationFailed("The query failed.", identifier=identifier))

    def _ask(self) -> None:
        order = self._order
        accept = conversion.accept(order.kind, order.name, order.is_virtuoso)
        self._reply = reply = self._endpoint.ask(order.fields, accept, self._deadline)
        try:
            if reply.row_limit and order.rows is None:
                raise RemoteFailed(
                    "The endpoint behind this server cuts results after"
                    f" {reply.row_limit:,} rows, and this one has been cut.",
                    limit=reply.row_limit,
                )
            writer = _Writer(order.name or "rows", self._put)
            if order.quads and order.name:
                conversion.deliver_quads(reply, order.quads, order.name, writer)
            else:
                conversion.deliver(reply, order.kind, order.name, order.rows, writer)
            writer.finish()
        finally:
            reply.close()

    def _put(self, message: Message) -> None:
        """Hand over a message, as soon as there is room; whoever takes them may be slow."""
        while not self._abandoned.is_set():
            with suppress(queue.Full):
                self._messages.put(message, timeout=_LOOK)
                return
            if time.monotonic() >= self._deadline + _LOOK:  # whoever takes them would know by now
                self._overdue()
                self._caller.cut()
                break
        raise _Abandoned

    def _last(self, message: Message) -> None:
        with suppress(_Abandoned):
            self._put(message)


class _Writer:
    """Hands over what it is given in pieces, the first one when it is known to be good."""

    def __init__(self, name: str, put: Callable[[Message], None]) -> None:
        self._name = name
        self._put = put
        self._buffer = bytearray()
        self._begun = False

    def write(self, data: bytes) -> int:
        self._buffer += data
        if len(self._buffer) >= (_PIECE if self._begun else _FIRST):
            self._send()
        return len(data)

    def flush(self) -> None:
        """Do nothing: pieces go out by size."""

    def finish(self) -> None:
        self._send()
        self._put(End())

    def _send(self) -> None:
        if not self._begun:
            self._begun = True
            self._put(Head(self._name))
        self._put(bytes(self._buffer))
        self._buffer = bytearray()
