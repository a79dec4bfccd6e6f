"""Errors as a client gets them: every error of the server, and what it says.

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
│   ├── DeletedRecord          410  what is asked about was deleted; says when
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

Each kind has a status and a title, and says its own sentence (``detail``) and members. A program
gets the problem document of RFC 9457 that ``RequestError.write_problem`` writes, with the headers
of ``make_headers``; people get a page that says the same. Errors 400, 413, 431, 500, 501, 503 and
507 of HTTP itself, before anybody has read a query, are in ``http.refusals``.

``sparql_server.errors.failures`` has what an engine says of a query that it can't answer, and which
of these errors a client then gets.
"""

from sparql_server.errors.evaluation import (
    Busy,
    ClientGone,
    EvaluationFailed,
    MemoryLimitExceeded,
    NoRelease,
    RemoteFailed,
    RemoteTimedOut,
    ResultTooLarge,
    Stopping,
    StorageFull,
    TimeLimitExceeded,
    Unavailable,
)
from sparql_server.errors.requests import (
    BadParameter,
    BadRequest,
    ContentTooLarge,
    DeletedRecord,
    ExtensionRefused,
    MalformedQuery,
    NoSuchGraph,
    NoSuchQuery,
    NotAcceptable,
    NotInRelease,
    ReleaseGone,
    ServiceRefused,
    TooManyRequests,
    UnsupportedCoding,
    UnsupportedMediaType,
)
from sparql_server.errors.roots import (
    LONGEST,
    MalformedFile,
    RequestError,
    ServerError,
    StartError,
)

__all__ = [
    "BadParameter",
    "BadRequest",
    "Busy",
    "ClientGone",
    "ContentTooLarge",
    "DeletedRecord",
    "EvaluationFailed",
    "ExtensionRefused",
    "LONGEST",
    "MalformedFile",
    "MalformedQuery",
    "MemoryLimitExceeded",
    "NoRelease",
    "NoSuchGraph",
    "NoSuchQuery",
    "NotAcceptable",
    "NotInRelease",
    "ReleaseGone",
    "RemoteFailed",
    "RemoteTimedOut",
    "RequestError",
    "ResultTooLarge",
    "ServerError",
    "ServiceRefused",
    "StartError",
    "Stopping",
    "StorageFull",
    "TimeLimitExceeded",
    "TooManyRequests",
    "Unavailable",
    "UnsupportedCoding",
    "UnsupportedMediaType",
]
