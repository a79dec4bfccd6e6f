"""The remote engine: another endpoint evaluates the queries; limits and promises are ours."""

from __future__ import annotations

import multiprocessing
import re
import time
from dataclasses import replace
from pathlib import Path

from sparql_server.engine.client_connection import Caller
from sparql_server.engine.formats.graph_writer import DATASETS
from sparql_server.engine.handle import Handle, NotNow, Wait, make_finished
from sparql_server.engine.messages import Job, Whole
from sparql_server.engine.query_limits import Limits, Watchdog
from sparql_server.engine.releases import Release
from sparql_server.engine.remote.conversion import write_accept
from sparql_server.engine.remote.dialect import Dialect
from sparql_server.engine.remote.endpoint_state import Watch
from sparql_server.engine.remote.exchange import Endpoint
from sparql_server.engine.remote.own_parser import find_fault
from sparql_server.engine.remote.remote_query import RemoteQuery, read, write_graph_query
from sparql_server.engine.remote.running_query import Inquiry, Order
from sparql_server.engine.status import Status
from sparql_server.engine.turns import Turns
from sparql_server.engine.whole_streams import is_stream
from sparql_server.errors.failures.failure import Failure
from sparql_server.errors.failures.remote_endpoint import make_graph_cut
from sparql_server.sparql.pattern_graph import read_quad_pattern
from sparql_server.sparql.service import rewrite_calls

_MODE = "remote"
_STREAM = 3600.0  # seconds that a store may send everything for: who takes nothing is cut from here
_HUNG = 5.0  # seconds without the end of a query, while as many as may be are under way
_IRI = re.compile(r"[^<>\"{}|^`\\\x00-\x20]+")  # IRIREF, production 139 of SPARQL 1.1


class RemoteEngine:
    """Evaluates queries at another SPARQL 1.1 endpoint, so many at once."""

    def __init__(self, url: str, data: Path, limits: Limits, token: str = "") -> None:
        """Take settings; ``start`` asks the endpoint for the first time.

        data: directory whose current release describes what a store without a marker holds.
        token: a bearer's, or none.
        """
        self._endpoint = Endpoint(url, limits.workers + 1, token)
        self._watch = Watch(self._endpoint, data)
        self._limits = limits
        self._watchdog = Watchdog()
        late = "The endpoint behind this server had as many queries as it gets for"
        self._turns = Turns(limits.queue_timeout, f"{late} {limits.queue_timeout:g} seconds.")
        self._busy = 0
        self._changed = time.monotonic()  # when a query began or ended last

    def start(self) -> None:
        """Ask what the endpoint is and holds, and go on asking."""
        multiprocessing.get_context("forkserver").set_forkserver_preload(
            ["sparql_server.engine.remote.forkserver"]
        )
        self._watchdog.start()
        self._watch.start()

    def stop(self) -> None:
        """Ask no more."""
        self._watch.stop()
        self._watchdog.stop()

    @property
    def release(self) -> Release | None:
        """The release that the endpoint holds, or None if it hasn't been reached yet."""
        return self._watch.release

    def status(self) -> Status:
        """Return how the engine is; queries under way count as busy workers."""
        with self._turns.changed:
            idle = self._limits.workers - self._busy
            wrong = self._watch.wrong or self._hung(time.monotonic())
            return Status(self.release, _MODE, self._busy, idle, self._turns.waiting, wrong)

    def _hung(self, now: float) -> str | None:
        if self._busy < self._limits.workers or now < self._changed + _HUNG:
            return None
        return f"no query has ended for {_HUNG:g} seconds"

    def submit(self, job: Job, caller: Caller, wait: Wait) -> Handle:
        """Have a job evaluated, as ``Engine.submit`` says; each has a thread that waits for it."""
        if wait is not Wait.TURN:
            raise NotNow(again=False)
        failure: Failure | None = None
        if job.graph is None:
            failure = _check_calls(job)
        elif job.graph and not _IRI.fullmatch(job.graph):
            failure = Failure("iri", f"<{job.graph}> is no IRI.")
        elif job.graph and not self._has(job.graph, caller):
            failure = Failure("missing", job.graph)
        else:
            whole = write_graph_query(job.graph, named=job.graphs in DATASETS)
            job = replace(job, query=whole)
        return self._finished(failure) if failure else self._query(job, caller)

    def _finished(self, answer: Whole | Failure) -> Handle:
        release = self.release
        return make_finished(answer, release.number if release else 0, _MODE)

    def _has(self, graph: str, caller: Caller) -> bool:
        job = Job(f"ASK {{ GRAPH <{graph}> {{ ?s ?p ?o }} }}", rows=1)
        handle = self._query(job, caller)
        return handle.wait() is None and b"true" in b"".join(handle)

    def _query(self, job: Job, caller: Caller) -> Handle:
        query = read(job.query)
        if not query.is_passable:
            return self._finished(find_fault(job.query) or Failure("malformed", ""))
        name = job.graphs if query.kind == "graphs" else job.solutions
        if name is None and job.rows is None:
            return self._finished(Failure("unacceptable", query.kind or ""))
        if job.read_only:
            return self._finished(self._read(query, job, name or "rows"))
        began = time.monotonic()
        self._turns.wait_for(self._take_place, caller)
        queued = time.monotonic() - began
        try:
            handle = self._begin(query, job, name, caller)
        except BaseException:
            self._free_place()
            raise
        handle.queued = queued
        return handle

    def _read(self, query: RemoteQuery, job: Job, name: str) -> Whole | Failure:
        """Return what is wrong with a query, or a result without anything in it."""
        said = find_fault(query.with_prefixes(job.base))
        if said is not None:
            return find_fault(job.query) or said
        self._watch.known()
        return Whole(name, b"")

    def _begin(self, query: RemoteQuery, job: Job, name: str | None, caller: Caller) -> Handle:
        dialect, release = self._watch.known()
        _check_row_limit(dialect, query, job.rows)
        written, streams = job.query, is_stream(job)
        quads = read_quad_pattern(written) if name in DATASETS and job.rows is None else None
        if quads:
            query = read(quads.select)
            job = replace(job, query=quads.select)
        seconds = self._limits.seconds_for(job)
        name = name if job.rows is None else None
        asked = max(seconds, _STREAM) if streams else seconds
        order = Order(
            query=written,
            kind=query.kind or "",
            name=name,
            rows=job.rows,
            fields=tuple(dialect.fields(query, job, asked)),
            quads=quads,
            streams=streams,
            accept=write_accept(query.kind or "", name, dialect.readable),
            shift=len(query.with_prefixes(job.base)) - len(query.text),
        )
        inquiry = Inquiry(self._endpoint, order, seconds, caller, self._watchdog, self._free_place)
        inquiry.start()
        return Handle(release.number, _MODE, inquiry)

    def _take_place(self) -> bool | None:
        """Take one of so many places, if one is free; None: none is."""
        if self._busy >= self._limits.workers:
            return None
        self._busy += 1
        self._changed = time.monotonic()
        return True

    def _free_place(self) -> None:
        with self._turns.changed:
            self._busy -= 1
            self._changed = time.monotonic()
            self._turns.changed.notify()


def _check_calls(job: Job) -> Failure | None:
    """Return what is wrong with a query that calls endpoints which it may not; None: nothing."""
    text = rewrite_calls(job.query, job.services)
    if text is None or find_fault(text) is None:
        return None
    return find_fault(job.query) or Failure("service", "")


def _check_row_limit(dialect: Dialect, query: RemoteQuery, rows: int | None) -> None:
    """Raise RemoteFailed where the endpoint might cut a graph without a word.

    Of solutions it says so; of the solutions that a graph is made from it doesn't.
    """
    if dialect.row_limit and query.kind == "graphs" and query.has_pattern and rows is None:
        raise make_graph_cut(dialect.row_limit)
