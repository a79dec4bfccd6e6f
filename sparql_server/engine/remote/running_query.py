"""One remote query under way: a thread asks and converts, another one takes what comes of it.

pyoxigraph's results must stay in the thread that made them, and a thread that waits for an endpoint
can't watch the clock.
"""

from __future__ import annotations

import logging
import queue
import threading
import traceback
import uuid
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from sparql_server.engine.client_connection import Caller
from sparql_server.engine.messages import Answer
from sparql_server.engine.pieces import PieceWriter
from sparql_server.engine.query_limits import Run, Watchdog
from sparql_server.engine.remote import conversion
from sparql_server.engine.remote.exchange import Endpoint, Refused, Reply
from sparql_server.engine.remote.own_parser import find_fault
from sparql_server.errors import EvaluationFailed, RequestError
from sparql_server.errors.failures.failure import Failure
from sparql_server.errors.failures.remote_endpoint import make_cut, translate_refusal
from sparql_server.sparql.pattern_graph import QuadPattern

logger = logging.getLogger(__name__)

_LOOK = 0.25  # seconds between two looks at whether anybody still waits for the result
_AHEAD = 4  # messages that may wait for the client
_GRACE = 1.0  # seconds after its time in which a query is ended from here, or by its connection


@dataclass(frozen=True, slots=True)
class Order:
    """A query as it is asked, and the form in which its result is handed over.

    query: as the client has written it. kind: ``solutions`` or ``graphs``. name: of the format;
    None: as rows of a page, so many. fields: the form to post. quads: what the solutions are asked
    for, if a dataset is made of them. accept: the formats to ask for. shift: characters that stand
    before the query as it was written, on its first line.
    """

    query: str
    kind: str
    name: str | None
    rows: int | None
    fields: tuple[tuple[str, str], ...]
    accept: str
    shift: int = 0
    quads: QuadPattern | None = None
    streams: bool = False


class _Abandoned(Exception):
    """Nobody waits for the result any more."""


class Inquiry(Run):
    """A query that is asked in a thread of its own, from ``start`` on."""

    def __init__(
        self,
        endpoint: Endpoint,
        order: Order,
        timeout: float,
        caller: Caller,
        watchdog: Watchdog,
        free: Callable[[], None],
    ) -> None:
        """timeout: as of ``Run``. free: called once, to let another query have its place."""
        super().__init__(timeout, caller)
        self._endpoint = endpoint
        self._order = order
        self._watchdog = watchdog
        self._free = [free]
        self._messages: queue.Queue[Answer | RequestError] = queue.Queue(_AHEAD)
        self._abandoned = threading.Event()
        self._reply: Reply | None = None
        self._peeked: Answer | RequestError | None = None

    def start(self) -> None:
        """Begin."""
        self._watchdog.watch(self)
        threading.Thread(target=self._run, name="remote query", daemon=True).start()

    # Whoever waits

    def receive(self) -> Answer:
        """Wait for the next part of the answer. Raises what a request is to be told."""
        message, self._peeked = self._peeked, None
        if message is None and self.cause is None:
            message = self._messages.get()
        self.raise_cause()
        if isinstance(message, RequestError):
            raise message
        assert message is not None
        if self._order.streams and isinstance(message, bytes):
            self.extend(len(message))
        return message

    def peek(self) -> Answer | None:
        """Return the next part if it is there; an error is for ``receive`` to raise."""
        if self._peeked is None:
            with suppress(queue.Empty):
                self._peeked = self._messages.get_nowait()
        return None if isinstance(self._peeked, RequestError) else self._peeked

    def leave(self, *, whole: bool) -> None:
        """End the query if it hasn't come to its end, and let others have its place."""
        self._watchdog.leave(self)
        self.stop()
        self.lose()

    def lose(self) -> None:
        """Let others have its place: whoever is first, of several threads, sees to that."""
        with suppress(IndexError):
            self._free.pop()()

    def end(self, cause: RequestError) -> None:
        """End the query; ``receive`` raises the cause."""
        super().end(cause)
        with suppress(queue.Full):  # then somebody who waits goes on anyway
            self._messages.put_nowait(cause)

    def fail(self, what: str, detail: str) -> EvaluationFailed:
        """Log what came of the query; return what the request is to be told."""
        identifier = uuid.uuid4().hex
        logger.error("remote query %s [%s]", what, identifier)
        return EvaluationFailed(detail, identifier=identifier)

    def stop(self) -> None:
        """End the query, and its connection with it."""
        self._abandoned.set()
        if self._reply is not None:
            self._reply.abandon()
        with suppress(queue.Empty):  # so that a thread that waits to hand over goes on, and ends
            while True:
                self._messages.get_nowait()

    # The thread

    def _run(self) -> None:
        try:
            self._ask()
        except _Abandoned:
            pass
        except RequestError as error:
            self._last(error)
        except Exception:  # whatever it is, the request must hear of it
            identifier = uuid.uuid4().hex
            logger.exception("remote query failed [%s]", identifier)
            self._last(EvaluationFailed("The query failed.", identifier=identifier))

    def _ask(self) -> None:
        order = self._order
        try:
            reply = self._endpoint.ask(order.fields, order.accept, self.deadline + _GRACE)
        except Refused as refused:
            self._watchdog.leave(self)  # to find out what is wrong takes our time, not the query's
            self._put(_explain(order, refused))
            return
        self._reply = reply
        try:
            if reply.row_limit and order.rows is None:
                raise make_cut(reply.row_limit)
            out = PieceWriter(order.name or "rows", self._put)
            if order.quads and order.name:
                conversion.deliver_quads(reply, order.quads, order.name, out)
            else:
                conversion.deliver(reply, order.kind, order.name, order.rows, out)
            out.finish()
        finally:
            reply.close()

    def _put(self, message: Answer | RequestError) -> None:
        """Hand over a message, as soon as there is room; whoever takes them may be slow."""
        while not self._abandoned.is_set():
            with suppress(queue.Full):
                self._messages.put(message, timeout=_LOOK)
                return
        raise _Abandoned

    def _last(self, error: RequestError) -> None:
        _clear_frames(error)
        with suppress(_Abandoned):
            self._put(error)


def _clear_frames(error: BaseException | None) -> None:
    """Let go of what the functions held that an error has passed: results stay in this thread."""
    while error is not None:
        traceback.clear_frames(error.__traceback__)
        error = error.__cause__ or error.__context__


def _explain(order: Order, refused: Refused) -> Failure:
    """Return what is wrong with a query that the endpoint has refused.

    Raises RemoteFailed where nothing is, that the specification knows of.
    """
    said = find_fault(order.query)
    if said is not None:
        return said
    raise translate_refusal(refused.status, _place(order, refused))


def _place(order: Order, refused: Refused) -> tuple[int, int] | None:
    """Return line and column, in the query as it was written, of what an endpoint stumbled at."""
    if refused.position is None:
        return None
    line, column = refused.position
    column -= order.shift if line == 1 else 0
    return (line, column) if column > 0 else None
