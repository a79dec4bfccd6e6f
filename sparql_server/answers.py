"""From a request to an answer, without Flask: negotiation, refusal, evaluation, diagnosis."""

from __future__ import annotations

import itertools
import json
import logging
import uuid
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any, Protocol

from sparql_server.diagnosis import diagnose
from sparql_server.engine.messages import Failure, Job
from sparql_server.engine.pool import Result
from sparql_server.engine.prefixes import predefined
from sparql_server.engine.releases import Release
from sparql_server.errors import (
    EvaluationFailed,
    MalformedQuery,
    NotAcceptable,
    RequestError,
)
from sparql_server.federation import check_services
from sparql_server.negotiation import GRAPHS, SOLUTIONS, Format, available, by_name, choose
from sparql_server.protocol import QueryRequest

logger = logging.getLogger(__name__)

PAGE_ROWS = 1000


class Engine(Protocol):
    """Whatever evaluates queries on releases."""

    def evaluate(self, job: Job) -> Result | Failure:
        """Evaluate a job."""

    @property
    def release(self) -> Release | None:
        """The release that the next query is evaluated on."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A result on its way. length: bytes, if the result is whole already."""

    format: Format
    release: int
    pieces: Iterator[bytes]
    length: int | None


class Answers:
    """Answers query requests."""

    def __init__(self, engine: Engine, allow_service: Collection[str]) -> None:
        self._engine = engine
        self._allow_service = allow_service

    @property
    def release(self) -> Release | None:
        """The release that is served."""
        return self._engine.release

    def answer(self, request: QueryRequest, accept: str | None) -> Answer:
        """Evaluate a request; return its result in the format the client wants most.

        Raises RequestError. The pieces raise one too if the result can't be completed.
        """
        solutions, graphs = _formats(request.format, accept)
        job = self._job(request, solutions=_name(solutions), graphs=_name(graphs))
        result = self._result(request, job)
        known = {one.name: one for one in (*SOLUTIONS, *GRAPHS)}
        pieces, length = _look_ahead(result.pieces)
        return Answer(known[result.format], result.release, pieces, length)

    def rows(self, request: QueryRequest) -> dict[str, Any]:
        """Evaluate a request for a page: at most ``PAGE_ROWS`` rows, and whether there are more."""
        result = self._result(request, self._job(request, rows=PAGE_ROWS))
        return dict(json.loads(b"".join(result.pieces))) | {"release": result.release}

    def _job(self, request: QueryRequest, **how: Any) -> Job:
        check_services(request.query, predefined(), self._allow_service)
        return Job(request.query, request.default_graphs, request.named_graphs, **how)

    def _result(self, request: QueryRequest, job: Job) -> Result:
        result = self._engine.evaluate(job)
        if isinstance(result, Failure):
            raise error_of(request.query, result)
        return result


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


def _look_ahead(pieces: Iterator[bytes]) -> tuple[Iterator[bytes], int | None]:
    """Return the pieces, and their length if there is only one: the result is whole then."""
    first = next(pieces, b"")
    second = next(pieces, None)
    if second is None:
        return iter([first]), len(first)
    return _Chained(itertools.chain([first, second], pieces), pieces), None


class _Chained(Iterator[bytes]):
    """Pieces looked at already and those to come; closing it frees the worker."""

    def __init__(self, chained: Iterator[bytes], source: Iterator[bytes]) -> None:
        self._chained = chained
        self._source = source

    def __next__(self) -> bytes:
        return next(self._chained)

    def close(self) -> None:
        """Tell the engine that nobody wants the rest."""
        close = getattr(self._source, "close", None)
        if close is not None:
            close()


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
