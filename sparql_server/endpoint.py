"""The endpoint, without Flask: what it has, who asks it, how it answers a query.

Requests come as WSGI has them (https://peps.python.org/pep-3333/).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sparql_server.admission import Networks, client_of
from sparql_server.answers import Answers, Visitor
from sparql_server.cache import Stored
from sparql_server.catalogue.model import Catalogue
from sparql_server.engine.caller import Caller, Nobody
from sparql_server.errors import ContentTooLarge, RequestError
from sparql_server.journal import Journal
from sparql_server.protocol import QueryRequest
from sparql_server.questions import Question
from sparql_server.replies import Record, Reply, reply_to

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment


@dataclass(frozen=True, slots=True)
class Endpoint:
    """What the endpoint needs.

    catalogue: the saved queries. request_bytes: that a request may have. max_age: seconds for
    which others may keep a result. trusted: proxies that are believed.
    """

    answers: Answers
    journal: Journal
    catalogue: Catalogue = field(default_factory=lambda: Catalogue({}))
    request_bytes: int = 1024 * 1024
    max_age: int = 0
    trusted: Networks = ()


@dataclass(frozen=True, slots=True)
class Asked:
    """A query as it was sent. question: what is asked by it, if that has been made out already."""

    request: QueryRequest
    accept: str | None
    question: Question | None = None


def reply(
    endpoint: Endpoint, asked: Asked, environ: WSGIEnvironment, at_hand: Stored | None = None
) -> Reply:
    """Answer a query with its result; note in the journal what comes of it.

    at_hand: as for ``Answers.give``. Raises RequestError, which is noted too.
    """
    answers = endpoint.answers
    record = Record(endpoint.journal, asked.request.query)
    who = visitor(environ, endpoint.trusted)
    try:
        answers.admit(who.client)
        if environ["REQUEST_METHOD"] == "HEAD":
            answer = answers.head(asked.request, asked.accept)
        else:
            question = asked.question or answers.asking.question(asked.request, asked.accept)
            answer = answers.give(question, who, at_hand)
        return reply_to(answer, record, endpoint.max_age, environ.get("SERVER_PROTOCOL", ""))
    except RequestError as error:
        record.fail(error)
        raise


def check_size(most: int, address: int, body: int) -> None:
    """Raise ContentTooLarge if address or body have more bytes than those of a request may."""
    for part, size in (("address", address), ("body", body)):
        if size > most:
            raise ContentTooLarge(
                f"The {part} has {size:,} bytes; {most:,} is the most that one may have here.",
                limit=most,
                unit="bytes",
            )


class _Channel:
    """A client of waitress, which says whether the connection is still there."""

    def __init__(self, disconnected: Callable[[], bool]) -> None:
        self._disconnected = disconnected

    def gone(self) -> bool:
        """Tell whether the client has hung up."""
        return self._disconnected()


def visitor(environ: WSGIEnvironment, trusted: Networks) -> Visitor:
    """Return who has sent a request."""
    forwarded = environ.get("HTTP_X_FORWARDED_FOR")
    client = client_of(environ.get("REMOTE_ADDR", ""), forwarded, trusted)
    disconnected = environ.get("waitress.client_disconnected")
    caller: Caller = _Channel(disconnected) if disconnected else Nobody()
    return Visitor(client, caller, environ.get("HTTP_IF_NONE_MATCH", ""))
