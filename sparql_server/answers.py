"""From a request to an answer, without Flask: negotiation, cache, evaluation, diagnosis."""

from __future__ import annotations

import hashlib
import json
import logging
import uuid
from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Any, Protocol

from sparql_server.admission import Admission
from sparql_server.cache import Flight, Key, ResultCache, Stored
from sparql_server.delivery import WHOLE, Delivery
from sparql_server.diagnosis import diagnose
from sparql_server.engine.caller import Caller, Nobody
from sparql_server.engine.messages import Failure, Job
from sparql_server.engine.prefixes import predefined
from sparql_server.engine.releases import Release
from sparql_server.engine.results import Result, Status
from sparql_server.errors import (
    EvaluationFailed,
    MalformedQuery,
    MemoryLimitExceeded,
    NotAcceptable,
    RequestError,
    TimeLimitExceeded,
)
from sparql_server.federation import check_services
from sparql_server.negotiation import GRAPHS, SOLUTIONS, Format, available, by_name, choose
from sparql_server.protocol import QueryRequest
from sparql_server.query import Reading, read

logger = logging.getLogger(__name__)

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
    """Answers query requests. result_bytes: that a result may have; 0: any number."""

    def __init__(
        self,
        engine: Engine,
        cache: ResultCache,
        admission: Admission,
        allow_service: Collection[str] = (),
        result_bytes: int = 0,
    ) -> None:
        self.engine = engine
        self.cache = cache
        self._admission = admission
        self._allow_service = allow_service
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
        """Return what an answer would begin with, as far as that is known without evaluating."""
        reading = read(request.query)
        if reading.form is None:
            raise error_of(request.query, Failure("malformed", ""))
        formats = _formats(request.format, accept)
        chosen = formats[1] if reading.is_graph else formats[0]
        if chosen is None:
            raise error_of(
                request.query,
                Failure("unacceptable", "graphs" if reading.is_graph else "solutions"),
            )
        how = {"solutions": _name(formats[0]), "graphs": _name(formats[1])}
        question = self._question(request, reading, how, Visitor())
        number = self._release_number()
        key = question.key(number)
        stored = self.cache.get(key) if key else None
        if stored:
            return _from(stored, key, "hit")
        return Answer(chosen, number, "none", _tag(key))

    def admit(self, client: str) -> None:
        """Count a request of a client. Raises TooManyRequests."""
        self._admission.note_request(client)

    def _answer(self, request: QueryRequest, how: dict[str, Any], visitor: Visitor) -> Answer:
        question = self._question(request, read(request.query), how, visitor)
        key = question.key(self._release_number())
        if key is None:
            return self._evaluate(question, None)
        tag = _tag(key)
        if tag and _is_known(tag, visitor.known):
            return Answer(None, int(str(key[0])), "hit", tag)
        stored = self.cache.get(key)
        if stored:
            return _from(stored, key, "hit")
        flight, leads = self.cache.board(key)
        if leads:
            try:
                return self._evaluate(question, flight)
            finally:
                self.cache.land(key, flight)
        with self._admission.place(visitor.client):
            stored = flight.wait(visitor.caller)
        return _from(stored, key, "shared") if stored else self._evaluate(question, None)

    def _question(
        self, request: QueryRequest, reading: Reading, how: dict[str, Any], visitor: Visitor
    ) -> _Question:
        check_services(request.query, predefined(), self._allow_service)
        dataset = (request.default_graphs, request.named_graphs)
        job = Job(request.query, *dataset, timeout=request.timeout, **how)
        wanted = job.graphs if reading.is_graph else job.solutions
        if not reading.lasting or reading.form is None or (wanted or job.rows) is None:
            return _Question(request.query, job, None, visitor)
        rest = (reading.normal, job.default_graphs, job.named_graphs, wanted, job.rows, job.timeout)
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


def _from(stored: Stored, key: Key | None, cache: str) -> Answer:
    return Answer(
        _KNOWN.get(stored.format),
        stored.release,
        cache,
        _tag(key),
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


def error_of(query: str, failure: Failure) -> RequestError:
    """Return what to answer when a query could not be evaluated."""
    if failure.kind == "malformed":
        found = diagnose(query, failure.detail, predefined())
        return MalformedQuery(
            found.sentence(),
            line=found.line,
            column=found.column,
            text=found.text,
            **({"hint": found.hint} if found.hint else {}),
        )
    if failure.kind == "unacceptable":
        formats = GRAPHS if failure.detail == "graphs" else SOLUTIONS
        kind = "CONSTRUCT and DESCRIBE" if failure.detail == "graphs" else "SELECT and ASK"
        there = available(formats)
        return NotAcceptable(f"For {kind} there is {', '.join(there)}.", available=there)
    identifier = uuid.uuid4().hex
    logger.error("evaluation failed [%s]: %s", identifier, failure.detail)
    return EvaluationFailed("The query could not be evaluated.", identifier=identifier)
