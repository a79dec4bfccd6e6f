"""One query evaluated on one store: what a worker process does, and the command line."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox

from sparql_server.engine.formats.errors import Unwritable
from sparql_server.engine.formats.graphs import DATASETS
from sparql_server.engine.formats.quads import Quads, constructed, template
from sparql_server.engine.local.columns_first import ask_columns
from sparql_server.engine.messages import Job
from sparql_server.engine.oxigraph.asking import ask
from sparql_server.engine.prefixes import dataset, known, predefined
from sparql_server.engine.serialization import Failed, Found, Results, classify_error
from sparql_server.sparql.diagnosis import diagnose, gave_up, repaired
from sparql_server.sparql.graph_store import DEFAULT
from sparql_server.sparql.lexer import names_dataset
from sparql_server.sparql.pattern_graph import NONE, quad_pattern
from sparql_server.sparql.query import form_of
from sparql_server.sparql.service import is_call, uncalled

if TYPE_CHECKING:
    from sparql_server.engine.columns.storage.triples import Columns

_CORRECTABLE = 10_000  # characters; longer ones are no person's, and take their time

_EMPTY = ox.Store()  # to have a query read and not evaluated
_NOTHING = Found(lambda name, writer, most: None)


_Oxigraphs = ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples | Iterator[ox.Triple]


def open_store(path: Path) -> ox.Store:
    """Open a release's store for reading. Raises Failed."""
    try:
        return ox.Store.read_only(str(path))
    except (OSError, RuntimeError, ValueError) as error:
        raise Failed("damaged", f"the store can't be opened: {error}") from error


def evaluate(store: ox.Store, job: Job, columns: Columns | None = None) -> tuple[Results, str]:
    """Begin to evaluate a job; return the results and the name of the format they go out in.

    columns: those of the same release, if there are any. Raises Failed.
    """
    results: Results
    if job.explain:
        return _explanation(store, job, columns), "rows"
    if job.graph is not None:
        results = _graph(store, job)
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


def _explanation(store: ox.Store, job: Job, columns: Columns | None) -> dict[str, Any]:
    # Hardly any query is to be explained: what does it is imported for those.
    from sparql_server.engine.explaining.explanation import explain

    return explain(store, job.query, columns)


def _from_nothing(job: Job) -> _Oxigraphs:
    """Have a query read; it calls nobody. Raises Failed."""
    uncalling = uncalled(job.query, job.services) or job.query
    return _query(_EMPTY, replace(job, query=uncalling))


def _from_release(store: ox.Store, job: Job, columns: Columns | None) -> Results:
    found = (columns and _from_columns(columns, job)) or _query(store, job)
    if job.graphs in DATASETS and isinstance(found, ox.QueryTriples):
        described = form_of(job.query) == "DESCRIBE"
        return _described(store, found, job) if described else _quads(store, job)
    return found


def _described(store: ox.Store, triples: ox.QueryTriples, job: Job) -> Quads:
    """Return what describes terms, in all the graphs of the dataset where it stands."""
    graphs = _default_graphs(job)
    quads = (
        quad
        for triple in triples
        for quad in store.quads_for_pattern(triple.subject, triple.predicate, triple.object, None)
        if graphs is None or quad.graph_name in graphs
    )
    return Quads(quads)


def _default_graphs(job: Job) -> frozenset[ox.NamedNode | ox.DefaultGraph] | None:
    """Return the graphs that the default graph of a job's dataset is made of; None: all."""
    if job.default_graphs or job.named_graphs:
        return frozenset(map(_node, job.default_graphs))
    own = dataset(job.query, _base(job))
    if own:
        return frozenset(own[0])
    return None if job.union else frozenset([ox.DefaultGraph()])


def _quads(store: ox.Store, job: Job) -> Quads:
    """Return what a query constructs, in the graph of its pattern. Raises Failed."""
    pattern = quad_pattern(job.query)
    if pattern is None:
        raise Failed("unwritable", NONE)
    try:
        quads = template(pattern, predefined(), _base(job))
    except Unwritable as error:
        raise Failed("unwritable", str(error)) from error
    solutions = _query(store, replace(job, query=pattern.select))
    if not isinstance(solutions, ox.QuerySolutions):
        raise Failed("unwritable", NONE)
    return Quads(constructed(solutions, quads))


def _query(store: ox.Store, job: Job) -> _Oxigraphs:
    try:
        return ask(store, job.query, predefined(), _base(job), _dataset(job))
    except (SyntaxError, ValueError) as error:
        message = getattr(error, "msg", None) or str(error)
        raise Failed("malformed", _explained(job, message), _corrected(job, message)) from error
    except (RuntimeError, OSError) as error:
        raise Failed(classify_error(error), str(error)) from error


def _explained(job: Job, message: str) -> str:
    return diagnose(job.query, message, predefined()).written()


def _from_columns(columns: Columns, job: Job) -> Found | None:
    """Return what columns find; None where Oxigraph has to be asked. Raises Failed."""
    if not job.union or job.default_graphs or job.named_graphs:
        return None
    return ask_columns(columns, job.query, _base(job), _selected)


def _selected(query: str, base: str | None) -> tuple[str, ...] | None:
    """Return the names of the variables that a query selects; None if it is no SELECT.

    Raises Failed for one that is malformed.
    """
    read = _query(_EMPTY, Job(query, base=base))
    if isinstance(read, ox.QuerySolutions):
        return tuple(variable.value for variable in read.variables)
    return None


def namespaces(job: Job) -> dict[str, str]:
    """Return the prefixes that the result of a job may have, with their namespaces."""
    return known(job.query, _base(job))


def _base(job: Job) -> str | None:
    """Return the base that the request has; none where its Host makes no IRI."""
    try:
        return ox.NamedNode(job.base).value if job.base else None
    except ValueError:
        return None


def _check_calls(job: Job) -> None:
    """Raise Failed if the query would call an endpoint that it may not."""
    text = uncalled(job.query, job.services)
    if text is None:
        return
    try:
        ox.Store().query(text, prefixes=predefined(), base_iri=_base(job))
    except SyntaxError as error:
        line, column, _ = gave_up(error.msg)
        before = job.query.split("\n")[: line - 1]
        offset = sum(len(line) + 1 for line in before) + column - 1
        kind = "service" if is_call(job.query, offset) else "malformed"
        raise Failed(kind, _explained(job, error.msg)) from error
    except (ValueError, RuntimeError, OSError):
        return  # it is well-formed; what else is wrong with it shows again


def _corrected(job: Job, message: str) -> str | None:
    """Return a malformed query as its writer meant it, if that is known and it parses."""
    if len(job.query) > _CORRECTABLE:
        return None
    proposed = repaired(job.query, message, predefined(), lambda text: _complaint(job, text))
    return None if proposed and uncalled(proposed, ()) is not None else proposed


def _complaint(job: Job, text: str) -> str | None:
    """Return what the parser says of a text; None: it takes it."""
    if uncalled(text, ()) is not None:
        return None  # it isn't to be evaluated, not even on no data
    try:
        ask(_EMPTY, text, predefined(), _base(job), {})
    except (SyntaxError, ValueError) as error:
        return str(getattr(error, "msg", None) or error)
    except (RuntimeError, OSError):
        return None
    return None


def _graph(store: ox.Store, job: Job) -> Iterator[ox.Triple] | Quads:
    """Return a graph's triples (Graph Store HTTP Protocol, 5.2), read as they are wanted."""
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
