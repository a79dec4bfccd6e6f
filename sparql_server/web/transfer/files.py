"""Files of a release, sent by no worker, from where they lie: whole, or a range (RFC 9110, 14)."""

from __future__ import annotations

import re
from pathlib import Path

from flask import Response, request, send_file

_RANGE = re.compile(r"bytes=(?:[0-9]+-[0-9]*|-[0-9]+)")


def send_release_file(path: Path, media_type: str, tag: str | None, release: int) -> Response:
    """Return a file, the range of it that was asked for, or that the client has it already.

    Of several ranges, or what is none, all of it is the answer (RFC 9110, 14.2).

    tag: a strong entity tag, such as its checksum; None: one is made of its size and time.
    Raises werkzeug's RequestedRangeNotSatisfiable, and NotFound if the file has gone.
    """
    if not _RANGE.fullmatch(request.headers.get("Range", "")):
        request.environ.pop("HTTP_RANGE", None)
    # Flask takes a relative path as of the application's folder, and ./data is where releases are.
    response = send_file(path.absolute(), media_type, conditional=True, etag=tag or True)
    response.headers["Cache-Control"] = "no-cache"
    response.headers["Libris-Release"] = str(release)
    if request.method == "HEAD":
        response.headers["Accept-Ranges"] = "bytes"
    return response
