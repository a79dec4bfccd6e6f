"""The query of a job as Oxigraph is asked it: its dataset, its calls, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import pyoxigraph as ox

from sparql_server.engine.messages import Job
from sparql_server.engine.oxigraph.conforming_answers import Dataset, Results, ask, read
from sparql_server.engine.prefixes import predefined
from sparql_server.engine.serialization import classify_error
from sparql_server.errors.failures.failure import Failed
from sparql_server.sparql.diagnosis import diagnose, gave_up, repaired
from sparql_server.sparql.lexer import names_dataset
from sparql_server.sparql.service import is_call, rewrite_calls

_CORRECTABLE = 10_000  # characters; longer ones are no person's, and take their time

_NO_PREFIXES: Mapping[str, str] = {}


def ask_job(store: ox.Store, job: Job) -> Results:
    """Return what Oxigraph answers to a job's query. Raises Failed, malformed ones explained."""
    with _explaining(job, _NO_PREFIXES):
        return ask(store, job.query, predefined(), read_base(job), _make_dataset(job))


def read_job(job: Job, more: Mapping[str, str] = _NO_PREFIXES) -> Results:
    """Have a job's query read, on no data at all. Raises Failed, malformed ones explained.

    more: prefixes that the query needn't declare, either.
    """
    with _explaining(job, more):
        for iri in (*job.default_graphs, *job.named_graphs):
            make_node(iri)
        return read(job.query, {**predefined(), **more}, read_base(job))


@contextmanager
def _explaining(job: Job, more: Mapping[str, str]) -> Iterator[None]:
    """Raise Failed for what Oxigraph raises for a job's query."""
    try:
        yield
    except (SyntaxError, ValueError) as error:
        message = getattr(error, "msg", None) or str(error)
        explained = diagnose(job.query, message, {**predefined(), **more}).written()
        corrected = None if more else _correct(job, message)
        raise Failed("malformed", explained, corrected) from error
    except (RuntimeError, OSError) as error:
        raise Failed(classify_error(error), str(error)) from error


def check_calls(job: Job) -> None:
    """Raise Failed if the query would call an endpoint that it may not."""
    text = rewrite_calls(job.query, job.services)
    if text is None:
        return
    try:
        ox.Store().query(text, prefixes=predefined(), base_iri=read_base(job))
    except SyntaxError as error:
        line, column, _ = gave_up(error.msg)
        before = job.query.split("\n")[: line - 1]
        offset = sum(len(line) + 1 for line in before) + column - 1
        kind = "service" if is_call(job.query, offset) else "malformed"
        raise Failed(kind, diagnose(job.query, error.msg, predefined()).written()) from error
    except (ValueError, RuntimeError, OSError):
        return  # it is well-formed; what else is wrong with it shows again


def _correct(job: Job, message: str) -> str | None:
    """Return a malformed query as its writer meant it, if that is known and it parses."""
    if len(job.query) > _CORRECTABLE:
        return None
    proposed = repaired(job.query, message, predefined(), lambda text: _find_complaint(job, text))
    return None if proposed and rewrite_calls(proposed, ()) is not None else proposed


def _find_complaint(job: Job, text: str) -> str | None:
    """Return what the parser says of a text; None: it takes it."""
    if rewrite_calls(text, ()) is not None:
        return None  # it isn't to be evaluated, not even on no data
    try:
        read(text, predefined(), read_base(job))
    except (SyntaxError, ValueError) as error:
        return str(getattr(error, "msg", None) or error)
    except (RuntimeError, OSError):
        return None
    return None


def list_selected(query: str, base: str | None) -> tuple[str, ...]:
    """Return the names of the variables that a query selects; none if it is no SELECT.

    Raises Failed for one that is malformed.
    """
    results = read_job(Job(query, base=base))
    if isinstance(results, ox.QuerySolutions):
        return tuple(variable.value for variable in results.variables)
    return ()


def read_base(job: Job) -> str | None:
    """Return the base that the request has; none where its Host makes no IRI."""
    try:
        return ox.NamedNode(job.base).value if job.base else None
    except ValueError:
        return None


def make_node(iri: str) -> ox.NamedNode:
    """Return an IRI as pyoxigraph has it. Raises Failed."""
    try:
        return ox.NamedNode(iri)
    except ValueError as error:
        raise Failed("iri", f"<{iri}> is no IRI: {error}.") from error


def _make_dataset(job: Job) -> Dataset:
    """Return the dataset as pyoxigraph's arguments (SPARQL 1.1 Protocol, 2.1.4; Query, 13.2).

    A dataset in the request replaces the query's own, and pyoxigraph's union would too.
    """
    if job.default_graphs or job.named_graphs:
        return {
            "default_graph": [make_node(iri) for iri in job.default_graphs],
            "named_graphs": [make_node(iri) for iri in job.named_graphs],
        }
    return {"use_default_graph_as_union": job.union and not names_dataset(job.query)}
