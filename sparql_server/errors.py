"""The server's exceptions, and what each of them means for a request.

ServerError
├── RequestError               the request gets ``status`` and a problem document
│   ├── BadRequest             400  the parameters are not as the protocol has them
│   │   └── MalformedQuery     400  with line, column, cause and hint
│   ├── ServiceRefused         403  the query would make the server call another one
│   ├── ExtensionRefused       403  the query calls a function of the store behind a remote endpoint
│   ├── NotAcceptable          406  there is no such format; names those there are
│   ├── UnsupportedMediaType   415  the body is not of a kind the protocol has
│   ├── EvaluationFailed       500  the engine gave up; the log has the same identifier
│   ├── RemoteFailed           502  the remote endpoint gave no whole, good answer
│   │   └── RemoteTimedOut     504  it ended the query by a time limit of its own
│   └── Unavailable            503  try again later, with Retry-After
│       ├── NoRelease          503  nothing has been published yet
│       ├── Busy               503  no worker became free in time
│       └── TimeLimitExceeded  503  the query ran into the wall-clock limit and was ended
└── StartError                 the server can't start; exit code 1
"""

from __future__ import annotations

from typing import Any


class ServerError(Exception):
    """The root of everything this package raises on purpose."""


class StartError(ServerError):
    """The server can't start."""


class RequestError(ServerError):
    """A request that can't be answered as asked.

    status: HTTP status code. title: the same for all of a kind. members: more members of the
    problem document (RFC 9457, https://www.rfc-editor.org/rfc/rfc9457).
    """

    status = 500
    title = "Internal error"

    def __init__(self, detail: str, **members: Any) -> None:
        super().__init__(detail)
        self.detail = detail
        self.members = members

    def problem(self) -> dict[str, Any]:
        """Return the problem document."""
        return {
            "type": "about:blank",
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
            **self.members,
        }


class BadRequest(RequestError):
    """A parameter is missing, repeated or unknown."""

    status = 400
    title = "Bad request"


class MalformedQuery(BadRequest):
    """The query is not SPARQL; members: line, column (from 1), text (the line), hint."""

    title = "Malformed query"


class ServiceRefused(RequestError):
    """SERVICE with an address that the operator hasn't allowed."""

    status = 403
    title = "SERVICE refused"


class ExtensionRefused(RequestError):
    """A function that is not SPARQL's own, and that might reach the network or files."""

    status = 403
    title = "Extension refused"


class NotAcceptable(RequestError):
    """No format that the client accepts; member: available."""

    status = 406
    title = "Not acceptable"


class UnsupportedMediaType(RequestError):
    """A request body of another type than the protocol's two."""

    status = 415
    title = "Unsupported media type"


class EvaluationFailed(RequestError):
    """The engine failed; member: identifier, which the log has too."""

    title = "Evaluation failed"


class RemoteFailed(RequestError):
    """The endpoint behind this server can't be reached, or its answer isn't whole and good.

    Members: remote_status (HTTP), remote_retry_after, if it sent them.
    """

    status = 502
    title = "Remote endpoint failed"


class RemoteTimedOut(RemoteFailed):
    """The endpoint behind this server ran into a limit of its own."""

    status = 504
    title = "Remote endpoint timed out"


class Unavailable(RequestError):
    """Not now. retry_after: seconds."""

    status = 503
    title = "Service unavailable"
    retry_after = 5


class NoRelease(Unavailable):
    """Nothing has been published yet."""

    title = "No release"


class Busy(Unavailable):
    """All workers were busy for as long as a request may wait."""

    title = "Too busy"


class TimeLimitExceeded(Unavailable):
    """The query ran into the wall-clock limit; member: limit, in seconds."""

    title = "Time limit exceeded"
    retry_after = 60
