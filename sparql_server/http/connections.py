"""Connections: the requests that come on them, and the order in which these are answered."""

from __future__ import annotations

import logging
import socket
import time
from contextlib import suppress
from typing import Any

from waitress.task import WSGITask

from sparql_server.http.head_budget import COPIES, SMALL
from sparql_server.http.refusals import NoRoomForBody, RefusalTask, TooManyLargeHeads
from sparql_server.http.request_parser import Parser
from sparql_server.http.sending import SendingChannel
from sparql_server.http.wsgi_task import Task

logger = logging.getLogger(__name__)

_LINGER = 10  # seconds in which a client that is refused may send on, so as to hear of it
_LITTLE = SMALL // COPIES  # bytes of a request whose head isn't counted, as it is small
_IN_A_ROW = 4  # requests of a connection that are taken before others have their turn


class Channel(SendingChannel):
    """A connection.

    began: when the first byte of the request that is being read came. refused: when a request was;
    0: never. serving: since when a request is in work; 0: none is. lingers: whether all is said and
    only the client sends on. arrived: whether a request has come and nobody has taken it yet.
    alike: header fields, and what ``surroundings`` says of requests with them. head: bytes of the
    head that is being read. is_large: whether heads of it are counted.
    """

    parser_class = Parser
    task_class = Task
    error_task_class = RefusalTask
    began = 0.0
    refused = 0.0
    serving = 0.0
    lingers = False
    arrived = False
    head = 0
    is_large = False
    alike: tuple[bytes, dict[str, Any]] = (b"", {})

    def handle_write(self) -> None:
        """Send what there is to send; after a refusal, don't close before the client has read it.

        Closing with bytes unread would have the client's system throw the answer away
        (RFC 9112, 9.6, https://www.rfc-editor.org/rfc/rfc9112#section-9.6).
        """
        if self.refused and self.close_when_flushed and not self.total_outbufs_len:
            self.close_when_flushed: bool = False
            self.lingers = True
            with suppress(OSError):
                self.socket.shutdown(socket.SHUT_WR)
            return
        super().handle_write()

    def received(self, data: bytes) -> bool:
        """Take in data."""
        if self.lingers:
            return False
        if self.request is None:
            self.began = time.time()
        try:
            taken = bool(super().received(data))
        except OSError as error:
            taken = self._refuse_for_want_of_room(error)
        if self.request is not None or self.head or self.is_large or len(data) > _LITTLE:
            self._note_head(len(data))
        self.take_arrived()
        return taken

    def _refuse_for_want_of_room(self, error: OSError) -> bool:
        """Refuse a request whose body can't be set aside while it comes."""
        logger.error("the body of a request could not be set aside: %s", error)
        with self.requests_lock:
            request: Any = self.request
            self.request: Any = None
            request.error, request.completed = NoRoomForBody("no room for the body"), True
            self.requests.append(request)
            if len(self.requests) == 1:
                self.server.add_task(self)
        return True

    @property
    def requested(self) -> int:
        """Bytes of the requests that have come whole and aren't answered."""
        return sum(
            request.content_length + len(request.first_line)
            for request in list(self.requests)
            if not request.error
        )

    @property
    def is_sending(self) -> bool:
        """Whether a request has come in part, and none that is whole waits for its answer."""
        return self.request is not None and not self.requests

    def _note_head(self, size: int) -> None:
        """Count what the heads of this connection take; end what there is no room for."""
        unfinished = self.request is not None and not self.request.headers_finished
        self.head = self.head + size if unfinished else 0
        waiting = sum(len(request.first_line) for request in self.requests if not request.error)
        held = self.head + COPIES * waiting
        if held <= SMALL and not self.is_large:
            return
        self.is_large = held > SMALL
        if self.server.intake.note(self, held if self.is_large else 0):
            return
        if self.arrived:
            self.requests[-1].error = TooManyLargeHeads("")
        else:
            self.handle_close()

    def handle_close(self) -> None:
        """Close the connection."""
        if self.is_large:
            self.server.intake.note(self, 0)
        super().handle_close()

    def take_arrived(self) -> None:
        """Have the server take a request that has arrived, and some that came together with it.

        Hundreds of them come in a row where a client wants that; others have their turn between.
        """
        for _ in range(_IN_A_ROW):
            if not self.arrived:
                return
            self.arrived = False
            self.server.take(self)
        if self.arrived:
            self.server.take_later(self)

    def is_at_hand(self) -> bool:
        """Tell whether the next answer can be given at once, and be sent without a wait."""
        request = self.requests[0]
        if self.total_outbufs_len or request.error or not self.connected:
            return False
        request.at_hand = self.server.shortcut.is_at_hand(self.environ())
        return bool(request.at_hand)

    def surroundings(self, request: Parser) -> dict[str, Any]:
        """Return what known requests with the same header fields have in common, in WSGI's form."""
        fields, found = self.alike
        if fields != request.known:
            found = WSGITask(self, request).get_environment()
            self.alike = (request.known, found.copy())
        return found.copy()

    def environ(self) -> dict[str, Any]:
        """Return the next request as WSGI has it."""
        return self.task_class(self, self.requests[0]).get_environment()

    @property
    def is_idle(self) -> bool:
        """Whether nobody waits for an answer: no request has come whole, none is being answered."""
        return not (self.requests or self.total_outbufs_len)

    @property
    def wants_a_look(self) -> bool:
        """Whether the thread that reads and writes has to do something that it doesn't know of.

        While one request is in work it waits for the next one all the time.
        """
        return bool(
            self.total_outbufs_len or self.requests or self.close_when_flushed or self.will_close
        )

    def service(self) -> None:
        """Answer a request."""
        self.serving = time.time()
        self.server.serving(self)
        environ = self.requests[0].environ
        try:
            super().service()
        finally:
            if environ:
                self.server.shortcut.leave(environ)
            self.server.serving(None)
            self.serving = 0.0
            if self.is_large:
                self._note_head(0)

    def is_late(self, now: float, most: float) -> bool:
        """Tell whether a request isn't there after so many seconds, or a refused one goes on."""
        if self.refused:
            return self.refused < now - _LINGER
        return self.request is not None and not self.requests and self.began < now - most
