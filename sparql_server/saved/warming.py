"""The default answers of all saved queries, in the cache before their release is served.

So the first who asks for one need not wait for it.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from functools import partial

from sparql_server.answering.answer import Visitor
from sparql_server.answering.answers import Answers
from sparql_server.catalogue.binding import bind
from sparql_server.catalogue.choices import make_choices_query, make_labels_query
from sparql_server.catalogue.saved_query import Catalogue, SavedQuery
from sparql_server.engine.client_connection import Nobody
from sparql_server.engine.handle import Engine
from sparql_server.errors import BadParameter, ClientGone, RequestError
from sparql_server.saved.pickers import LISTED, PATIENCE
from sparql_server.saved.saved_request import GRAPH_FORMS
from sparql_server.sparql.protocol import QueryRequest

logger = logging.getLogger(__name__)


class _Deadline(Nobody):
    """A caller who waits so long and no longer."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    def gone(self) -> bool:
        """Tell whether the time is over."""
        return time.monotonic() >= self._end


def make_warmer(answers: Answers, catalogue: Catalogue, seconds: float) -> Callable[[Engine], None]:
    """Return what to do with the engine of a release before the release is served."""

    def warm_release(engine: Engine) -> None:
        if engine.release is not None:
            warm(answers.beside(engine, engine.release.number), catalogue, seconds)

    return warm_release


def warm(answers: Answers, catalogue: Catalogue, seconds: float) -> int:
    """Evaluate the default form of all saved queries, as pages and as files; return how many.

    seconds: after which it stops, in the middle of a query if need be.
    """
    began, done, failed = time.monotonic(), 0, 0
    who = Visitor(caller=_Deadline(seconds))
    for query in catalogue.queries.values():
        if who.caller.gone():
            break
        if _warm_one(answers, catalogue, query, who):
            done += 1
        elif not who.caller.gone():
            failed += 1
    logger.info(
        "warmed %d of %d saved queries in %.1f seconds%s",
        done,
        len(catalogue.queries),
        time.monotonic() - began,
        f"; {failed} failed" if failed else "",
    )
    return done


def _warm_one(answers: Answers, catalogue: Catalogue, query: SavedQuery, who: Visitor) -> bool:
    """Put a query's answers into the cache; tell whether its own, lists apart, all came."""
    whole = True
    for ask in _own(answers, query, who):
        whole = _succeeds(query, ask) and whole
    for text in _list_queries(catalogue, query):
        request = QueryRequest(text, format="json", timeout=PATIENCE)
        _succeeds(query, partial(_run, answers, request, who))
    return whole


def _own(answers: Answers, query: SavedQuery, who: Visitor) -> Iterator[Callable[[], object]]:
    """Yield what asks for the rows of a page, and for the files that are asked for most."""
    try:
        text, english = (bind(query, {}, language).text for language in ("sv", "en"))
    except BadParameter:  # a parameter without default: there is no default form
        return
    for shown in dict.fromkeys((text, english)):
        yield partial(answers.rows, QueryRequest(shown), who)
    for name in ("ttl",) if query.form in GRAPH_FORMS else ("csv", "json"):
        yield partial(_run, answers, QueryRequest(text, format=name), who)


def _list_queries(catalogue: Catalogue, query: SavedQuery) -> Iterator[str]:
    """Yield the queries for the lists that the page's fields show."""
    for parameter in query.parameters:
        if parameter.choices:
            continue
        found = make_choices_query(parameter, catalogue, limit=LISTED)
        if found is not None:
            yield found
        named = (
            make_labels_query(parameter, catalogue, parameter.default)
            if parameter.default
            else None
        )
        if named is not None:
            yield named


def _run(answers: Answers, request: QueryRequest, who: Visitor) -> None:
    """Take in a result to its end, for the cache to have it."""
    for _ in answers.answer(request, None, who).pieces or ():
        pass


def _succeeds(query: SavedQuery, ask: Callable[[], object]) -> bool:
    try:
        ask()
    except ClientGone:
        return False
    except RequestError as error:
        logger.warning("saved query %s could not be warmed: %s", query.name, error.detail)
        return False
    return True
