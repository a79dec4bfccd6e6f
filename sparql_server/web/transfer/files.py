"""Files of a release, sent by no worker, from where they lie: whole, or a range (RFC 9110, 14)."""

from __future__ import annotations

import re
from pathlib import Path

from flask import Response, request, send_file
from werkzeug.exceptions import NotFound, PreconditionFailed

_RANGE = re.compile(r"bytes=([0-9]+)-([0-9]*)|bytes=-([0-9]+)")


def send_release_file(path: Path, media_type: str, tag: str | None, release: int) -> Response:
    """Return a file, the range of it that was asked for, or that the client has it already.

    Of several ranges, or what is none, all of it is the answer (RFC 9110, 14.2).

    tag: a strong entity tag, such as its checksum; None: one is made of its size and time.
    Raises werkzeug's RequestedRangeNotSatisfiable, PreconditionFailed, and NotFound if the file has
    gone.
    """
    _read_range(path)
    # Flask takes a relative path as of the application's folder, and ./data is where releases are.
    response = send_file(path.absolute(), media_type, conditional=True, etag=tag or True)
    if response.status_code == PreconditionFailed.code:
        response.close()
        raise PreconditionFailed("The file isn't the one that If-Match names.")
    response.headers["Cache-Control"] = "no-cache"
    response.headers["Libris-Release"] = str(release)
    if request.method == "HEAD":
        response.headers["Accept-Ranges"] = "bytes"
    return response


def _read_range(path: Path) -> None:
    """Keep the range that is asked for where it is one, and let it be all of a shorter file.

    https://www.rfc-editor.org/rfc/rfc9110#section-14.1.2
    """
    wanted = _RANGE.fullmatch(request.headers.get("Range", ""))
    first, last, from_end = wanted.groups() if wanted else ("1", "0", None)
    if from_end is None and last and int(last) < int(first):
        request.environ.pop("HTTP_RANGE", None)
    elif from_end is not None and int(from_end) > _measure(path):
        request.environ["HTTP_RANGE"] = "bytes=0-"


def _measure(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError as error:
        raise NotFound from error
