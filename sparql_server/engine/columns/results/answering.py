"""Answers a query from columns: what the rest of the engine needs of them."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, islice

from sparql_server.engine.columns.algebra import Query, Term, Unsuited
from sparql_server.engine.columns.evaluation.joining.datasets import Dataset
from sparql_server.engine.columns.evaluation.joining.plans import Plan
from sparql_server.engine.columns.evaluation.selection import Selection
from sparql_server.engine.columns.results.graph_results import Statements, construct, describe
from sparql_server.engine.columns.solutions.query_terms import QueryTerms
from sparql_server.engine.columns.solutions.solutions import Solutions
from sparql_server.engine.columns.storage.nquads import DEFAULT
from sparql_server.engine.columns.storage.triples import Columns
from sparql_server.engine.columns.syntax.query_syntax import read_query


@dataclass(frozen=True, slots=True)
class Found:
    """A query's result.

    names: the variables that are selected, in their order. parts: its solutions, to be gone through
    once.
    """

    names: tuple[str, ...]
    parts: Iterable[Solutions]
    terms: QueryTerms


Results = Found | Statements | bool
"""Solutions, triples, or what an ASK is told."""


@dataclass(frozen=True, slots=True)
class Graphs:
    """The dataset that a request says (SPARQL 1.1 Protocol, 2.1.4).

    default, named: graphs; None for both where it says none. union: the default graph is all
    graphs, where neither request nor query says which.
    """

    default: tuple[Term, ...] | None = None
    named: tuple[Term, ...] | None = None
    union: bool = True


UNION = Graphs()
"""All graphs as the default graph, and each by its name."""


def prepare(query: str, prefixes: Mapping[str, str], base: str | None = None) -> Query:
    """Read a query that is known to be well-formed. Raises Unsuited.

    prefixes: known without declaration.
    """
    try:
        return read_query(query, prefixes, base)
    except RecursionError as error:
        raise Unsuited("too deep a query") from error


def answer(columns: Columns, query: Query, names: Sequence[str], graphs: Graphs = UNION) -> Results:
    """Evaluate a query. names: the variables that it selects. graphs: of the request.

    Raises Unsuited where Oxigraph should evaluate it.
    """
    terms = QueryTerms(columns.terms)
    dataset = _make_dataset(columns, query, graphs, terms)
    try:
        return _evaluate(query, names, dataset, terms)
    except (RecursionError, MemoryError) as error:
        raise Unsuited("too little memory or too deep a query") from error


def answer_in_pieces(columns: Columns, query: Query, names: Sequence[str], size: int) -> Found:
    """Evaluate a SELECT on all graphs in memory that doesn't grow with its result.

    size: rows of what it begins with that are gone on with at once. Going through the parts raises
    Unsuited, too, and RecursionError and MemoryError.
    """
    terms = QueryTerms(columns.terms)
    selection = Selection(_make_dataset(columns, query, UNION, terms), terms)
    return Found(tuple(names), selection.find_pieces(query.select, names, size), terms)


def explain(
    columns: Columns, query: Query, names: Sequence[str], graphs: Graphs = UNION
) -> dict[str, object]:
    """Evaluate a query; return what was joined in what order, as values of JSON.

    Raises Unsuited where Oxigraph evaluates it.
    """
    terms = QueryTerms(columns.terms)
    plan = Plan()
    began = time.perf_counter()
    found = _evaluate(query, names, _make_dataset(columns, query, graphs, terms), terms, plan)
    rows = _count(found)
    ms = round((time.perf_counter() - began) * 1000, 3)
    return {"engine": "columns", "rows": rows, "ms": ms, "steps": plan.list_steps()}


def _count(found: Results) -> int:
    if isinstance(found, Found):
        return sum(part.size for part in found.parts)
    return int(found) if isinstance(found, bool) else len(found.subjects)


def _evaluate(
    query: Query,
    names: Sequence[str],
    dataset: Dataset,
    terms: QueryTerms,
    plan: Plan | None = None,
) -> Results:
    selection = Selection(dataset, terms, plan=plan)
    if query.form == "ASK":
        return selection.is_there(query.select)
    if query.form == "CONSTRUCT":
        return construct(query.template, selection.select_all(query.select), terms)
    if query.form == "DESCRIBE":
        return describe(query.described, selection.select_all(query.select), dataset, terms)
    return Found(tuple(names), _begin(selection.find_parts(query.select, names)), terms)


def _begin(parts: Iterator[Solutions]) -> Iterator[Solutions]:
    """Return parts of which the first is there: what can't be answered has been found out."""
    return chain(list(islice(parts, 1)), parts)


def _make_dataset(columns: Columns, query: Query, graphs: Graphs, terms: QueryTerms) -> Dataset:
    """Return the dataset: that of the request, else that of the query (Query, 13.2)."""
    default, named = graphs.default, graphs.named
    if default is None and named is None:
        default, named = query.default, query.named
    if default is None and named is None:
        return Dataset(columns, None if graphs.union else (DEFAULT,))
    return Dataset(columns, _number(default, terms), _number(named, terms))


def _number(graphs: Sequence[Term] | None, terms: QueryTerms) -> tuple[int, ...]:
    return tuple(terms.number_constant(graph) for graph in graphs or ())
