"""The vital signs of the workers: a query of our own is asked where no other was answered."""

from __future__ import annotations

import logging
import threading
import time

from sparql_server.engine.handle import NotNow
from sparql_server.engine.local.pool import Pool
from sparql_server.engine.messages import Job
from sparql_server.errors import NoRelease, RequestError

logger = logging.getLogger(__name__)

_EVERY = 0.5  # seconds between two looks
_FRESH = 1.0  # seconds for which an answer to anybody shows that there are answers
_PATIENCE = 2.0  # seconds for the answer to a question of our own
_HUNG = 5.0  # seconds without an answer, or a worker that could give one
_MEMORY = 10.0  # seconds for which a store counts as damaged after an answer that said so

# Reads a quad and its terms from the store.
_QUESTION = Job("SELECT * { ?s ?p ?o } LIMIT 1", solutions="json", timeout=_PATIENCE)


class Vitals:
    """Knows whether a pool answers queries. wrong: why not, in words for everybody; None: it does.

    What is wrong is logged once, and that it isn't any more.
    """

    def __init__(self, pool: Pool) -> None:
        self.wrong: str | None = None
        self._pool = pool
        self._failed = 0  # questions in a row

    def watch(self, stopped: threading.Event) -> None:
        """Look now and again, in a thread, until it is stopped."""
        threading.Thread(target=self._go_on, args=(stopped,), name="vitals", daemon=True).start()

    def _go_on(self, stopped: threading.Event) -> None:
        while not stopped.wait(_EVERY):
            try:
                self._note(self._look(time.monotonic()))
            except Exception:
                logger.exception("cannot tell whether queries are answered")

    def _note(self, wrong: str | None) -> None:
        before, self.wrong = self.wrong, wrong
        if wrong and not before:
            logger.error("queries are not answered: %s", wrong)
        elif before and not wrong:
            logger.info("queries are answered again")

    def _look(self, now: float) -> str | None:
        if now < self._pool.damaged + _MEMORY:
            return "the store is damaged"
        if now < self._pool.answered + _FRESH:
            self._failed = 0
            return None
        try:
            answered = self._ask()
        except NoRelease:
            return None  # there is nothing to answer from, which the status says
        except NotNow:
            return self._without_worker(now)
        self._failed = 0 if answered else self._failed + 1
        # One may have had the bad luck of a worker that was just killed.
        return "workers give no answer" if self._failed > 1 else None

    def _ask(self) -> bool:
        """Ask the worker that has had nothing to do for longest. Raises NotNow and NoRelease."""
        handle = self._pool.probe(_QUESTION)
        try:
            failure = handle.wait()
        except RequestError:
            return False
        return failure.kind != "damaged" if failure else bool(b"".join(handle))

    def _without_worker(self, now: float) -> str | None:
        if now < max(self._pool.answered, self._pool.started) + _HUNG:
            return self.wrong
        if self._pool.status().busy:
            return f"no worker has given an answer or become free for {_HUNG:g} seconds"
        return "no worker can be started"
