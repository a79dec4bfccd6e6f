"""An answer on its way to the client: whole, streamed, or cut so that anyone can see it."""

from __future__ import annotations

import errno
import logging
import tempfile
from collections.abc import Iterator
from typing import IO

from flask import Response, request

from sparql_server.answers import Answer
from sparql_server.errors import RequestError

logger = logging.getLogger(__name__)

_SPOOL = 1024 * 1024  # bytes kept in memory before a result for HTTP/1.0 goes to a file


def respond(answer: Answer) -> Response:
    """Return the response that carries an answer; to HEAD, its headers alone."""
    headers = {"Libris-Release": str(answer.release)}
    kind = answer.format.content_type
    if request.method == "HEAD":
        return _headers_only(headers, kind)
    if answer.length is not None:
        headers["Content-Length"] = str(answer.length)
        return Response(b"".join(answer.pieces), headers=headers, content_type=kind)
    if request.environ.get("SERVER_PROTOCOL") == "HTTP/1.0":
        spooled, length = _spool(answer)
        headers["Content-Length"] = str(length)
        return Response(spooled, headers=headers, content_type=kind)
    return Response(_aborting(answer), headers=headers, content_type=kind)


def _headers_only(headers: dict[str, str], kind: str) -> Response:
    # An iterator, so that nothing counts its bytes: the length is that of a body nobody has made.
    return Response(iter(()), headers=headers, content_type=kind)


def _aborting(answer: Answer) -> Iterator[bytes]:
    """Yield a result's pieces; have the connection cut where the result is."""
    try:
        yield from answer.pieces
    except RequestError as error:
        logger.error("result cut short after it had begun: %s", error.detail)
        # gunicorn closes the connection at this without ending the body, and without a traceback.
        raise ConnectionResetError(errno.ECONNRESET, "result cut short") from error


def _spool(answer: Answer) -> tuple[Iterator[bytes], int]:
    """Take a result in whole: HTTP/1.0 has no way to tell a cut body from a short one."""
    file: IO[bytes] = tempfile.SpooledTemporaryFile(max_size=_SPOOL)  # noqa: SIM115 - read later
    for piece in answer.pieces:
        file.write(piece)
    length = file.tell()
    file.seek(0)
    return iter(lambda: file.read(_SPOOL), b""), length
