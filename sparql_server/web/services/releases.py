"""Answers to requests that name a release: from it while it is kept, else from a frozen copy."""

from __future__ import annotations

import gzip
from dataclasses import replace

from flask import Response, request

from sparql_server.answering.endpoint import Endpoint, choose_coding
from sparql_server.citing.frozen import Frozen, choose_format, find_copy, list_formats, read_copy
from sparql_server.errors import NotAcceptable, ReleaseGone
from sparql_server.sparql.formats import Format, list_available
from sparql_server.sparql.protocol import QueryRequest

_FOREVER = "public, max-age=31536000, immutable"


def choose_endpoint(endpoint: Endpoint, wanted: int | None) -> Endpoint | None:
    """Return what answers from the release that a request names; None: it isn't kept."""
    if wanted is None or endpoint.answers.release is None:
        return endpoint
    if endpoint.former is None:
        return endpoint if wanted == endpoint.answers.release.number else None
    answers = endpoint.former.find(endpoint.answers, wanted)
    return None if answers is None else replace(endpoint, answers=answers)


def answer_frozen(endpoint: Endpoint, asked: QueryRequest, address: str) -> Response:
    """Return the frozen copy of a result whose release isn't kept any more.

    address: of the same for now, absolute. Raises ReleaseGone if there is no copy, or the request
    names a result with another hash; and NotAcceptable.
    """
    wanted = asked.release or 0
    copy = find_copy(endpoint.data, asked, wanted) if endpoint.data else None
    if copy is None or request.args.get("hash", copy[1].hash) != copy[1].hash:
        raise refuse_release(endpoint, wanted, address)
    folder, head = copy
    chosen = choose_format(head, asked.format, request.headers.get("Accept"))
    if chosen is None:
        raise NotAcceptable(
            "The frozen copy is in other formats.",
            available=list_available(list_formats(head.query)),
        )
    return _respond(head, chosen, read_copy(folder, chosen))


def refuse_release(endpoint: Endpoint, wanted: int, address: str) -> ReleaseGone:
    """Return the error for a release that isn't kept. address: of the same for now, absolute."""
    served = endpoint.answers.release
    current = served.number if served else 0
    return ReleaseGone(
        f"The link is to release {wanted}; release {current} is what is served now.",
        release=wanted,
        current=current,
        address=address,
    )


def _respond(head: Frozen, chosen: Format, coded: bytes) -> Response:
    response = Response(content_type=chosen.content_type)
    if choose_coding(request.environ) == "gzip":
        response.set_data(coded)
        response.headers["Content-Encoding"] = "gzip"
    else:
        response.set_data(gzip.decompress(coded))
    response.headers["Libris-Release"] = str(head.release)
    response.headers["Cache-Control"] = _FOREVER
    response.headers["Libris-Hash"] = head.hash
    response.add_etag(weak=True)
    response.make_conditional(request)
    return response
