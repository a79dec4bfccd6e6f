"""Workers that search the text index of a release, apart from those that evaluate queries.

Whoever types waits for no query. They have no store.
"""

from __future__ import annotations

import logging
from dataclasses import replace

from sparql_server.engine.local.crew import START, Crew, CrewError
from sparql_server.engine.local.failed_releases import Attempts
from sparql_server.engine.local.pool import Pool
from sparql_server.engine.query_limits import Limits, Watchdog
from sparql_server.engine.releases import Release
from sparql_server.engine.text import FOLDER

logger = logging.getLogger(__name__)

_WORKERS = 2
_SECONDS = 2.0  # that a search may take, and that it may wait
_MEMORY = 256 * 1024 * 1024  # bytes


class Searching:
    """The pool of those workers. confined: as of ``Embedded``."""

    def __init__(self, limits: Limits, watchdog: Watchdog, *, confined: bool) -> None:
        own = replace(limits, workers=_WORKERS, timeout=_SECONDS, queue_timeout=_SECONDS)
        memory = min(limits.memory, _MEMORY) or _MEMORY
        self.pool = Pool(replace(own, memory=memory), watchdog)
        self._confined = confined
        self._attempts = Attempts()

    def follow(self, release: Release | None) -> None:
        """Search a release from now on, if it is another one; replace workers that are missing."""
        crew = self.pool.crew
        if release is None or not (release.path / FOLDER).is_dir():
            self._stop()
            return
        if crew is None or crew.release != release or not crew.nursery.alive():
            self._open(release)
            return
        self.pool.drop_ended(crew)
        if crew.size < _WORKERS:
            self.pool.fill(crew)

    def _stop(self) -> None:
        """Search nothing: what is served has no index."""
        if self.pool.crew:
            self.pool.switch_to(None)

    def _open(self, release: Release) -> None:
        if not self._attempts.may_try(release):
            return
        crew = None
        try:
            crew = Crew(release, self._confined, text=True)
            if not crew.nursery.ready(START):
                raise CrewError("its workers don't begin")
            self.pool.fill(crew)
        except (CrewError, OSError) as error:
            if crew:
                crew.close()
            self._attempts.failed(release, error, served=self.pool.release is not None)
            return
        self._attempts.succeeded()
        self.pool.switch_to(crew)
