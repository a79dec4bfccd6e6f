"""Lookups in the columns of a release: small answers without a worker, or a hand-over to one."""

from __future__ import annotations

import time
from importlib import import_module
from typing import TYPE_CHECKING, NamedTuple

from sparql_server.engine.messages import Job, Whole

if TYPE_CHECKING:
    from sparql_server.engine.columns.results.lookup import Lookups
    from sparql_server.engine.columns.storage.triples import Columns

_SMALL = 256 * 1024  # bytes of a result: the thread that writes it has others to serve


class HeldColumns(NamedTuple):
    """A release's number, its columns, and what engine has them."""

    release: int
    columns: Columns
    mode: str


class AtOnce:
    """Answers lookups from the columns of one release after the other."""

    def __init__(self) -> None:
        self._latest: tuple[Columns, Lookups] | None = None

    def result(self, job: Job, held: HeldColumns | None) -> Whole | None:
        """Return a job's result if it is a small lookup; held: None if nothing is."""
        if held is None:
            self._latest = None  # or the memory would stay
            return None
        if job.solutions is None or not _is_plain(job):
            return None
        began = time.thread_time()
        answer = self._lookups(held.columns).answer(job.query, job.solutions)
        if answer is None:
            return None
        body, rows = answer
        if len(body) > _SMALL:
            return None
        return Whole(job.solutions, body, time.thread_time() - began, rows)

    def _lookups(self, columns: Columns) -> Lookups:
        latest = self._latest
        if latest is None or latest[0] is not columns:
            from sparql_server.engine.columns.results.lookup import Lookups

            latest = self._latest = (columns, Lookups(columns))
        return latest[1]


def prepare(columns: Columns | None) -> None:
    """Import what looks things up, and numpy with it, if there is anything to look them up in.

    For a thread that may take its time: the one that reads and writes may not.
    """
    if columns is not None:
        import_module("sparql_server.engine.columns.results.lookup")


def _is_plain(job: Job) -> bool:
    """Tell whether a job is a query on the union of all graphs, and nothing else."""
    return (
        job.union
        and job.rows is None
        and job.graph is None
        and job.base is None
        and not job.default_graphs
        and not job.named_graphs
    )
