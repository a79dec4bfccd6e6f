"""WSGI tasks: the application's answer to one request, written to its connection.

They do what waitress's do, https://docs.pylonsproject.org/projects/waitress/, in less time.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from operator import itemgetter
from typing import Any

from waitress.task import WSGITask
from waitress.utilities import build_http_date

_SMALL = 64 * 1024  # bytes of a body that are copied to be sent together with the head
_OWN = frozenset(["Connection", "Date", "Server"])  # headers that waitress has something to add to


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
        head = _write_head(tuple([name for name, _ in self.response_headers]))
        if not (is_usual and head and self.has_body):
            return bytes(super().build_response_header())
        text, order = head
        date = build_http_date(self.start_time)
        values = order([value for _, value in self.response_headers] + [date, self.status])
        return (text % values).encode("latin-1")


@lru_cache(maxsize=256)
def _write_head(
    names: tuple[str, ...],
) -> tuple[str, Callable[[list[str]], tuple[str, ...]]] | None:
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
