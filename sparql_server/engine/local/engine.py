"""The engine that is part of the server: workers on the current release.

One thread watches: which release is current, and whether workers are missing.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Collection
from dataclasses import replace
from pathlib import Path
from typing import Protocol

from sparql_server.engine.client_connection import Caller
from sparql_server.engine.handle import Engine, Handle, Wait, make_finished
from sparql_server.engine.local.crew import START, Crew, CrewError
from sparql_server.engine.local.failed_releases import Attempts
from sparql_server.engine.local.lookups import AtOnce, HeldColumns, prepare
from sparql_server.engine.local.pool import Pool
from sparql_server.engine.local.search_workers import Searching
from sparql_server.engine.local.worker_health import Vitals
from sparql_server.engine.messages import Job
from sparql_server.engine.processes.lifeline import reap_orphans
from sparql_server.engine.processes.privileges import NETWORK, SAFEGUARDS
from sparql_server.engine.query_limits import Limits, Watchdog
from sparql_server.engine.releases import Release, find_current
from sparql_server.engine.status import Status

logger = logging.getLogger(__name__)

_WATCH = 0.2  # seconds between two looks at what there is to do


class Beside(Protocol):
    """Something with processes of its own that the same thread looks after."""

    def start(self) -> None:
        """Begin."""

    def tend(self) -> None:
        """Do what is to be done now."""

    def nurseries(self) -> Collection[int]:
        """Return the processes that it forks others from."""

    def stop(self) -> None:
        """End them."""


class Embedded:
    """Evaluates queries on the current release.

    data: directory with the ``current`` release. confined: whether workers are to have no network.
    beside: what is looked after, too.
    """

    def __init__(
        self, data: Path, limits: Limits, *, confined: bool = True, beside: Beside | None = None
    ) -> None:
        self.beside = beside
        self._data = data
        self._limits = limits
        self._confined = confined
        self._watchdog = Watchdog()
        self._pool = Pool(limits, self._watchdog)
        self._searching = Searching(limits, self._watchdog, confined=confined)
        self._at_once = AtOnce()
        self._ended: Crew | None = None  # whose nursery has ended, which the log has
        self._said = False
        self._attempts = Attempts()
        self._vitals = Vitals(self._pool)
        self._stopped = threading.Event()
        self._rehearse: Callable[[Engine], None] | None = None

    explains = True
    """Whether it takes jobs that ask why a query has no rows."""

    describes_quads = True
    """Whether it knows in which graphs the triples of DESCRIBE stand."""

    def before_each_release(self, rehearse: Callable[[Engine], None]) -> None:
        """Have something done with each release before it is served; it waits for it."""
        self._rehearse = rehearse

    def submit(self, job: Job, caller: Caller, wait: Wait) -> Handle:
        """Have a job evaluated, as ``Engine.submit`` says: looked up here, or by a worker."""
        held = self.columns
        answer = self._at_once.result(job, held)
        if held and answer:
            return make_finished(answer, held.release, held.mode)
        return self._pool.submit(job, caller, wait)

    @property
    def searching(self) -> Engine:
        """The workers that take searches for things."""
        return self._searching.pool

    @property
    def release(self) -> Release | None:
        """The release that the next query is evaluated on."""
        return self._pool.release

    @property
    def columns(self) -> HeldColumns | None:
        """The columns of the release that the next query is evaluated on.

        None where it has none that can be used.
        """
        crew = self._pool.crew
        columns = crew.columns if crew else None
        if crew is None or columns is None:
            return None
        return HeldColumns(crew.release.number, columns, crew.mode)

    @property
    def tells(self) -> bool:
        """Whether it takes jobs that ask what is told of a thing: it has columns."""
        return self.columns is not None

    def status(self) -> Status:
        """Return how the engine is."""
        status = self._pool.status()
        wrong = self._vitals.wrong if status.release else self._attempts.wrong
        crew = self._pool.crew
        return replace(status, wrong=wrong, missing=crew.missing if crew else "")

    def start(self) -> None:
        """Start workers on the current release, if there is one, and watch from now on.

        Whoever calls it must be a thread that stays: processes it starts die with it.
        """
        self._watchdog.start()
        if self.beside:
            self.beside.start()
        self._follow()
        self._searching.follow(self.release)
        threading.Thread(target=self._watch, name="releases", daemon=True).start()
        self._vitals.watch(self._stopped)

    def stop(self) -> None:
        """End all workers."""
        self._stopped.set()
        if self.beside:
            self.beside.stop()
        self._pool.stop()
        self._searching.pool.stop()
        self._watchdog.stop()

    def _watch(self) -> None:
        while not self._stopped.wait(_WATCH):
            try:
                self._follow()
                self._look_after()
                self._searching.follow(self.release)
                if self.beside:
                    self.beside.tend()
                reap_orphans(self._nurseries())
            except Exception:
                logger.exception("cannot follow the current release")

    def _nurseries(self) -> set[int]:
        crews = (self._pool.crew, self._searching.pool.crew)
        others = self.beside.nurseries() if self.beside else ()
        return {crew.nursery.pid for crew in crews if crew} | set(others)

    def _follow(self) -> None:
        """Move to the current release if it is another one."""
        release = find_current(self._data)
        if release is not None and release != self.release and self._attempts.may_try(release):
            self._open(release)

    def _open(self, release: Release) -> None:
        """Serve a release."""
        try:
            crew = Crew(release, self._confined)
            self._make_ready(crew)
            if self._rehearse and (self.release is None or self.release != release):
                coming = Pool(self._limits, self._watchdog)
                coming.switch_to(crew)
                self._rehearse(coming)
        except (CrewError, OSError) as error:
            self._attempts.failed(release, error, served=self.release not in (None, release))
            return
        self._attempts.succeeded()
        if crew.missing and release != self.release:
            logger.warning("release %s has no columns: %s", release.number, crew.missing)
        prepare(crew.columns)
        if self._pool.switch_to(crew):
            logger.info("now serving release %s", release.number)

    def _make_ready(self, crew: Crew) -> None:
        """Start a crew's workers. Raises CrewError, the crew being ended then."""
        try:
            if not crew.nursery.ready(START):
                raise CrewError(f"it isn't ready after {START:g} seconds")
            self._pool.fill(crew)
            if not crew.idle:
                raise CrewError(crew.trouble or "no worker could be started")
            self._say_what_is_missing(crew.idle[-1].safeguards)
        except BaseException:
            crew.close()
            raise

    def _say_what_is_missing(self, safeguards: int) -> None:
        """Log, once, what this system hasn't that would hold a worker which was taken over."""
        wanted = (name for number, name in SAFEGUARDS.items() if not safeguards & number)
        missing = [name for name in wanted if self._confined or name != SAFEGUARDS[NETWORK]]
        if missing and not self._said:
            logger.warning("Workers are held without %s: not on this system.", ", ".join(missing))
        self._said = True

    def _reopen(self, crew: Crew) -> None:
        """Replace a crew whose nursery has ended."""
        if crew is not self._ended:
            self._ended = crew
            logger.error("the workers of release %s have ended", crew.release.number)
        self._open(crew.release)

    def _look_after(self) -> None:
        """Replace workers that are missing, and all of them if their nursery has ended."""
        crew = self._pool.crew
        if crew is None:
            return
        if not crew.nursery.alive():
            if self._attempts.may_try(crew.release):
                self._reopen(crew)
            return
        self._pool.drop_ended(crew)
        if crew.size < self._limits.workers:
            self._pool.fill(crew)
