"""HTTP replies, made of answers, and noted in the journal when the last byte has gone.

Plain values: Flask makes a response of a reply, ``shortcut`` sends it as it is.
"""

from __future__ import annotations

import logging
import time
import uuid
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from functools import cache
from http import HTTPStatus

from sparql_server.answering.answer import Answer
from sparql_server.answering.delivery import Delivery
from sparql_server.answering.journal import Entry, Journal
from sparql_server.answering.spooling import spool_result
from sparql_server.codings import PIECE, code_pieces
from sparql_server.errors import (
    ClientGone,
    RequestError,
)
from sparql_server.sparql.query import form_of

Pieces = Delivery | Generator[bytes, None, None]

logger = logging.getLogger(__name__)


class ResultCut(Exception):
    """A result could not be completed after it had begun: the connection must be cut."""


@dataclass(frozen=True, slots=True)
class Reply:
    """An HTTP response. headers: without those that all have. body: whole, or pieces."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes | Iterator[bytes] = b""

    @property
    def status_line(self) -> str:
        """The status and its reason, as WSGI has it."""
        return write_status_line(self.status)


@cache
def write_status_line(status: int) -> str:
    """Return a status with its reason.

    >>> write_status_line(404), write_status_line(499)
    ('404 NOT FOUND', '499 UNKNOWN')
    """
    try:
        return f"{status} {HTTPStatus(status).phrase.upper()}"
    except ValueError:
        return f"{status} UNKNOWN"


class Record:
    """A query's entry in the journal, from its beginning to its end."""

    __slots__ = ("_began", "_journal", "_query")

    def __init__(self, journal: Journal, query: str) -> None:
        self._journal = journal
        self._query = query
        self._began = time.monotonic()

    def end(self, answer: Answer, *, status: int = 200, size: int = 0) -> None:
        """Note an answer whose last byte has gone. size: bytes of the body."""
        done = answer.pieces.handle if answer.pieces else None
        self._journal.note(
            Entry(
                self._query,
                form_of(self._query),
                status,
                "unchanged" if status == 304 else "ok",
                release=answer.release,
                engine=answer.engine,
                cache=answer.cache,
                queued=answer.queued,
                cpu=done.cpu if done else answer.cpu,
                rows=done.rows if done else answer.rows,
                bytes=size,
                seconds=self._seconds(),
            )
        )

    def fail(self, error: RequestError, answer: Answer | None = None, size: int = 0) -> None:
        """Note a query that ended in an error, after so many bytes of the body."""
        self._journal.note(
            Entry(
                self._query,
                form_of(self._query),
                error.status,
                type(error).__name__,
                release=answer.release if answer else 0,
                engine=answer.engine if answer else "",
                bytes=size,
                identifier=error.members.get("identifier"),
                seconds=self._seconds(),
            )
        )

    def _seconds(self) -> float:
        return time.monotonic() - self._began


def make_reply(answer: Answer, record: Record, max_age: int, protocol: str) -> Reply:
    """Return the reply to a request for a result. protocol: the request's, ``HTTP/1.1``."""
    headers = make_headers(answer, max_age)
    if answer.format is None:
        record.end(answer, status=304)
        return Reply(304, headers)
    headers.append(("Content-Type", answer.format.content_type))
    if answer.coding or answer.to_code:
        headers.append(("Content-Encoding", answer.coding or answer.to_code))
    if answer.body is not None and answer.to_code:
        return Reply(200, headers, _Body(answer, _slice_body(answer.body), record))
    if answer.body is not None:
        record.end(answer, size=len(answer.body))
        return _make_whole(200, headers, answer.body)
    if answer.pieces is None:  # HEAD: how long the result is, nobody knows yet
        record.end(answer)
        # An iterator has no length: it would be that of a body which nobody has made.
        return Reply(200, headers, iter(()))
    if protocol == "HTTP/1.0":
        spooled, length = spool_result(answer.pieces)
        record.end(answer, size=length)
        return Reply(200, [*headers, ("Content-Length", str(length))], spooled)
    return Reply(200, headers, _Body(answer, answer.pieces, record))


def make_problem(error: RequestError) -> Reply:
    """Return an error as a problem document (RFC 9457)."""
    headers = [("Content-Type", "application/problem+json"), *error.make_headers()]
    return _make_whole(error.status, headers, error.write_problem())


def log_unexpected(error: Exception) -> RequestError:
    """Log a mistake of ours; return what is said of it: the identifier that it has in the log."""
    identifier = uuid.uuid4().hex
    logger.error("unexpected [%s]", identifier, exc_info=error)
    return RequestError("Something went wrong in this server.", identifier=identifier)


def _make_whole(status: int, headers: list[tuple[str, str]], body: bytes) -> Reply:
    return Reply(status, [*headers, ("Content-Length", str(len(body)))], body)


def make_headers(answer: Answer, max_age: int) -> list[tuple[str, str]]:
    """Return the headers that say how old an answer is and how long it keeps."""
    headers = [("Libris-Release", str(answer.release)), ("Server-Timing", _write_timing(answer))]
    if answer.tag:
        kept = f"public, max-age={max_age}" if max_age else "no-cache"
        headers += [("ETag", answer.tag), ("Cache-Control", kept)]
    else:
        headers.append(("Cache-Control", "no-store"))
    if answer.age is not None:
        headers.append(("Age", str(answer.age)))
    return headers


def _write_timing(answer: Answer) -> str:
    """Return what the answer has cost so far, in milliseconds.

    https://www.w3.org/TR/server-timing/
    """
    if answer.cache in ("hit", "shared"):
        return f'cache;desc="{answer.cache}"'
    return f"queue;dur={answer.queued * 1000:.1f}, cpu;dur={answer.cpu * 1000:.1f}"


class _Body(Iterator[bytes]):
    """A result's pieces, coded where they are to be; the connection is cut where the result is."""

    def __init__(self, answer: Answer, pieces: Pieces, record: Record) -> None:
        self._answer = answer
        self._pieces = pieces
        self._coded = code_pieces(answer.to_code, pieces) if answer.to_code else pieces
        self._kept: list[bytes] = []
        self._record: Record | None = record
        self._sent = 0

    def __next__(self) -> bytes:
        try:
            piece = next(self._coded)
        except StopIteration:
            self._end()
            raise
        except RequestError as error:
            logger.error("result cut short after it had begun: %s", error.detail)
            self._end(error)
            raise ResultCut(error.detail) from error
        self._sent += len(piece)
        if self._answer.keep:
            self._kept.append(piece)
        return piece

    def _end(self, error: RequestError | None = None) -> None:
        record, self._record = self._record, None
        if record is None:
            return
        if error:
            record.fail(error, self._answer, self._sent)
        else:
            record.end(self._answer, size=self._sent)
            if self._answer.keep:
                self._answer.keep(b"".join(self._kept))
        self._kept = []

    def close(self) -> None:
        """Free the worker; whoever has not had everything by now has gone."""
        self._pieces.close()
        self._end(ClientGone("The client hung up."))


def _slice_body(body: bytes) -> Generator[bytes, None, None]:
    """Yield a body in pieces."""
    for start in range(0, len(body), PIECE):
        yield body[start : start + PIECE]
