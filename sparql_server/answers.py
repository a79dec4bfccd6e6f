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
    BadRequest,
    EvaluationFailed,
    MalformedQuery,
    NoRelease,
    NoSuchGraph,
    NotAcceptable,
    RequestError,
)
from sparql_server.federation import check_services
from sparql_server.lexer import query_form
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

    def __init__(
        self, engine: Engine, allow_service: Collection[str], default_graph: str = "union"
    ) -> None:
        """Take settings. default_graph: ``union`` or ``own``."""
        self._engine = engine
        self.allow_service = frozenset(allow_service)
        self.union = default_graph == "union"

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
        return _answer(self._result(request.query, job))

    def head(self, request: QueryRequest, accept: str | None) -> Answer:
        """Return what ``answer`` would, without its pieces: no query is evaluated for a HEAD.

        Raises RequestError for what can be told from the request alone.
        """
        if self.release is None:
            raise NoRelease("Nothing is published yet: run libris-loader release.")
        check_services(request.query, predefined(), self.allow_service)
        form = query_form(request.query)
        if form is None:
            raise MalformedQuery("The query is none: it has no SELECT, ASK, CONSTRUCT or DESCRIBE.")
        solutions, graphs = _formats(request.format, accept)
        kind = "solutions" if form in ("SELECT", "ASK") else "graphs"
        chosen = solutions if kind == "solutions" else graphs
        if chosen is None:
            raise _unacceptable(kind)
        return Answer(chosen, self.release.number, iter(()), None)

    def graph(
        self, name: str, format_name: str | None, accept: str | None, rows: int | None = None
    ) -> Answer:
        """Return a graph whole, by its name or ``graph_store.DEFAULT``.

        rows: 0 where only the head of the answer is wanted. Raises RequestError.
        """
        chosen = _formats(format_name, accept)[1]
        if chosen is None:
            raise _unacceptable("graphs")
        job = Job("", graphs=chosen.name, graph=name, union=self.union, rows=rows)
        result = self._result("", job)
        if rows is None:
            return _answer(result)
        b"".join(result.pieces)  # to the end, so that the worker is free
        return Answer(chosen, result.release, iter(()), None)

    def rows(self, request: QueryRequest) -> dict[str, Any]:
        """Evaluate a request for a page: at most ``PAGE_ROWS`` rows, and whether there are more."""
        result = self._result(request.query, self._job(request, rows=PAGE_ROWS))
        return dict(json.loads(b"".join(result.pieces))) | {"release": result.release}

    def _job(self, request: QueryRequest, **how: Any) -> Job:
        check_services(request.query, predefined(), self.allow_service)
        return Job(
            request.query,
            request.default_graphs,
            request.named_graphs,
            union=self.union,
            timeout=request.timeout,
            base=request.base,
            **how,
        )

    def _result(self, query: str, job: Job) -> Result:
        result = self._engine.evaluate(job)
        if isinstance(result, Failure):
            raise error_of(query, result)
        return result


def _answer(result: Result) -> Answer:
    known = {one.name: one for one in (*SOLUTIONS, *GRAPHS)}
    pieces, length = _look_ahead(result.pieces)
    return Answer(known[result.format], result.release, pieces, length)


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
        return _malformed(query, failure)
    if failure.kind == "unacceptable":
        return _unacceptable(failure.detail)
    if failure.kind == "iri":
        return BadRequest(failure.detail)
    if failure.kind == "function":
        return BadRequest(f"{failure.detail} here.")
    if failure.kind == "missing":
        return NoSuchGraph(f"There is no graph <{failure.detail}>.")
    identifier = uuid.uuid4().hex
    logger.error("evaluation failed [%s]: %s", identifier, failure.detail)
    return EvaluationFailed("The query could not be evaluated.", identifier=identifier)


def _malformed(query: str, failure: Failure) -> MalformedQuery:
    found = diagnose(query, failure.detail, predefined())
    members = {"hint": found.hint, "corrected": failure.corrected}
    return MalformedQuery(
        found.sentence(),
        line=found.line,
        column=found.column,
        text=found.text,
        **{name: value for name, value in members.items() if value},
    )


def _unacceptable(kind: str) -> NotAcceptable:
    forms = "CONSTRUCT and DESCRIBE" if kind == "graphs" else "SELECT and ASK"
    there = available(GRAPHS if kind == "graphs" else SOLUTIONS)
    return NotAcceptable(f"For {forms} there is {', '.join(there)}.", available=there)
