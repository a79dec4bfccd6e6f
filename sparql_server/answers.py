"""From a request to an answer, without Flask: negotiation, cache, evaluation, diagnosis."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Any, Protocol

from sparql_server.admission import Admission
from sparql_server.cache import Flight, Key, ResultCache, Stored
from sparql_server.delivery import WHOLE, Delivery
from sparql_server.engine.caller import Caller, Nobody
from sparql_server.engine.messages import Failure, Job
from sparql_server.engine.releases import Release
from sparql_server.engine.results import Result, Status
from sparql_server.errors import (
    MalformedQuery,
    MemoryLimitExceeded,
    NoRelease,
    NotAcceptable,
    TimeLimitExceeded,
)
from sparql_server.failures import error_of, unacceptable
from sparql_server.federation import check_services
from sparql_server.negotiation import GRAPHS, SOLUTIONS, Format, available, by_name, choose
from sparql_server.protocol import QueryRequest
from sparql_server.query import Reading, read

PAGE_ROWS = 1000
_KNOWN = {one.name: one for one in (*SOLUTIONS, *GRAPHS)}
_ALIKE = (MalformedQuery, NotAcceptable, TimeLimitExceeded, MemoryLimitExceeded)


class Engine(Protocol):
    """Whatever evaluates queries on releases."""

    def evaluate(self, job: Job, caller: Caller | None = None) -> Result | Failure:
        """Evaluate a job."""

    @property
    def release(self) -> Release | None:
        """The release that the next query is evaluated on."""

    def status(self) -> Status:
        """Return how the engine is."""


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who asks. client: address. known: entity tags of what it has already (If-None-Match)."""

    client: str = ""
    caller: Caller = Nobody()
    known: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer on its way.

    format: None for a page's rows. body: the whole result; None: ``pieces`` have it, or, if there
    are none either, the client has it already. tag: its entity tag; None: it can't be kept.
    age: seconds since it was evaluated. cache: ``hit``, ``shared``, ``miss``, or ``none`` where a
    result can't be kept.
    """

    format: Format | None
    release: int
    cache: str
    tag: str | None
    body: bytes | None = None
    pieces: Delivery | None = None
    age: int | None = None
    engine: str = ""
    queued: float = 0.0
    cpu: float = 0.0
    rows: int | None = None


@dataclass(frozen=True, slots=True)
class _Question:
    """A request as it is evaluated. rest: what its key has beside the release; None: no key."""

    query: str
    job: Job
    rest: Key | None
    visitor: Visitor

    def key(self, release: int) -> Key | None:
        return None if self.rest is None else (release, *self.rest)


class Answers:
    """Answers query requests.

    allow_service: endpoints that queries may call. result_bytes: that a result may have; 0: any
    number. union: whether the default graph is that of all graphs, or the store's own.
    """

    def __init__(
        self,
        engine: Engine,
        cache: ResultCache,
        admission: Admission,
        allow_service: Collection[str] = (),
        result_bytes: int = 0,
        *,
        union: bool = True,
    ) -> None:
        self.engine = engine
        self.cache = cache
        self.allow_service = frozenset(allow_service)
        self.union = union
        self._admission = admission
        self._result_bytes = result_bytes
        self._cached_release = 0

    @property
    def release(self) -> Release | None:
        """The release that is served."""
        return self.engine.release

    def answer(
        self, request: QueryRequest, accept: str | None, visitor: Visitor | None = None
    ) -> Answer:
        """Evaluate a request; return its result in the format the client wants most.

        Raises RequestError. The pieces raise one too if the result can't be completed.
        """
        solutions, graphs = _formats(request.format, accept)
        how = {"solutions": _name(solutions), "graphs": _name(graphs)}
        return self._answer(request, how, visitor or Visitor())

    def rows(
        self, request: QueryRequest, visitor: Visitor | None = None
    ) -> tuple[dict[str, Any], Answer]:
        """Evaluate a request for a page: at most ``PAGE_ROWS`` rows, and whether there are more.

        Return what ``engine.evaluation`` makes of them, and the answer as it came.
        """
        who = replace(visitor or Visitor(), known="")
        answer = self._answer(request, {"rows": PAGE_ROWS}, who)
        body = answer.body if answer.body is not None else b"".join(answer.pieces or ())
        return dict(json.loads(body)), answer

    def head(self, request: QueryRequest, accept: str | None) -> Answer:
        """Return what ``answer`` would, without its body: no query is evaluated for a HEAD.

        Raises RequestError for what can be told from the request alone.
        """
        if self.release is None:
            raise NoRelease("Nothing is published yet: run libris-loader release.")
        reading = read(request.query)
        if reading.form is None:
            raise MalformedQuery("The query is none: it has no SELECT, ASK, CONSTRUCT or DESCRIBE.")
        solutions, graphs = _formats(request.format, accept)
        chosen = graphs if reading.is_graph else solutions
        if chosen is None:
            raise unacceptable("graphs" if reading.is_graph else "solutions")
        how = {"solutions": _name(solutions), "graphs": _name(graphs)}
        key = self._question(request, reading, how, Visitor()).key(self.release.number)
        stored = self.cache.get(key) if key else None
        if stored and key:
            return _from(stored, key, "hit")
        return Answer(chosen, self.release.number, "none", _tag(key))

    def graph(
        self, name: str, format_name: str | None, accept: str | None, visitor: Visitor
    ) -> Answer:
        """Return a graph whole, by its name or ``graph_store.DEFAULT``. Raises RequestError."""
        chosen = _formats(format_name, accept)[1]
        if chosen is None:
            raise unacceptable("graphs")
        return self._ask(self._graph_question(name, chosen, visitor, None))

    def graph_head(
        self, name: str, format_name: str | None, accept: str | None, visitor: Visitor
    ) -> Answer:
        """Return what ``graph`` would, without its body. Raises RequestError."""
        chosen = _formats(format_name, accept)[1]
        if chosen is None:
            raise unacceptable("graphs")
        found = self._ask(self._graph_question(name, chosen, visitor, 0))
        tag = _tag(self._graph_question(name, chosen, visitor, None).key(found.release))
        return Answer(chosen, found.release, "none", tag)

    def _graph_question(
        self, name: str, chosen: Format, visitor: Visitor, rows: int | None
    ) -> _Question:
        job = Job("", graphs=chosen.name, graph=name, union=self.union, rows=rows)
        return _Question("", job, (name, chosen.name, rows), visitor)

    def beside(self, engine: Engine, release: int) -> Answers:
        """Return the answers of another engine, for this cache: those of a release to come."""
        other = Answers(
            engine,
            self.cache,
            Admission(places=1),
            self.allow_service,
            self._result_bytes,
            union=self.union,
        )
        other._cached_release = release  # results of the release that is served stay
        return other

    def admit(self, client: str) -> None:
        """Count a request of a client. Raises TooManyRequests."""
        self._admission.note_request(client)

    def _answer(self, request: QueryRequest, how: dict[str, Any], visitor: Visitor) -> Answer:
        return self._ask(self._question(request, read(request.query), how, visitor))

    def _ask(self, question: _Question) -> Answer:
        visitor = question.visitor
        key = question.key(self._release_number())
        if key is None:
            return self._evaluate(question, None)
        tag = _tag(key)
        if tag and _is_known(tag, visitor.known):
            return Answer(None, int(str(key[0])), "hit", tag)
        stored = self.cache.get(key)
        return _from(stored, key, "hit") if stored else self._once(question, key)

    def _once(self, question: _Question, key: Key) -> Answer:
        """Evaluate a question, or wait for whoever evaluates it already."""
        visitor = question.visitor
        while True:
            flight, leads = self.cache.board(key)
            if leads:
                try:
                    return self._evaluate(question, flight)
                finally:
                    self.cache.land(key, flight)
            with self._admission.place(visitor.client):
                stored = flight.wait(visitor.caller)
            if stored:
                return _from(stored, key, "shared")
            if flight.large:
                return self._evaluate(question, None)

    def _question(
        self, request: QueryRequest, reading: Reading, how: dict[str, Any], visitor: Visitor
    ) -> _Question:
        check_services(request.query, self.allow_service)
        dataset = (request.default_graphs, request.named_graphs)
        base = request.base if reading.relative else None
        how = {**how, "services": tuple(self.allow_service), "base": base}
        job = Job(request.query, *dataset, timeout=request.timeout, union=self.union, **how)
        wanted = job.graphs if reading.is_graph else job.solutions
        if not reading.lasting or reading.form is None or (wanted or job.rows) is None:
            return _Question(request.query, job, None, visitor)
        rest = (reading.normal, *dataset, wanted, job.rows, job.timeout, base)
        return _Question(request.query, job, rest, visitor)

    def _release_number(self) -> int:
        release = self.engine.release
        number = release.number if release else 0
        if number != self._cached_release:
            self._cached_release = number
            self.cache.drop_others(number)
        return number

    # Evaluation

    def _evaluate(self, question: _Question, flight: Flight | None) -> Answer:
        client = question.visitor.client
        self._admission.enter(client)
        try:
            result = self._result(question)
        except BaseException as error:
            self._admission.leave(client)
            if flight and isinstance(error, _ALIKE):
                flight.error = error
            raise
        return self._deliver(question, result, flight)

    def _result(self, question: _Question) -> Result:
        result = self.engine.evaluate(question.job, question.visitor.caller)
        if isinstance(result, Failure):
            raise error_of(question.query, result)
        return result

    def _deliver(self, question: _Question, result: Result, flight: Flight | None) -> Answer:
        key = question.key(result.release)

        def done(delivery: Delivery) -> None:
            self._admission.leave(question.visitor.client)
            kept = delivery.kept
            if key and kept is not None:
                stored = Stored(result.release, result.format, kept, result.rows, result.cpu)
                self.cache.put(key, stored)
                if flight:
                    flight.stored = stored

        keep = max(self.cache.entry_size, WHOLE) if key else 0
        delivery = Delivery(result, self._result_bytes, keep, done)
        body = delivery.look_ahead()
        if flight and body is None:
            flight.large = True
        return Answer(
            _KNOWN.get(result.format),
            result.release,
            "miss" if key else "none",
            _tag(key),
            body,
            None if body is not None else delivery,
            engine=result.engine,
            queued=result.queued,
            cpu=result.cpu,
            rows=result.rows,
        )


def _from(stored: Stored, key: Key, cache: str) -> Answer:
    # A query that was waited for may have been evaluated on a release newer than the key's.
    tag = _tag((stored.release, *key[1:]))
    return Answer(
        _KNOWN.get(stored.format),
        stored.release,
        cache,
        tag,
        stored.body,
        age=stored.age,
        engine="cache",
        rows=stored.rows,
    )


def _tag(key: Key | None) -> str | None:
    """Return an entity tag. It is weak: rows that the query doesn't order may change places.

    https://www.rfc-editor.org/rfc/rfc9110#section-8.8.1
    """
    if key is None:
        return None
    return f'W/"{hashlib.sha256(repr(key).encode()).hexdigest()[:32]}"'


def _is_known(tag: str, known: str) -> bool:
    """Tell whether If-None-Match names this tag (RFC 9110, 13.1.2; weak comparison)."""
    opaque = tag.removeprefix("W/")
    return any(one.strip().removeprefix("W/") == opaque for one in known.split(","))


def _formats(name: str | None, accept: str | None) -> tuple[Format | None, Format | None]:
    """Return the formats for either kind of result; None where the client accepts none."""
    if name is None:
        return choose(accept, SOLUTIONS), choose(accept, GRAPHS)
    chosen = by_name(name, SOLUTIONS), by_name(name, GRAPHS)
    if chosen == (None, None):
        both = available(SOLUTIONS) + available(GRAPHS)
        raise NotAcceptable(f"There is no format {name}.", available=both)
    return chosen


def _name(one: Format | None) -> str | None:
    return one.name if one else None
