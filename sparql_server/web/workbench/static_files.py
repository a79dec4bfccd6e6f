"""The pages' scripts and styles, compressed once for all who take them so."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from flask import Response, request, send_from_directory

from sparql_server.codings import IDENTITY, choose, code
from sparql_server.errors import NotAcceptable

FOLDER = Path(__file__).parents[1] / "static"
_CODED = (".js", ".css")


def send_static(filename: str) -> Response:
    """Return a file of the pages, in the coding that the client wants most; 404: there is none."""
    response = send_from_directory(FOLDER, filename)
    response.headers["Vary"] = "Accept-Encoding"
    coding = _wanted_coding()
    if response.status_code != 200 or not coding or not filename.endswith(_CODED):
        return response
    tag, _ = response.get_etag()
    response.direct_passthrough = False
    response.set_data(_coded(filename, tag, coding))
    response.headers["Content-Encoding"] = coding
    response.headers.remove("Accept-Ranges")  # the ranges would be those of another body
    response.set_etag(f"{tag}-{coding}")
    response.make_conditional(request)
    return response


def _wanted_coding() -> str:
    accept = request.headers.get("Accept-Encoding")
    if accept is None or "Range" in request.headers:
        return IDENTITY
    try:
        return choose(accept)
    except NotAcceptable:
        return IDENTITY


@cache
def _coded(filename: str, tag: str | None, coding: str) -> bytes:
    """Return a file in a coding. tag: the file's, as it is now."""
    return code(coding, (FOLDER / filename).read_bytes())
