"""Answers from the release that a request names, if that isn't the one that is served."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import Protocol

from sparql_server.answering.answers import Answers
from sparql_server.engine.handle import Engine


class Opener(Protocol):
    """Opens releases."""

    def engine(self, number: int) -> Engine | None:
        """Return an engine on a release; None: it isn't kept. Raises Busy."""


@dataclass(slots=True)
class FormerAnswers:
    """Finds the answers of former releases. opener: None: there are none."""

    opener: Opener | None
    _answers: dict[int, Answers] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def find(self, answers: Answers, wanted: int | None) -> Answers | None:
        """Return the answers of a release; None: it isn't served. wanted: None: the served one."""
        served = answers.release
        if wanted is None or served is None or wanted == served.number:
            return answers
        engine = self.opener.engine(wanted) if self.opener else None
        if engine is None:
            return None
        with self._lock:
            known = self._answers.get(wanted)
            if known is None or known.engine is not engine:
                known = self._answers[wanted] = answers.beside(engine, wanted, places=_PLACES)
            return known


_PLACES = 16  # requests that may be under way, or wait, on a former release
