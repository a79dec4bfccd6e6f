"""One query evaluated on one store: what a worker process does, and the command line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, cast

import pyoxigraph as ox

from sparql_server.engine.formats.constructed_quads import (
    Quads,
    construct_quads,
    list_solutions,
    read_template,
)
from sparql_server.engine.formats.graph_writer import DATASETS
from sparql_server.engine.local.columns_first import (
    ask_columns,
    find_solutions,
    plan_of,
    read_graph,
    read_union,
    tell_of,
)
from sparql_server.engine.local.text_search import Indexes, search_things, with_texts
from sparql_server.engine.messages import Job
from sparql_server.engine.oxigraph.jobs import (
    ask_job,
    check_calls,
    list_selected,
    make_node,
    read_base,
    read_job,
)
from sparql_server.engine.prefixes import find_dataset, list_known, predefined
from sparql_server.engine.serialization import Found, Results
from sparql_server.errors.failures.failure import Failed, Unwritable
from sparql_server.sparql.graph_store import DEFAULT
from sparql_server.sparql.pattern_graph import NONE, read_quad_pattern
from sparql_server.sparql.query import form_of
from sparql_server.sparql.service import rewrite_calls

if TYPE_CHECKING:
    from sparql_server.engine.columns.storage.triples import Columns

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
    if job.tell:
        told = _NOTHING if job.read_only else tell_of(columns, job)
        return told, job.graphs or "rows"
    job = with_texts(job, indexes.text, _read_plain)
    if job.explain:
        return _explanation(store, job, columns), "rows"
    if job.plan:
        check_calls(job)
        return plan_of(columns, job, read_base(job), list_selected), "rows"
    if job.graph is not None:
        results = _graph(store, job, columns)
    else:
        check_calls(job)
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
    check_calls(job)
    read_job(job, prefixes)


def _explanation(store: ox.Store, job: Job, columns: Columns | None) -> dict[str, object]:
    # Hardly any query is to be explained: what does it is imported for those.
    from sparql_server.engine.explaining.explanation import explain
    from sparql_server.engine.explaining.release_data import Dataset

    dataset = None
    if job.default_graphs or job.named_graphs:
        named = (tuple(map(make_node, graphs)) for graphs in (job.default_graphs, job.named_graphs))
        dataset = Dataset(*named)
    return explain(store, job.query, columns, dataset)


def _from_nothing(job: Job) -> _Oxigraphs:
    """Have a query read; it calls nobody. Raises Failed."""
    uncalling = rewrite_calls(job.query, job.services) or job.query
    return read_job(replace(job, query=uncalling))


def _from_release(store: ox.Store, job: Job, columns: Columns | None) -> Results:
    in_graphs = job.graphs in DATASETS
    if in_graphs and form_of(job.query) == "CONSTRUCT":
        _from_nothing(job)
        return _quads(store, job, columns)
    found = _from_columns(columns, job) if columns else None
    if found is None:
        found = ask_job(store, job)
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
        return frozenset(map(make_node, job.default_graphs))
    own = find_dataset(job.query, read_base(job))
    if own:
        return frozenset(own[0])
    return None if job.union else frozenset([ox.DefaultGraph()])


def _quads(store: ox.Store, job: Job, columns: Columns | None) -> Quads:
    """Return what a query constructs, in the graph of its pattern. Raises Failed."""
    pattern = read_quad_pattern(job.query)
    if pattern is None:
        raise Failed("unwritable", NONE)
    try:
        quads = read_template(pattern, predefined(), read_base(job))
    except Unwritable as error:
        raise Failed("unwritable", str(error)) from error
    selecting = replace(job, query=pattern.select)
    found = find_solutions(columns, selecting, read_base(job), list_selected) if columns else None
    if found is None:
        solutions = ask_job(store, selecting)
        if not isinstance(solutions, ox.QuerySolutions):
            raise Failed("unwritable", NONE)
        found = list_solutions(solutions)
    return Quads(construct_quads(found, quads))


def _from_columns(columns: Columns, job: Job) -> Results | None:
    """Return what columns find; None where Oxigraph has to be asked. Raises Failed."""
    for iri in (*job.default_graphs, *job.named_graphs):
        make_node(iri)
    return ask_columns(columns, job, read_base(job), list_selected)


def list_namespaces(job: Job) -> dict[str, str]:
    """Return the prefixes that the result of a job may have, with their namespaces."""
    return list_known(job.query, read_base(job))


def _graph(store: ox.Store, job: Job, columns: Columns | None) -> Iterator[ox.Triple] | Quads:
    """Return a graph's triples (Graph Store HTTP Protocol, 5.2), read as they are wanted."""
    if columns is None:
        return _graph_of_store(store, job)
    in_graphs = job.graphs in DATASETS
    if job.graph in (None, DEFAULT) and job.union:
        return read_union(columns, in_graphs=in_graphs)
    node = ox.DefaultGraph() if job.graph in (None, DEFAULT) else make_node(str(job.graph))
    triples = read_graph(columns, None if isinstance(node, ox.DefaultGraph) else node.value)
    if triples is None:
        return _graph_of_store(store, job)
    quads = (ox.Quad(t.subject, t.predicate, t.object, node) for t in triples)
    return Quads(quads) if in_graphs else triples


def _graph_of_store(store: ox.Store, job: Job) -> Iterator[ox.Triple] | Quads:
    graph: ox.NamedNode | ox.DefaultGraph | None = None if job.union else ox.DefaultGraph()
    if job.graph is not None and job.graph != DEFAULT:
        graph = make_node(job.graph)
        if not store.contains_named_graph(graph):
            raise Failed("missing", job.graph)
    quads = iter(store.quads_for_pattern(None, None, None, graph))
    return Quads(quads) if job.graphs in DATASETS else (quad.triple for quad in quads)
