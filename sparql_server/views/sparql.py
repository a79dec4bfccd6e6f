"""The endpoint ``/sparql``. SPARQL 1.1 Protocol, https://www.w3.org/TR/sparql11-protocol/."""

from __future__ import annotations

import errno
import logging
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import IO

from flask import Blueprint, Response, request
from werkzeug.datastructures import MultiDict

from sparql_server.answers import Answer, Answers
from sparql_server.errors import RequestError
from sparql_server.negotiation import prefers_html
from sparql_server.protocol import FORM, QueryRequest, read_get, read_post
from sparql_server.views import pages

logger = logging.getLogger(__name__)

_SPOOL = 1024 * 1024  # bytes kept in memory before a result for HTTP/1.0 goes to a file


def blueprint(answers: Answers) -> Blueprint:
    """Return the endpoint that serves these answers."""
    views = Blueprint("sparql", __name__)

    @views.route("/sparql", methods=["GET", "POST"], endpoint="query")
    def query() -> Response:
        accept = request.headers.get("Accept")
        page = _wants_page(accept)
        if page and request.method == "GET" and not request.args:
            return pages.front(answers)
        found = _read()
        began = time.monotonic()
        try:
            response = pages.result(answers, found) if page else _respond(answers, found, accept)
        except RequestError as error:
            _log(error.status, began, 0, answers, found)
            if page:
                return pages.failed(answers, found, error)
            raise
        _log(response.status_code, began, response.content_length, answers, found)
        return response

    return views


def _wants_page(accept: str | None) -> bool:
    """Tell whether the answer is to be a page: a browser that asks for no format of its own."""
    named = request.values.get("format")
    if named == "html":
        return True
    return prefers_html(accept) and not named


def _read() -> QueryRequest:
    if request.method in ("GET", "HEAD"):
        return read_get(_lists(request.args))
    form = request.form if request.mimetype == FORM else MultiDict[str, str]()
    body = b"" if request.mimetype == FORM else request.get_data()
    return read_post(request.content_type or "", body, _lists(form), _lists(request.args))


def _lists(values: MultiDict[str, str]) -> Mapping[str, Sequence[str]]:
    return values.to_dict(flat=False)


def _respond(answers: Answers, found: QueryRequest, accept: str | None) -> Response:
    answer = answers.answer(found, accept)
    headers = {"Libris-Release": str(answer.release)}
    if answer.length is not None:
        headers["Content-Length"] = str(answer.length)
        return Response(
            b"".join(answer.pieces), headers=headers, content_type=answer.format.content_type
        )
    if request.environ.get("SERVER_PROTOCOL") == "HTTP/1.0":
        spooled, length = _spool(answer)
        headers["Content-Length"] = str(length)
        return Response(spooled, headers=headers, content_type=answer.format.content_type)
    return Response(_aborting(answer), headers=headers, content_type=answer.format.content_type)


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


def _log(
    status: int, began: float, length: int | None, answers: Answers, found: QueryRequest
) -> None:
    """Log a query on one line; its own line breaks and controls can't begin another."""
    release = answers.release
    logger.info(
        "%s %.1f ms %s bytes release %s %s",
        status,
        (time.monotonic() - began) * 1000,
        "streamed" if length is None else length,
        release.number if release else "-",
        ascii(found.query[:2000]) if not found.query.isprintable() else f"'{found.query[:2000]}'",
    )
