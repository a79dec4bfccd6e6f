"""The server's exceptions, and what each of them means for a request.

ServerError
├── MalformedFile              a file of a saved query can't be used; the others are served
├── RequestError               the request gets ``status`` and a problem document
│   ├── BadRequest             400  the parameters are not as the protocol has them
│   │   ├── MalformedQuery     400  with line, column, cause and hint
│   │   └── BadParameter       400  with the parameter of the saved query, its type and an example
│   ├── ServiceRefused         403  the query would make the server call another one
│   ├── NoSuchGraph            404  the graph store has no graph of that name
│   ├── ExtensionRefused       403  the query calls a function of the store behind a remote endpoint
│   ├── NoSuchQuery            404  there is no saved query, or no list of values, of that name
│   ├── NotInRelease           404  the release has no text index, or no schema
│   ├── NotAcceptable          406  there is no such format; names those there are
│   ├── ReleaseGone            410  the request is for another release than the one served
│   ├── ContentTooLarge        413  the request is larger than it may be
│   ├── UnsupportedMediaType   415  the body is not of a kind the protocol has
│   │   └── UnsupportedCoding  415  it is coded with something else than gzip
│   ├── ResultTooLarge         422  the result is larger than the operator lets results be
│   ├── TooManyRequests        429  the client has more, or sends more, than one client may
│   ├── ClientGone             499  nobody waits for the answer any more; only the log says so
│   ├── EvaluationFailed       500  the engine gave up; the log has the same identifier
│   ├── MemoryLimitExceeded    507  the query ran into the memory limit and was ended
│   ├── StorageFull            507  there is no room for what must be set aside for a while
│   ├── RemoteFailed           502  the remote endpoint gave no whole, good answer
│   │   └── RemoteTimedOut     504  it ended the query by a time limit of its own
│   └── Unavailable            503  try again later, with Retry-After
│       ├── NoRelease          503  nothing has been published yet
│       ├── Stopping           503  the server is about to end
│       ├── Busy               503  no worker became free in time, or too many wait already
│       └── TimeLimitExceeded  503  the query ran into the wall-clock limit and was ended
└── StartError                 the server can't start; exit code 1

An error about a limit has the members ``limit`` and ``unit``.
"""

from __future__ import annotations

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
    which it may be worth another try; None: no time makes it better. translated: details by
    language.
    """

    status = 500
    title = "Internal error"

    retry_after: int | None = None

    def __init__(self, detail: str, **members: Any) -> None:
        detail = detail if len(detail) <= LONGEST else f"{detail[:LONGEST]}…"
        super().__init__(detail)
        self.detail = detail
        self.members = members
        self.translated: dict[str, str] = {}

    def said(self, language: str) -> str:
        """Return what is said of it, in a language if it is known in that. language: en or sv."""
        return self.translated.get(language, self.detail)

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
    """The query is not SPARQL.

    Members: line, column (from 1), text (the line), hint, corrected (in standard SPARQL), parser
    (its own reason).
    """

    title = "Malformed query"


class BadParameter(BadRequest):
    """A saved query's parameter is unknown, missing, or has a value that it doesn't take.

    Members: parameter (its name), type, example; of an unknown one its name alone.
    """

    title = "Bad parameter"


class ServiceRefused(RequestError):
    """SERVICE with an address that the operator hasn't allowed."""

    status = 403
    title = "SERVICE refused"


class NoSuchGraph(RequestError):
    """There is no graph of that name."""

    status = 404
    title = "No such graph"


class ExtensionRefused(RequestError):
    """A function that is not SPARQL's own, and that might reach the network or files."""

    status = 403
    title = "Extension refused"


class NoSuchQuery(RequestError):
    """There is no saved query of that name, or none of its parameters has such a list."""

    status = 404
    title = "Not found"


class NotInRelease(RequestError):
    """The release has no text index, or no schema; the loader makes both with every release."""

    status = 404
    title = "Not found"


class NotAcceptable(RequestError):
    """No format that the client accepts; member: available."""

    status = 406
    title = "Not acceptable"


class ReleaseGone(RequestError):
    """A permanent link to another release than the one that is served.

    Members: release (asked for), current (served; a number), address (of the same in that one).
    """

    status = 410
    title = "Release not served"


class ContentTooLarge(RequestError):
    """A request larger than the operator lets them be."""

    status = 413
    title = "Request too large"


class UnsupportedMediaType(RequestError):
    """A request body of another type than the protocol's two."""

    status = 415
    title = "Unsupported media type"


class UnsupportedCoding(UnsupportedMediaType):
    """A request body in a content coding that isn't known; the answer says which one is."""

    title = "Unsupported content coding"


class ResultTooLarge(RequestError):
    """A result larger than the operator lets them be."""

    status = 422
    title = "Result too large"


class TooManyRequests(RequestError):
    """More from one client than one client may. retry_after: seconds."""

    status = 429
    title = "Too many requests"
    retry_after = 1


class ClientGone(RequestError):
    """The client hung up. The status is one that logs have for it; no client ever gets it."""

    status = 499
    title = "Client gone"


class EvaluationFailed(RequestError):
    """The engine failed; member: identifier, which the log has too."""

    title = "Evaluation failed"


class MemoryLimitExceeded(RequestError):
    """The query took more memory than it may.

    https://www.rfc-editor.org/rfc/rfc4918#section-11.5
    """

    status = 507
    title = "Memory limit exceeded"


class StorageFull(RequestError):
    """The disk for temporary files has no room. retry_after: seconds."""

    status = 507
    title = "Insufficient storage"
    retry_after = 60


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


class Stopping(Unavailable):
    """The server was told to stop, and can't answer any more."""

    title = "Stopping"


class Busy(Unavailable):
    """All workers were busy for as long as a request may wait."""

    title = "Too busy"


class TimeLimitExceeded(Unavailable):
    """The query ran into the wall-clock limit; member: limit, in seconds."""

    title = "Time limit exceeded"
    retry_after = 60
