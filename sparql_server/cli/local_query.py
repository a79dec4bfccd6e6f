"""A query on the current release in this very process: what ``libris-sparql query`` does."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import IO

from sparql_server.engine.local.evaluation import evaluate, list_namespaces, open_store
from sparql_server.engine.local.text_search import Indexes, open_text
from sparql_server.engine.messages import Job
from sparql_server.engine.releases import Release, find_current
from sparql_server.engine.serialization import serialize
from sparql_server.engine.text import may_search
from sparql_server.errors import NoRelease, StartError
from sparql_server.errors.failures.failure import Failed
from sparql_server.errors.failures.translation import translate_failure
from sparql_server.sparql.formats import DATASETS, EXPANDED, GRAPHS, SOLUTIONS, find_format
from sparql_server.sparql.protocol import QueryRequest
from sparql_server.sparql.service import check_services


def answer(
    data: Path, query: str, name: str | None, allowed: Collection[str], out: IO[bytes]
) -> None:
    """Write a query's result to ``out``.

    name: short name of the format, or None for the one that suits the query.
    Raises what the endpoint would answer with, or StartError if the release can't be opened.
    """
    release = find_current(data)
    if release is None:
        raise NoRelease(f"Nothing is published in {data} yet: run libris-loader release.")
    write_result(release, QueryRequest(query), name, out, allowed)


def write_result(
    release: Release,
    asked: QueryRequest,
    name: str | None,
    out: IO[bytes],
    allowed: Collection[str] = (),
) -> None:
    """Write a query's result on a release to ``out``. Raises as ``answer``."""
    check_services(asked.query, allowed)
    solutions, graphs = _names(name)
    try:
        store = open_store(release.store)
    except OSError as error:
        raise StartError(f"release {release.number} can't be opened: {error}") from error
    try:
        job = Job(
            asked.query,
            asked.default_graphs,
            asked.named_graphs,
            solutions=solutions,
            graphs=graphs,
            services=tuple(allowed),
        )
        text = open_text(release.path) if may_search(asked.query) else ""
        results, chosen = evaluate(store, job, Indexes(text=text))
        serialize(results, chosen, None, out, lambda: list_namespaces(job))
    except Failed as failed:
        raise translate_failure(failed.failure) from failed
    out.flush()


def _names(name: str | None) -> tuple[str | None, str | None]:
    if name is None:
        return "csv", "ttl"
    one, other = find_format(name, SOLUTIONS), find_format(name, (*GRAPHS, EXPANDED, *DATASETS))
    return one.name if one else None, other.name if other else None
