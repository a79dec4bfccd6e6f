"""The roots of the server's errors, and the problem document that a client gets for one."""

from __future__ import annotations

import json
from typing import Any

LONGEST = 2000
"""Characters of what is said of an error: it may repeat what a request had, which may be long."""


class ServerError(Exception):
    """The root of everything this package raises on purpose."""


class StartError(ServerError):
    """The server can't start."""


class MalformedFile(ServerError):
    """The file of a saved query is not as it should be. line: from 1."""

    def __init__(self, line: int, message: str) -> None:
        super().__init__(f"line {line}: {message}")
        self.line = line
        self.message = message


class RequestError(ServerError):
    """A request that can't be answered as asked.

    status: HTTP status code. title: the same for all of a kind. members: more members of the
    problem document (RFC 9457, https://www.rfc-editor.org/rfc/rfc9457). retry_after: seconds after
    which it may be worth another try; None: no time makes it better. headers: those that only
    this kind has. translated: details by language.
    """

    status = 500
    title = "Internal error"

    retry_after: int | None = None
    headers: tuple[tuple[str, str], ...] = ()

    def __init__(self, detail: str, **members: object) -> None:
        detail = detail if len(detail) <= LONGEST else f"{detail[:LONGEST]}…"
        super().__init__(detail)
        self.detail = detail
        self.members: dict[str, Any] = members
        self.translated: dict[str, str] = {}

    def said(self, language: str) -> str:
        """Return what is said of it, in a language if it is known in that. language: en or sv."""
        return self.translated.get(language, self.detail)

    def problem(self) -> dict[str, Any]:
        """Return the members of the problem document."""
        return {
            "type": "about:blank",
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
            **self.members,
        }

    def write_problem(self) -> bytes:
        """Write the problem document, ``application/problem+json``."""
        return (json.dumps(self.problem(), ensure_ascii=False) + "\n").encode()

    def make_headers(self) -> list[tuple[str, str]]:
        """Return the headers that the error has in every form, as a document and as a page."""
        headers = [("Cache-Control", "no-store"), *self.headers]
        if self.retry_after is not None:
            headers.append(("Retry-After", str(self.retry_after)))
        return headers
