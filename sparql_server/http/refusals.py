"""Refusals: answers to requests that the application never hears of.

They say the same, in the same form, as the application's errors do.
"""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from typing import Any

from waitress.task import ErrorTask
from waitress.utilities import Error

_SOON = 5  # seconds after which there may be room again

_SAID = {
    400: "The request is not HTTP as this server reads it.",
    413: "The body is larger than one may be here.",
    500: "Something went wrong in this server.",
    507: "There is no room for the body of the request; try again later.",
    503: "Too many large requests are being read; try again in a moment.",
    501: "The request has a Transfer-Encoding other than chunked.",
}


class TooManyLargeHeads(Error):  # type: ignore[misc]
    """Too many large requests are there already."""

    code = 503
    reason = "Service Unavailable"


class NoRoomForBody(Error):  # type: ignore[misc]
    """The disk for temporary files has no room for a request."""

    code = 507
    reason = "Insufficient Storage"


class RefusalTask(ErrorTask):  # type: ignore[misc]
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
        if error.code == TooManyLargeHeads.code:
            self.response_headers.append(("Retry-After", str(_SOON)))
        self.set_close_on_finish()
        self.content_length = len(body)
        self.write(body)


def make_refusal_headers(always: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return the headers of a refusal. always: those of every answer."""
    return [
        *always,
        ("Content-Type", "application/problem+json"),
        ("Cache-Control", "no-store"),
    ]
