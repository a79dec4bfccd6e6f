"""The remote engine: another endpoint evaluates the queries; limits and promises are ours."""

from __future__ import annotations

import multiprocessing
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from sparql_server.engine.caller import Caller, Nobody
from sparql_server.engine.formats.graphs import DATASETS
from sparql_server.engine.local.query_run import Limits
from sparql_server.engine.messages import Failure, Job
from sparql_server.engine.releases import Release
from sparql_server.engine.remote.dialect import Dialect
from sparql_server.engine.remote.endpoint_state import Watch
from sparql_server.engine.remote.exchange import Endpoint, Refused
from sparql_server.engine.remote.inquiry import Inquiry, Order
from sparql_server.engine.remote.refusal import complaint
from sparql_server.engine.remote.remote_query import RemoteQuery, read, whole_graph
from sparql_server.engine.results import Result, Status
from sparql_server.errors import Busy, ClientGone, RemoteFailed
from sparql_server.sparql.pattern_graph import quad_pattern
from sparql_server.sparql.service import uncalled

_HUNG = 5.0  # seconds without the end of a query, while as many as may be are under way
_LOOK = 0.25  # seconds between two looks at whether somebody who waits is still there
_IRI = re.compile(r"[^<>\"{}|^`\\\x00-\x20]+")  # IRIREF, production 139 of SPARQL 1.1


class _Slot:
    """One of so many places for queries under way, which is left once."""

    def __init__(self, release: Callable[[], None]) -> None:
        self._release: list[Callable[[], None]] = [release]

    def leave(self) -> None:
        """Leave it, unless somebody has done so: whoever is first, of several threads."""
        with suppress(IndexError):
            self._release.pop()()


class RemoteEngine:
    """Evaluates queries at another SPARQL 1.1 endpoint, so many at once."""

    def __init__(self, url: str, data: Path, limits: Limits) -> None:
        """Take settings; ``start`` asks the endpoint for the first time.

        data: directory whose current release describes what a store without a marker holds.
        """
        self._endpoint = Endpoint(url, limits.workers + 1)
        self._watch = Watch(self._endpoint, data)
        self._limits = limits
        self._slots = threading.Condition()
        self._busy = self._waiting = 0
        self._changed = time.monotonic()  # when a query began or ended last

    def start(self) -> None:
        """Ask what the endpoint is and holds, and go on asking."""
        multiprocessing.get_context("forkserver").set_forkserver_preload(
            ["sparql_server.engine.remote.forkserver"]
        )
        self._watch.start()

    def stop(self) -> None:
        """Ask no more."""
        self._watch.stop()

    @property
    def release(self) -> Release | None:
        """What the endpoint holds, or None if it hasn't been reached yet."""
        return self._watch.release

    @property
    def columns(self) -> None:
        """None: what the endpoint holds isn't here."""
        return None

    def status(self) -> Status:
        """Return how the engine is; queries under way count as busy workers."""
        with self._slots:
            idle = self._limits.workers - self._busy
            wrong = self._watch.wrong or self._hung(time.monotonic())
            return Status(self.release, "remote", self._busy, idle, self._waiting, wrong)

    def _hung(self, now: float) -> str | None:
        if self._busy < self._limits.workers or now < self._changed + _HUNG:
            return None
        return f"no query has ended for {_HUNG:g} seconds"

    def lookup(self, job: Job) -> None:
        """Look nothing up: what the endpoint holds isn't here."""

    def begin(self, job: Job, caller: Caller, waited: float = 0.0) -> None:
        """Begin nothing: each query has a thread that waits for the endpoint."""

    def evaluate(
        self, job: Job, caller: Caller | None = None, errand: None = None
    ) -> Result | Failure:
        """Evaluate a job; return its result once the first bytes are good, or what is wrong.

        Raises Busy, ClientGone, ExtensionRefused, RemoteFailed, TimeLimitExceeded or
        EvaluationFailed. Whoever gets a Result must run its pieces to the end or close them:
        another query can go only then.
        """
        who = caller or Nobody()
        if job.graph is None:
            return _called(job) or self._query(job, who)
        if job.graph and not _IRI.fullmatch(job.graph):
            return Failure("iri", f"<{job.graph}> is no IRI.")
        if job.graph and not self._has(job.graph, who):
            return Failure("missing", job.graph)
        whole = whole_graph(job.graph, named=job.graphs in DATASETS)
        return self._query(replace(job, query=whole), who)

    def _has(self, graph: str, caller: Caller) -> bool:
        found = self._query(Job(f"ASK {{ GRAPH <{graph}> {{ ?s ?p ?o }} }}", rows=1), caller)
        return isinstance(found, Result) and b"true" in b"".join(found.pieces)

    def _query(self, job: Job, caller: Caller) -> Result | Failure:
        query = read(job.query)
        if not query.is_passable:
            return Failure("malformed", complaint(job.query) or "")
        name = job.graphs if query.kind == "graphs" else job.solutions
        if name is None and job.rows is None:
            return Failure("unacceptable", query.kind or "")
        if job.read_only:
            return self._read(query, job, name or "rows")
        limit = min(self._limits.timeout, job.timeout or self._limits.timeout)
        slot = _Slot(self._release)
        queued = self._acquire(caller)
        try:
            inquiry = self._inquiry(query, job, name, limit, slot)
            first = inquiry.first(caller)
            if isinstance(first, str):
                result = Result(first, inquiry.release, "remote", queued)
                result.pieces = self._pieces(inquiry, caller, slot)
                return result
            found = self._explained(job.query, first)
        except BaseException:
            slot.leave()
            raise
        slot.leave()
        return found

    def _read(self, query: RemoteQuery, job: Job, name: str) -> Result | Failure:
        """Return what is wrong with a query, or a result without anything in it."""
        said = complaint(query.with_prefixes(job.base))
        if said is not None:
            return Failure("malformed", complaint(job.query) or said)
        _, release = self._watch.known()
        return Result(name, release.number, "remote")

    def _inquiry(
        self, query: RemoteQuery, job: Job, name: str | None, limit: float, slot: _Slot
    ) -> Inquiry:
        dialect, release = self._watch.known()
        _check_row_limit(dialect, query, job.rows)
        quads = quad_pattern(job.query) if name in DATASETS and job.rows is None else None
        if quads:
            query = read(quads.select)
            job = replace(job, query=quads.select)
        order = Order(
            kind=query.kind or "",
            name=name if job.rows is None else None,
            rows=job.rows,
            fields=tuple(dialect.fields(query, job, limit)),
            is_virtuoso=dialect.is_virtuoso,
            quads=quads,
        )
        return Inquiry(self._endpoint, order, limit, release.number, slot.leave)

    def _pieces(self, inquiry: Inquiry, caller: Caller, slot: _Slot) -> Iterator[bytes]:
        try:
            yield from inquiry.pieces(caller)
        finally:
            inquiry.abandon()
            slot.leave()

    def _acquire(self, caller: Caller) -> float:
        """Wait for one of so many places; return the seconds that took."""
        began = time.monotonic()
        with self._slots:
            self._waiting += 1
            try:
                while self._busy >= self._limits.workers:
                    self._wait(caller, began + self._limits.queue_timeout)
                self._busy += 1
                self._changed = time.monotonic()
            finally:
                self._waiting -= 1
        return time.monotonic() - began

    def _wait(self, caller: Caller, deadline: float) -> None:
        left = deadline - time.monotonic()
        if left <= 0:
            raise Busy(
                "The endpoint behind this server had as many queries as it gets for"
                f" {self._limits.queue_timeout:g} seconds.",
                limit=self._limits.queue_timeout,
                unit="seconds",
            )
        if not self._slots.wait(min(left, _LOOK)) and caller.gone():
            raise ClientGone("The client hung up while it waited.")

    def _release(self) -> None:
        with self._slots:
            self._busy -= 1
            self._changed = time.monotonic()
            self._slots.notify()

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


def _called(job: Job) -> Failure | None:
    """Return what is wrong with a query that calls endpoints which it may not; None: nothing."""
    text = uncalled(job.query, job.services)
    if text is None or complaint(text) is None:
        return None
    said = complaint(job.query)
    return Failure("service", "") if said is None else Failure("malformed", said)


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
