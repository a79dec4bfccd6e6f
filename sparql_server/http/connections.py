"""Connections: how what has been read is answered, and how what is refused is told so.

Errors say the same, in the same form, as the application's.
"""

from __future__ import annotations

import json
import logging
import socket
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import lru_cache
from operator import itemgetter
from typing import Any

from waitress.task import ErrorTask, WSGITask
from waitress.utilities import Error, build_http_date

from sparql_server.http.head_budget import COPIES, SMALL
from sparql_server.http.request_parser import Parser
from sparql_server.http.sending import SendingChannel

logger = logging.getLogger(__name__)

_SOON = 5  # seconds after which there may be room again
_LINGER = 10  # seconds in which a client that is refused may send on, so as to hear of it
_LITTLE = SMALL // COPIES  # bytes of a request whose head isn't counted, as it is small
_IN_A_ROW = 4  # requests of a connection that are taken before others have their turn
_SMALL = 64 * 1024  # bytes of a body that are copied to be sent together with the head
_OWN = frozenset(["Connection", "Date", "Server"])  # headers that waitress has something to add to

_SAID = {
    400: "The request is not HTTP as this server reads it.",
    413: "The body is larger than one may be here.",
    500: "Something went wrong in this server.",
    507: "There is no room for the body of the request; try again later.",
    503: "Too many large requests are being read; try again in a moment.",
    501: "The request has a Transfer-Encoding other than chunked.",
}


class Task(WSGITask):  # type: ignore[misc]
    """Has the application answer a request."""

    def get_environment(self) -> dict[str, Any]:
        """Return the request as WSGI has it, made once: what was noted in it stays."""
        if self.request.environ is None:
            self.request.environ = self._known_environment() or super().get_environment()
        environ: dict[str, Any] = self.request.environ
        return environ

    def _known_environment(self) -> dict[str, Any] | None:
        """Return what waitress makes of a request that was known, from what stays the same."""
        request = self.request
        if not request.known:
            return None
        environ: dict[str, Any] = self.channel.surroundings(request)
        environ["PATH_INFO"], environ["QUERY_STRING"] = request.path, request.query
        environ["REQUEST_URI"] = request.request_uri
        environ["wsgi.input"] = request.get_body_stream()
        return environ

    def execute(self) -> None:
        """Have the request answered; where its answer is at hand, without WSGI's checks of it."""
        reply = self.channel.server.at_hand(self.request.environ) if self.request.at_hand else None
        if reply is None:
            super().execute()
            return
        body = reply.body if isinstance(reply.body, bytes) else b"".join(reply.body)
        self.status, self.response_headers, self.complete = reply.status_line, reply.headers, True
        self.content_length: int | None = len(body)
        if body:
            self.write(body)

    def write(self, data: bytes) -> None:
        """Send a piece of the body; the head goes with the first one if that is small."""
        with_head = self.complete and not self.wrote_header and self.has_body
        if with_head and 0 < len(data) <= _SMALL and self.content_length != 0:
            self.channel.held = self.build_response_header()
            self.wrote_header: bool = True
        if self._is_all(data):
            self._write_head()
            self.content_bytes_written: int = len(data)
            self.channel.write_soon(data)
        else:
            super().write(data)

    def _is_all(self, data: bytes) -> bool:
        """Tell whether a piece is the whole body: then waitress would only copy it."""
        whole = self.content_length == len(data) and not self.content_bytes_written
        return bool(self.complete and data and whole and self.has_body)

    def _write_head(self) -> None:
        if not self.wrote_header:
            head = self.build_response_header()
            self.wrote_header = True
            self.channel.write_soon(head)

    def build_response_header(self) -> bytes:
        """Return the head; the same as waitress makes, in less time where all is usual."""
        is_usual = self.version == "1.1" and "CONNECTION" not in self.request.headers
        head = _head(tuple([name for name, _ in self.response_headers]))
        if not (is_usual and head and self.has_body):
            return bytes(super().build_response_header())
        text, order = head
        date = build_http_date(self.start_time)
        values = order([value for _, value in self.response_headers] + [date, self.status])
        return (text % values).encode("latin-1")


@lru_cache(maxsize=256)
def _head(names: tuple[str, ...]) -> tuple[str, Callable[[list[str]], tuple[str, ...]]] | None:
    """Return a head with places for the status and the values, and what puts these in order.

    The values are those of the names, then the date and the status. None: waitress must see to it.
    """
    written = ["-".join(part.capitalize() for part in name.split("-")) for name in names]
    if _OWN.intersection(written) or "Content-Length" not in written:
        return None
    written.append("Date")
    order = sorted(range(len(written)), key=written.__getitem__)
    lines = ["HTTP/1.1 %s", *(f"{written[place].replace('%', '%%')}: %s" for place in order)]
    return "\r\n".join([*lines, "", ""]), itemgetter(len(written), *order)


class Full(Error):  # type: ignore[misc]
    """Too many large requests are there already."""

    code = 503
    reason = "Service Unavailable"


class Refusal(ErrorTask):  # type: ignore[misc]
    """Answers a request that waitress has found wrong."""

    def execute(self) -> None:
        """Answer with a problem document (RFC 9457) and the headers that every answer has."""
        error, server = self.request.error, self.channel.server
        self.status = f"{error.code} {error.reason}"
        exceeded = self.request.exceeded
        limit, unit = (exceeded.limit, exceeded.unit) if exceeded else (None, "bytes")
        if error.code == 413:
            limit = server.body_limit
        document: dict[str, Any] = {
            "type": "about:blank",
            "title": error.reason,
            "status": error.code,
            "detail": str(exceeded or _SAID.get(error.code, error.reason)),
            **({"limit": limit, "unit": unit} if limit else {}),
        }
        body = json.dumps(document).encode() + b"\n"
        self.channel.refused = time.time()
        self.response_headers += server.refusal_headers
        if error.code == Full.code:
            self.response_headers.append(("Retry-After", str(_SOON)))
        self.set_close_on_finish()
        self.content_length = len(body)
        self.write(body)


class NoRoom(Error):  # type: ignore[misc]
    """The disk for temporary files has no room for a request."""

    code = 507
    reason = "Insufficient Storage"


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
    error_task_class = Refusal
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
            request.error, request.completed = NoRoom("no room for the body"), True
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
            self.requests[-1].error = Full("")
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


def refusal_headers(always: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return the headers of a refusal. always: those of every answer."""
    return [
        *always,
        ("Content-Type", "application/problem+json"),
        ("Cache-Control", "no-store"),
    ]
