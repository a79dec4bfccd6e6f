"""The errors that a client gets for the failures of an engine, and for formats it can't have."""

from __future__ import annotations

import logging
import uuid

from sparql_server.errors import (
    LONGEST,
    BadRequest,
    EvaluationFailed,
    MalformedQuery,
    NoSuchGraph,
    NotAcceptable,
    NotInRelease,
    RequestError,
    ResultTooLarge,
    ServiceRefused,
)
from sparql_server.errors.failures.failure import Failure
from sparql_server.sparql.diagnosis import read_diagnosis
from sparql_server.sparql.formats import GRAPHS, SOLUTIONS, list_available

logger = logging.getLogger(__name__)


def translate_failure(failure: Failure) -> RequestError:
    """Return the error that a failure means for a request."""
    if failure.kind == "malformed":
        return _translate_diagnosis(failure)
    if failure.kind == "unacceptable":
        return make_unacceptable(failure.detail)
    if failure.kind in ("iri", "text"):
        return BadRequest(failure.detail)
    if failure.kind == "unwritable":
        return NotAcceptable(failure.detail, available=list_available(GRAPHS))
    if failure.kind == "service":
        return ServiceRefused.for_address()
    if failure.kind == "deep" and failure.detail.isdecimal():
        return make_too_deep(int(failure.detail[:9]))
    if failure.kind == "unindexed":
        return NotInRelease(f"The text index of the release can't be used: {failure.detail}.")
    if failure.kind == "missing":
        return NoSuchGraph(f"There is no graph <{failure.detail}>.")
    identifier = uuid.uuid4().hex
    logger.error("evaluation failed [%s]: %s", identifier, failure.detail)
    return EvaluationFailed("The query could not be evaluated.", identifier=identifier)


def _translate_diagnosis(failure: Failure) -> MalformedQuery:
    try:
        found = read_diagnosis(failure.detail)
    except (ValueError, RecursionError):  # workers are not believed
        return MalformedQuery("The query is malformed.")
    members = {"hint": found.hint, "corrected": failure.corrected, "parser": found.parser}
    error = MalformedQuery(
        found.sentence(),
        line=found.line,
        column=found.column,
        text=found.text,
        **{name: value for name, value in members.items() if value},
    )
    error.translated["sv"] = found.sentence("sv")[:LONGEST]
    return error


def make_too_deep(deepest: int) -> ResultTooLarge:
    """Return the error for a document on which more blank nodes hang than can be told of."""
    return ResultTooLarge(
        f"More than {deepest} blank nodes hang on each other there, which can't be told of here."
        " The graph store (/graphs) has the graph whole.",
        limit=deepest,
        unit="blank nodes",
    )


def make_unacceptable(kind: str) -> NotAcceptable:
    """Return the error for a client that accepts no format. kind: ``graphs`` or ``solutions``."""
    forms = "CONSTRUCT and DESCRIBE" if kind == "graphs" else "SELECT and ASK"
    there = list_available(GRAPHS if kind == "graphs" else SOLUTIONS)
    return NotAcceptable(f"For {forms} there is {', '.join(there)}.", available=there)
