"""One query evaluated on one store: what a worker process does, and the command line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pyoxigraph as ox

from sparql_server.engine.formats.graphs import DATASETS
from sparql_server.engine.formats.quads import Quads, construct_quads, list_solutions, read_template
from sparql_server.engine.local.columns_first import (
    ask_columns,
    find_solutions,
    plan_of,
    read_graph,
)
from sparql_server.engine.local.text_search import Indexes, search_things, with_texts
from sparql_server.engine.messages import Job
from sparql_server.engine.oxigraph.asking import ask
from sparql_server.engine.prefixes import find_dataset, list_known, predefined
from sparql_server.engine.serialization import Found, Results, classify_error
from sparql_server.errors.failures.failure import Failed, Unwritable
from sparql_server.sparql.diagnosis import diagnose, gave_up, repaired
from sparql_server.sparql.graph_store import DEFAULT
from sparql_server.sparql.lexer import names_dataset
from sparql_server.sparql.pattern_graph import NONE, read_quad_pattern
from sparql_server.sparql.query import form_of
from sparql_server.sparql.service import is_call, rewrite_calls

if TYPE_CHECKING:
    from sparql_server.engine.columns.storage.triples import Columns

_CORRECTABLE = 10_000  # characters; longer ones are no person's, and take their time

_NO_PREFIXES: Mapping[str, str] = {}
_EMPTY = ox.Store()  # to have a query read and not evaluated
_NOTHING = Found(lambda name, writer, most: None)


_Oxigraphs = ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples | Iterator[ox.Triple]


def open_store(path: Path) -> ox.Store:
    """Open a release's store for reading. Raises Failed."""
    try:
        return ox.Store.read_only(str(path))
    except (OSError, RuntimeError, ValueError) as error:
        raise Failed("damaged", f"the store can't be opened: {error}") from error


def evaluate(store: ox.Store, job: Job, indexes: Indexes | None = None) -> tuple[Results, str]:
    """Begin to evaluate a job; return the results and the name of the format they go out in.

    indexes: those of the same release. Raises Failed.
    """
    results: Results
    indexes = indexes or Indexes()
    columns = indexes.columns
    if job.search:
        return search_things(indexes.text, job.search), "rows"
    job = with_texts(job, indexes.text, _read_plain)
    if job.explain:
        return _explanation(store, job, columns), "rows"
    if job.plan:
        _check_calls(job)
        return plan_of(columns, job, _base(job), _selected), "rows"
    if job.graph is not None:
        results = _graph(store, job, columns)
    else:
        _check_calls(job)
        results = _from_nothing(job) if job.read_only else _from_release(store, job, columns)
    solutions = isinstance(results, (ox.QuerySolutions, ox.QueryBoolean, Found))
    kind = "solutions" if solutions else "graphs"
    if job.rows is not None:
        return results, "rows"
    name = job.graphs if kind == "graphs" else job.solutions
    if name is None:
        raise Failed("unacceptable", kind)
    return (_NOTHING if job.read_only else results), name


def _read_plain(job: Job, prefixes: Mapping[str, str]) -> None:
    """Have a query read that need not declare these prefixes. Raises Failed."""
    _check_calls(job)
    _query(_EMPTY, job, prefixes)


def _explanation(store: ox.Store, job: Job, columns: Columns | None) -> dict[str, Any]:
    # Hardly any query is to be explained: what does it is imported for those.
    from sparql_server.engine.explaining.explanation import explain

    return explain(store, job.query, columns)


def _from_nothing(job: Job) -> _Oxigraphs:
    """Have a query read; it calls nobody. Raises Failed."""
    uncalling = rewrite_calls(job.query, job.services) or job.query
    return _query(_EMPTY, replace(job, query=uncalling))


def _from_release(store: ox.Store, job: Job, columns: Columns | None) -> Results:
    in_graphs = job.graphs in DATASETS
    if in_graphs and form_of(job.query) == "CONSTRUCT":
        _from_nothing(job)
        return _quads(store, job, columns)
    found = _from_columns(columns, job) if columns else None
    if found is None:
        found = _query(store, job)
    if in_graphs and form_of(job.query) == "DESCRIBE":
        # A triple is looked up in the store for the graphs that it stands in.
        return _find_quads(store, cast(Iterable[ox.Triple], found), job)
    return found


def _find_quads(store: ox.Store, triples: Iterable[ox.Triple], job: Job) -> Quads:
    """Return what describes terms, in all the graphs of the dataset where it stands."""
    graphs = _find_default_graphs(job)
    quads = (
        quad
        for triple in triples
        for quad in store.quads_for_pattern(triple.subject, triple.predicate, triple.object, None)
        if graphs is None or quad.graph_name in graphs
    )
    return Quads(quads)


def _find_default_graphs(job: Job) -> frozenset[ox.NamedNode | ox.DefaultGraph] | None:
    """Return the graphs that the default graph of a job's dataset is made of; None: all."""
    if job.default_graphs or job.named_graphs:
        return frozenset(map(_node, job.default_graphs))
    own = find_dataset(job.query, _base(job))
    if own:
        return frozenset(own[0])
    return None if job.union else frozenset([ox.DefaultGraph()])


def _quads(store: ox.Store, job: Job, columns: Columns | None) -> Quads:
    """Return what a query constructs, in the graph of its pattern. Raises Failed."""
    pattern = read_quad_pattern(job.query)
    if pattern is None:
        raise Failed("unwritable", NONE)
    try:
        quads = read_template(pattern, predefined(), _base(job))
    except Unwritable as error:
        raise Failed("unwritable", str(error)) from error
    selecting = replace(job, query=pattern.select)
    found = find_solutions(columns, selecting, _base(job), _selected) if columns else None
    if found is None:
        solutions = _query(store, selecting)
        if not isinstance(solutions, ox.QuerySolutions):
            raise Failed("unwritable", NONE)
        found = list_solutions(solutions)
    return Quads(construct_quads(found, quads))


def _query(store: ox.Store, job: Job, more: Mapping[str, str] = _NO_PREFIXES) -> _Oxigraphs:
    """Ask Oxigraph. more: prefixes that the query needn't declare, either."""
    try:
        return ask(store, job.query, {**predefined(), **more}, _base(job), _dataset(job))
    except (SyntaxError, ValueError) as error:
        message = getattr(error, "msg", None) or str(error)
        explained = diagnose(job.query, message, {**predefined(), **more}).written()
        corrected = None if more else _corrected(job, message)
        raise Failed("malformed", explained, corrected) from error
    except (RuntimeError, OSError) as error:
        raise Failed(classify_error(error), str(error)) from error


def _from_columns(columns: Columns, job: Job) -> Results | None:
    """Return what columns find; None where Oxigraph has to be asked. Raises Failed."""
    for iri in (*job.default_graphs, *job.named_graphs):
        _node(iri)
    return ask_columns(columns, job, _base(job), _selected)


def _selected(query: str, base: str | None) -> tuple[str, ...]:
    """Return the names of the variables that a query selects; none if it is no SELECT.

    Raises Failed for one that is malformed.
    """
    read = _query(_EMPTY, Job(query, base=base))
    if isinstance(read, ox.QuerySolutions):
        return tuple(variable.value for variable in read.variables)
    return ()


def list_namespaces(job: Job) -> dict[str, str]:
    """Return the prefixes that the result of a job may have, with their namespaces."""
    return list_known(job.query, _base(job))


def _base(job: Job) -> str | None:
    """Return the base that the request has; none where its Host makes no IRI."""
    try:
        return ox.NamedNode(job.base).value if job.base else None
    except ValueError:
        return None


def _check_calls(job: Job) -> None:
    """Raise Failed if the query would call an endpoint that it may not."""
    text = rewrite_calls(job.query, job.services)
    if text is None:
        return
    try:
        ox.Store().query(text, prefixes=predefined(), base_iri=_base(job))
    except SyntaxError as error:
        line, column, _ = gave_up(error.msg)
        before = job.query.split("\n")[: line - 1]
        offset = sum(len(line) + 1 for line in before) + column - 1
        kind = "service" if is_call(job.query, offset) else "malformed"
        raise Failed(kind, diagnose(job.query, error.msg, predefined()).written()) from error
    except (ValueError, RuntimeError, OSError):
        return  # it is well-formed; what else is wrong with it shows again


def _corrected(job: Job, message: str) -> str | None:
    """Return a malformed query as its writer meant it, if that is known and it parses."""
    if len(job.query) > _CORRECTABLE:
        return None
    proposed = repaired(job.query, message, predefined(), lambda text: _complaint(job, text))
    return None if proposed and rewrite_calls(proposed, ()) is not None else proposed


def _complaint(job: Job, text: str) -> str | None:
    """Return what the parser says of a text; None: it takes it."""
    if rewrite_calls(text, ()) is not None:
        return None  # it isn't to be evaluated, not even on no data
    try:
        ask(_EMPTY, text, predefined(), _base(job), {})
    except (SyntaxError, ValueError) as error:
        return str(getattr(error, "msg", None) or error)
    except (RuntimeError, OSError):
        return None
    return None


def _graph(store: ox.Store, job: Job, columns: Columns | None) -> Iterator[ox.Triple] | Quads:
    """Return a graph's triples (Graph Store HTTP Protocol, 5.2), read as they are wanted."""
    if columns and job.graph is not None and job.graph != DEFAULT:
        node = _node(job.graph)
        triples = read_graph(columns, node.value)
        if triples is not None:
            quads = (ox.Quad(t.subject, t.predicate, t.object, node) for t in triples)
            return Quads(quads) if job.graphs in DATASETS else triples
    return _graph_of_store(store, job)


def _graph_of_store(store: ox.Store, job: Job) -> Iterator[ox.Triple] | Quads:
    graph: ox.NamedNode | ox.DefaultGraph | None = None if job.union else ox.DefaultGraph()
    if job.graph is not None and job.graph != DEFAULT:
        graph = _node(job.graph)
        if not store.contains_named_graph(graph):
            raise Failed("missing", job.graph)
    quads = iter(store.quads_for_pattern(None, None, None, graph))
    return Quads(quads) if job.graphs in DATASETS else (quad.triple for quad in quads)


def _node(iri: str) -> ox.NamedNode:
    try:
        return ox.NamedNode(iri)
    except ValueError as error:
        raise Failed("iri", f"<{iri}> is no IRI: {error}.") from error


def _dataset(job: Job) -> dict[str, Any]:
    """Return the dataset as pyoxigraph's arguments (SPARQL 1.1 Protocol, 2.1.4; Query, 13.2).

    A dataset in the request replaces the query's own, and pyoxigraph's union would too.
    """
    if job.default_graphs or job.named_graphs:
        return {
            "default_graph": [_node(iri) for iri in job.default_graphs],
            "named_graphs": [_node(iri) for iri in job.named_graphs],
        }
    return {"use_default_graph_as_union": job.union and not names_dataset(job.query)}
