"""Messages as bytes: a head of fixed size, and a body of at most so many bytes.

Nothing in them is run or imported, whoever has written them; what isn't as written here is refused.
"""

from __future__ import annotations

import math
import socket
import struct
from dataclasses import fields
from operator import attrgetter

import orjson

from sparql_server.engine.messages import MOST, Answer, End, Head, Job, Ready, Whole
from sparql_server.errors.failures.failure import KINDS, Failure
from sparql_server.sparql.formats import BY_NAME

_HEAD = struct.Struct("=cIdq8s")  # kind, bytes of the body, processor seconds, rows, format
_JOB, _READY, _WHOLE, _HEADED, _DATA, _END, _FAILURE = (b"J", b"R", b"W", b"H", b"D", b"E", b"F")
_UNCOUNTED = -1  # rows
_TOGETHER = 16 * 1024  # bytes of a body that are copied to be sent together with the head
_AT_ONCE = 64 * 1024  # bytes that are asked for at once where it isn't known how many will come
_TEXT = MOST // 6  # characters of a failure's text, of which JSON makes six bytes at most
_JOB_MOST = 2**32 - 1

_fields = attrgetter(*Job.__dataclass_fields__)
# Places of fields that are tuples: JSON has lists for them.
_TUPLES = [place for place, field in enumerate(fields(Job)) if str(field.type).startswith("tuple")]

_WRITTEN = {name: name.encode().ljust(8, b"\0") for name in (*BY_NAME, "rows")}
_READ = {written: name for name, written in _WRITTEN.items()}


class MalformedMessage(Exception):
    """A worker has sent what is no message, or none that can come now."""


class Frames:
    """Reads messages from a socket. Not for two threads at once.

    most: bytes that the body of a message may have.
    """

    def __init__(self, connection: socket.socket, most: int = MOST) -> None:
        self._socket = connection
        self._most = most
        self._come = bytearray()

    @property
    def is_empty(self) -> bool:
        """Whether nothing has come beyond the messages that were returned."""
        return not self._come

    def next(self, *, wait: bool = True) -> tuple[tuple[bytes, float, int, bytes], bytes] | None:
        """Return the next message as (kind, processor seconds, rows, format), body.

        wait: until it is there; otherwise None stands for one that isn't there whole.
        Raises EOFError at the end, OSError, and MalformedMessage.
        """
        flags = 0 if wait else socket.MSG_DONTWAIT
        while (lacking := self._lacking()) > 0:
            try:
                piece = self._socket.recv(max(lacking, _AT_ONCE), flags)
            except BlockingIOError:
                return None
            if not piece:
                raise EOFError
            self._come += piece
        kind, size, cpu, rows, name = _HEAD.unpack_from(self._come)
        end = _HEAD.size + size
        body = bytes(memoryview(self._come)[_HEAD.size : end])
        del self._come[:end]
        return (kind, cpu, rows, name), body

    def _lacking(self) -> int:
        """Return how many bytes of the next message, or of its head, haven't come yet."""
        there = len(self._come)
        if there < _HEAD.size:
            return _HEAD.size - there
        size = int(_HEAD.unpack_from(self._come)[1])
        if size > self._most:
            raise MalformedMessage(f"a message of {size:,} bytes")
        return _HEAD.size + size - there


def send_job(connection: socket.socket, job: Job) -> None:
    """Send a job to a worker."""
    _send(connection, _JOB, orjson.dumps(_fields(job)))


def read_job(frames: Frames) -> Job:
    """Wait for a job. Raises EOFError where there will be none."""
    received = frames.next()
    assert received is not None
    values = orjson.loads(received[1])
    for place in _TUPLES:
        values[place] = tuple(values[place])
    return Job(*values)


def open_jobs(connection: socket.socket) -> Frames:
    """Return what a worker reads its jobs from."""
    return Frames(connection, _JOB_MOST)


def send(connection: socket.socket, message: Answer | Ready) -> None:
    """Send a worker's message; data may be of any size, and goes in as many as it takes."""
    match message:
        case bytes():
            for start in range(0, len(message), MOST):
                _send(connection, _DATA, message[start : start + MOST])
        case Whole(name, body, cpu, rows):
            _send(connection, _WHOLE, body, cpu, rows, _WRITTEN[name])
        case Head(name, cpu):
            _send(connection, _HEADED, b"", cpu, None, _WRITTEN[name])
        case End(cpu, rows):
            _send(connection, _END, b"", cpu, rows)
        case Ready(safeguards):
            _send(connection, _READY, b"", 0.0, safeguards)
        case Failure(kind, detail, corrected):
            short = (kind, _check_sound(detail[:_TEXT]), corrected and _check_sound(corrected))
            _send(connection, _FAILURE, orjson.dumps(short))


def _check_sound(text: str) -> str:
    """Return a text without lone surrogates, which UTF-8 hasn't."""
    return text.encode("utf-8", "replace").decode()


def _send(
    connection: socket.socket,
    kind: bytes,
    body: bytes,
    cpu: float = 0.0,
    rows: int | None = None,
    name: bytes = b"",
) -> None:
    head = _HEAD.pack(kind, len(body), cpu, _UNCOUNTED if rows is None else rows, name)
    if len(body) <= _TOGETHER:
        connection.sendall(head + body)
    else:
        connection.sendall(head)
        connection.sendall(body)


def receive(frames: Frames, *, wait: bool = True) -> Answer | Ready | None:
    """Return a worker's next message; where it isn't there and ``wait`` is false, None.

    Raises EOFError, OSError and MalformedMessage.
    """
    received = frames.next(wait=wait)
    if received is None:
        return None
    (kind, cpu, rows, name), body = received
    if kind == _DATA and body:
        return body
    if not (math.isfinite(cpu) and cpu >= 0 and rows >= _UNCOUNTED):
        raise MalformedMessage("figures that can't be")
    counted = None if rows == _UNCOUNTED else rows
    if kind == _WHOLE:
        return Whole(_format(name), body, cpu, counted)
    if kind == _FAILURE:
        return _read_failure(body)
    if body:
        raise MalformedMessage(f"a body in a message {kind!r}")
    return _read_bodiless(kind, name, cpu, counted)


def _read_bodiless(kind: bytes, name: bytes, cpu: float, rows: int | None) -> Answer | Ready:
    if kind == _HEADED:
        return Head(_format(name), cpu)
    if kind == _END:
        return End(cpu, rows)
    if kind == _READY:
        return Ready(rows or 0)
    raise MalformedMessage(f"a message of the kind {kind!r}")


def _format(written: bytes) -> str:
    try:
        return _READ[written]
    except KeyError:
        raise MalformedMessage(f"a result in the format {written!r}") from None


def _read_failure(body: bytes) -> Failure:
    try:
        kind, detail, corrected = orjson.loads(body)
    except (ValueError, TypeError) as error:
        raise MalformedMessage("a failure that can't be read") from error
    told = kind in KINDS if isinstance(kind, str) else False
    if not (told and isinstance(detail, str) and isinstance(corrected, str | None)):
        raise MalformedMessage("a failure of no known kind")
    return Failure(kind, detail, corrected)
