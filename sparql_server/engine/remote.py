"""The remote engine: another endpoint evaluates the queries; limits and promises are ours."""

from __future__ import annotations

import multiprocessing
import re
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from sparql_server.engine.complaint import complaint
from sparql_server.engine.delivery import Delivery, Order
from sparql_server.engine.dialect import Dialect
from sparql_server.engine.endpoint import Endpoint, Refused
from sparql_server.engine.messages import Failure, Job
from sparql_server.engine.pool import Result
from sparql_server.engine.releases import Release
from sparql_server.engine.remote_query import RemoteQuery, read, whole_graph
from sparql_server.engine.watch import Watch
from sparql_server.errors import Busy, RemoteFailed

_IRI = re.compile(r"[^<>\"{}|^`\\\x00-\x20]+")  # IRIREF, production 139 of SPARQL 1.1


class RemoteEngine:
    """Evaluates queries at another SPARQL 1.1 endpoint, so many at once."""

    def __init__(
        self, url: str, data: Path, workers: int, timeout: float, queue_timeout: float
    ) -> None:
        """Take settings; ``start`` asks the endpoint for the first time.

        data: directory whose current release describes what a store without a marker holds.
        timeout, queue_timeout: seconds.
        """
        self._endpoint = Endpoint(url, workers + 1)
        self._watch = Watch(self._endpoint, data)
        self._slots = threading.Semaphore(workers)
        self._timeout = timeout
        self._queue_timeout = queue_timeout

    def start(self) -> None:
        """Ask what the endpoint is and holds, and go on asking."""
        multiprocessing.get_context("forkserver").set_forkserver_preload(
            ["sparql_server.engine.forkserver"]
        )
        self._watch.start()

    def stop(self) -> None:
        """Ask no more."""
        self._watch.stop()

    @property
    def release(self) -> Release | None:
        """What the endpoint holds, or None if it hasn't been reached yet."""
        return self._watch.release

    def evaluate(self, job: Job) -> Result | Failure:
        """Evaluate a job; return its result once the first bytes are good, or what is wrong.

        Raises Busy, ExtensionRefused, RemoteFailed, TimeLimitExceeded or EvaluationFailed. Whoever
        gets a Result must run its pieces to the end or close them: another query can go only then.
        """
        if job.graph is None:
            return self._query(job)
        if job.graph and not _IRI.fullmatch(job.graph):
            return Failure("iri", f"<{job.graph}> is no IRI.")
        if job.graph and not self._has(job.graph):
            return Failure("missing", job.graph)
        return self._query(replace(job, query=whole_graph(job.graph)))

    def _has(self, graph: str) -> bool:
        found = self._query(Job(f"ASK {{ GRAPH <{graph}> {{ ?s ?p ?o }} }}", rows=1))
        return isinstance(found, Result) and b"true" in b"".join(found.pieces)

    def _query(self, job: Job) -> Result | Failure:
        query = read(job.query)
        if not query.is_passable:
            return Failure("malformed", "this is no query")
        name = job.graphs if query.kind == "graphs" else job.solutions
        if name is None and job.rows is None:
            return Failure("unacceptable", query.kind or "")
        limit = min(self._timeout, job.timeout or self._timeout)
        self._acquire()
        try:
            delivery = self._delivery(query, job, name, limit)
            first = delivery.first()
            if isinstance(first, str):
                return Result(first, delivery.release, self._pieces(delivery))
            found = self._explained(job.query, first)
        except BaseException:
            self._slots.release()
            raise
        self._slots.release()
        return found

    def _delivery(self, query: RemoteQuery, job: Job, name: str | None, limit: float) -> Delivery:
        dialect, release = self._watch.known()
        _check_row_limit(dialect, query, job.rows)
        order = Order(
            kind=query.kind or "",
            name=name if job.rows is None else None,
            rows=job.rows,
            fields=tuple(dialect.fields(query, job, limit)),
            is_virtuoso=dialect.is_virtuoso,
        )
        return Delivery(self._endpoint, order, limit, release.number)

    def _pieces(self, delivery: Delivery) -> Iterator[bytes]:
        try:
            yield from delivery.pieces()
        finally:
            delivery.abandon()
            self._slots.release()

    def _acquire(self) -> None:
        if not self._slots.acquire(timeout=self._queue_timeout):
            raise Busy(
                "The endpoint behind this server had as many queries as it gets for"
                f" {self._queue_timeout:g} seconds.",
                limit=self._queue_timeout,
            )

    def _explained(self, query: str, refused: Refused) -> Failure:
        """Return what is wrong with a query that the endpoint has refused."""
        said = complaint(query)
        if said is not None:
            return Failure("malformed", said)
        raise RemoteFailed(
            "The endpoint behind this server can't answer this query, although it is SPARQL 1.1"
            f" (HTTP {refused.status}).",
            remote_status=refused.status,
        )


def _check_row_limit(dialect: Dialect, query: RemoteQuery, rows: int | None) -> None:
    """Raise RemoteFailed where the endpoint might cut a graph without a word.

    Of solutions it says so; of the solutions that a graph is made from it doesn't.
    """
    if dialect.row_limit and query.kind == "graphs" and query.has_pattern and rows is None:
        raise RemoteFailed(
            "The endpoint behind this server makes graphs from no more than"
            f" {dialect.row_limit:,} solutions and doesn't say when it has left some out.",
            limit=dialect.row_limit,
        )
