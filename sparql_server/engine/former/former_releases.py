"""Opens former releases: in the thread that watches, as the processes it starts die with it."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Collection
from dataclasses import replace
from pathlib import Path

from sparql_server.engine.client_connection import Caller
from sparql_server.engine.handle import Handle, Wait
from sparql_server.engine.local.crew import START, Crew, CrewError
from sparql_server.engine.local.pool import Pool
from sparql_server.engine.messages import Job
from sparql_server.engine.query_limits import Limits, Watchdog
from sparql_server.engine.releases import Release
from sparql_server.engine.status import Status
from sparql_server.errors import Busy

logger = logging.getLogger(__name__)

_IDLE = 300.0  # seconds without a query after which one is closed
_AGAIN = 60.0  # seconds until one that couldn't be opened is tried again


class FormerRelease:
    """An engine on a former release."""

    explains = True
    describes_quads = True

    def __init__(self, release: Release, pool: Pool) -> None:
        self.release: Release | None = release
        self.pool = pool
        self.asked = time.monotonic()

    def submit(self, job: Job, caller: Caller, wait: Wait) -> Handle:
        """Have a job evaluated, as ``Engine.submit`` says."""
        self.asked = time.monotonic()
        return self.pool.submit(job, caller, wait)

    def status(self) -> Status:
        """Return how the engine is."""
        return self.pool.status()

    def replace_ended(self) -> None:
        """Start a worker in the place of one that has ended."""
        crew = self.pool.crew
        if crew:
            self.pool.drop_ended(crew)
            self.pool.fill(crew)

    @property
    def is_idle(self) -> bool:
        """Whether nobody has asked for long, and nothing is under way."""
        return time.monotonic() - self.asked > _IDLE and not self.pool.status().busy


class FormerReleases:
    """Opens former releases and closes them.

    data: directory with the releases. most: that are open at once; 0: none is.
    """

    def __init__(self, data: Path, limits: Limits, most: int, *, confined: bool = True) -> None:
        self._folder = data / "releases"
        self._limits = replace(limits, workers=1)
        self._most = most
        self._confined = confined
        self._watchdog = Watchdog()
        self._open: dict[int, FormerRelease] = {}
        self._refused: dict[int, float] = {}  # until when, by the monotonic clock
        self._wanted: list[int] = []
        self._changed = threading.Condition()
        self._is_stopped = False

    def has(self, number: int) -> bool:
        """Tell whether a release is kept, and may be opened."""
        return self._most > 0 and self._release(number).store.is_dir()

    def engine(self, number: int) -> FormerRelease | None:
        """Return the engine on a release; wait until it is open. None: it can't be had.

        Raises Busy if others are being opened.
        """
        with self._changed:
            if not self.has(number) or self._is_refused(number):
                return None
            if number not in self._open and number not in self._wanted:
                if len(self._wanted) >= self._most:
                    raise Busy("Other releases are being opened; try again in a moment.")
                self._wanted.append(number)
            deadline = time.monotonic() + START
            while number in self._wanted and not self._is_stopped:
                if not self._changed.wait(deadline - time.monotonic()):
                    raise Busy(f"Release {number} is being opened; try again in a moment.")
            found = self._open.get(number)
            if found:
                found.asked = time.monotonic()
            return found

    def tend(self) -> None:
        """Open what is asked for, and close what isn't; by a thread that stays."""
        with self._changed:
            wanted = self._wanted[:1]
            idle = [number for number, former in self._open.items() if self._is_over(former)]
        for number in idle:
            self._close(number)
        for there in list(self._open.values()):
            there.replace_ended()
        for number in wanted:
            self._make_room()
            former = self._start(self._release(number))
            with self._changed:
                if former:
                    self._open[number] = former
                self._wanted.remove(number)
                self._changed.notify_all()

    def nurseries(self) -> Collection[int]:
        """Return the processes that workers are forked from."""
        crews = (former.pool.crew for former in list(self._open.values()))
        return {crew.nursery.pid for crew in crews if crew}

    def stop(self) -> None:
        """Close all of them."""
        with self._changed:
            self._is_stopped = True
            self._changed.notify_all()
        for former in list(self._open.values()):
            former.pool.stop()
        self._watchdog.stop()

    def start(self) -> None:
        """Begin to watch over queries."""
        self._watchdog.start()

    def _release(self, number: int) -> Release:
        return Release(number, self._folder / f"{number:04}")

    def _is_refused(self, number: int) -> bool:
        return time.monotonic() < self._refused.get(number, 0.0)

    def _is_over(self, former: FormerRelease) -> bool:
        """Tell whether an engine is to be closed: nobody asks, its files are gone, or it ended."""
        crew, release = former.pool.crew, former.release
        is_alive = crew is not None and crew.nursery.alive()
        return former.is_idle or not is_alive or release is None or not release.store.is_dir()

    def _make_room(self) -> None:
        """Close what was asked for longest ago."""
        while len(self._open) >= self._most:
            self._close(min(self._open, key=lambda number: self._open[number].asked))

    def _close(self, number: int) -> None:
        with self._changed:
            former = self._open.pop(number)
        former.pool.switch_to(None)  # what is under way ends where it began

    def _start(self, release: Release) -> FormerRelease | None:
        crew = None
        try:
            crew = Crew(release, self._confined)
            if not crew.nursery.ready(START):
                raise CrewError("its workers don't begin")
            pool = Pool(self._limits, self._watchdog)
            pool.fill(crew)
            if not crew.idle:
                raise CrewError(crew.trouble or "no worker could be started")
        except (CrewError, OSError) as error:
            logger.error("release %s can't be opened: %s", release.number, error)
            if crew:
                crew.close()
            self._refused[release.number] = time.monotonic() + _AGAIN
            return None
        pool.switch_to(crew)
        logger.info("release %s is open, too", release.number)
        return FormerRelease(release, pool)
