"""A release that is not served yet, with whom its answers are tried."""

from __future__ import annotations

from sparql_server.engine.caller import Caller
from sparql_server.engine.local.crew import Crew
from sparql_server.engine.local.pool import Pool
from sparql_server.engine.local.query_run import Errand, Limits
from sparql_server.engine.local.watchdog import Watchdog
from sparql_server.engine.messages import Failure, Job
from sparql_server.engine.releases import Release
from sparql_server.engine.results import Result, Status


class Rehearsal:
    """A release that is not served yet, and the workers that will serve it."""

    def __init__(self, crew: Crew, limits: Limits, watchdog: Watchdog) -> None:
        self.release: Release | None = crew.release
        self._pool = Pool(limits, watchdog)
        self._pool.switch_to(crew)

    def lookup(self, job: Job) -> None:
        """Look nothing up: a release that isn't served yet has no columns."""

    def begin(self, job: Job, caller: Caller, waited: float = 0.0) -> Errand:
        """Give a job to a worker that is free now, as ``Pool.begin`` says."""
        return self._pool.begin(job, caller, waited)

    def evaluate(
        self, job: Job, caller: Caller | None = None, errand: Errand | None = None
    ) -> Result | Failure:
        """Evaluate a job, as ``Pool.evaluate`` says."""
        return self._pool.evaluate(job, caller, errand)

    def status(self) -> Status:
        """Return how its workers are."""
        return self._pool.status()
