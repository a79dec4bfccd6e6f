"""Columns, asked before Oxigraph: whether they answer a query, and with what.

Nothing of columns is imported before there are any: numpy takes its time, and processes without
them do without.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from typing import TYPE_CHECKING

import pyoxigraph as ox

from sparql_server.engine.columns.telling.request import Telling, read_request
from sparql_server.engine.formats.constructed_quads import Quads
from sparql_server.engine.messages import Job
from sparql_server.engine.prefixes import predefined
from sparql_server.engine.serialization import Found, Results
from sparql_server.errors.failures.failure import Failed

if TYPE_CHECKING:
    from sparql_server.engine.columns.algebra import Query, Term
    from sparql_server.engine.columns.results.answering import Graphs
    from sparql_server.engine.columns.results.answering import Results as Answer
    from sparql_server.engine.columns.storage.triples import Columns

_REMEMBERED = 10_000  # characters of a query that is remembered with what it says

Selected = Callable[[str, str | None], tuple[str, ...]]
"""Tells which variables a query with a base selects; none for one that isn't a SELECT."""


@dataclass(frozen=True, slots=True)
class _Prepared:
    """A query as columns take it. names: of the variables that it selects."""

    query: Query
    names: tuple[str, ...]


def get_ready() -> None:
    """Import what answers queries, so that processes forked from this one needn't."""
    names = (
        "columns.results.answering",
        "columns.results.serialization",
        "columns.telling.describing",
        "explaining.explanation",
    )
    for name in names:
        import_module(f"sparql_server.engine.{name}")


def ask_columns(columns: Columns, job: Job, base: str | None, selected: Selected) -> Results | None:
    """Return what columns find; None where Oxigraph has to be asked.

    Raises what ``selected`` does: it is asked whether the query is well-formed, too, before
    anything is evaluated.
    """
    from sparql_server.engine.columns.algebra import Unsuited
    from sparql_server.engine.columns.results.answering import answer

    prepare = _prepared if len(job.query) <= _REMEMBERED else _prepared.__wrapped__
    with suppress(Unsuited):
        prepared = prepare(job.query, base, selected)
        if prepared:
            return _result(answer(columns, prepared.query, prepared.names, _graphs(job)))
    return None


def find_solutions(
    columns: Columns, job: Job, base: str | None, selected: Selected
) -> Iterator[Mapping[str, object]] | None:
    """Return the solutions that columns find of a SELECT, with pyoxigraph's terms; else None."""
    from sparql_server.engine.columns.algebra import Unsuited
    from sparql_server.engine.columns.results.answering import Found as Solutions
    from sparql_server.engine.columns.results.answering import answer
    from sparql_server.engine.columns.results.bindings import list_bindings

    with suppress(Unsuited):
        prepared = _prepared(job.query, base, selected)
        if prepared:
            found = answer(columns, prepared.query, prepared.names, _graphs(job))
            return list_bindings(found) if isinstance(found, Solutions) else None
    return None


def plan_of(
    columns: Columns | None, job: Job, base: str | None, selected: Selected
) -> dict[str, object]:
    """Return how a query is evaluated, as values of JSON; raises what ``selected`` does.

    engine: ``columns``, with ``rows``, ``ms`` and ``steps``; else ``oxigraph``, with ``reason``.
    """
    if columns is None:
        selected(job.query, base)
        return {"engine": "oxigraph", "reason": {"name": "none", "why": "there are no columns"}}
    from sparql_server.engine.columns.algebra import Unsuited
    from sparql_server.engine.columns.reasons import find_reason
    from sparql_server.engine.columns.results.answering import explain, prepare

    try:
        query = prepare(job.query, predefined(), base)
        return explain(columns, query, selected(job.query, base), _graphs(job))
    except Unsuited as error:
        selected(job.query, base)
        reason = find_reason(str(error))
        said: dict[str, object] = {"said": str(error)}
        if reason:
            said |= {"name": reason.name, "clause": reason.clause[0], "why": reason.why}
        return {"engine": "oxigraph", "reason": said}


def read_graph(columns: Columns, iri: str | None) -> Iterator[ox.Triple] | None:
    """Return a named graph's triples, or the default graph's own; None if columns have none."""
    from sparql_server.engine.columns.algebra import Kind, Term
    from sparql_server.engine.columns.results.graph_results import read_graph

    found = read_graph(columns, None if iri is None else Term(Kind.IRI, iri))
    return None if found is None else found.triples()


def read_union(columns: Columns, *, in_graphs: bool) -> Iterator[ox.Triple] | Quads:
    """Return the triples of all graphs. in_graphs: with the graph that each stands in."""
    from sparql_server.engine.columns.results.whole_graph import read_quads, read_triples

    return Quads(read_quads(columns)) if in_graphs else read_triples(columns)


def tell_of(columns: Columns | None, job: Job) -> dict[str, object] | Iterator[ox.Triple]:
    """Return what is told of a thing: values of JSON, or a graph. Raises Failed."""
    from sparql_server.engine.columns.telling.describing import TooDeep, describe
    from sparql_server.engine.columns.telling.telling import tell

    if columns is None:
        raise Failed("failed", "The release has no columns any more.")
    wanted = read_request(job.tell)
    if isinstance(wanted, Telling):
        return tell(columns, wanted)
    try:
        return describe(columns, wanted)
    except TooDeep as error:
        raise Failed("deep", str(wanted.deepest)) from error


def _result(answer: Answer) -> Results:
    """Return an answer as results are written."""
    from sparql_server.engine.columns.results.answering import Found as Solutions
    from sparql_server.engine.columns.results.serialization import serialize

    if isinstance(answer, bool):
        return _BOOLEANS[answer]
    if isinstance(answer, Solutions):
        return Found(lambda name, writer, most: serialize(answer, name, writer, most))
    return answer.triples()


def _graphs(job: Job) -> Graphs:
    """Return the dataset that a request says."""
    from sparql_server.engine.columns.results.answering import UNION, Graphs

    if not job.default_graphs and not job.named_graphs:
        return UNION if job.union else Graphs(union=False)
    return Graphs(_iris(job.default_graphs), _iris(job.named_graphs), job.union)


def _iris(graphs: Sequence[str]) -> tuple[Term, ...]:
    from sparql_server.engine.columns.algebra import Kind, Term

    return tuple(Term(Kind.IRI, graph) for graph in graphs)


@lru_cache(maxsize=128)
def _prepared(query: str, base: str | None, selected: Selected) -> _Prepared | None:
    """Return what a query says; None if that is nothing for columns.

    It is read before ``selected`` evaluates it on no data at all: so that no SERVICE is called.
    """
    from sparql_server.engine.columns.algebra import Unsuited
    from sparql_server.engine.columns.results.answering import prepare

    with suppress(Unsuited):
        return _Prepared(prepare(query, predefined(), base), selected(query, base))
    return None


def _boolean(value: str) -> ox.QueryBoolean:
    text = f'{{"head":{{}},"boolean":{value}}}'.encode()
    read = ox.parse_query_results(text, ox.QueryResultsFormat.JSON)
    assert isinstance(read, ox.QueryBoolean)
    return read


_BOOLEANS = {truth: _boolean(str(truth).lower()) for truth in (False, True)}
