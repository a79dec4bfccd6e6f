"""Releases that can't be served: each is tried again after a while, and what is wrong said once."""

from __future__ import annotations

import logging
import time

from sparql_server.engine.releases import Release

logger = logging.getLogger(__name__)

_SOON, _LATER = 5.0, 60.0  # seconds until the next try: while nothing is served, and otherwise


class Attempts:
    """The tries to serve a release that have failed since one did not."""

    def __init__(self) -> None:
        self._refused: Release | None = None
        self._said = ""
        self._next = 0.0

    @property
    def wrong(self) -> str | None:
        """The reason why a release can't be served, in words for everybody."""
        return f"release {self._refused.number} can't be served" if self._refused else None

    def may_try(self, release: Release) -> bool:
        """Tell whether it is time to try a release."""
        return release != self._refused or time.monotonic() >= self._next

    def failed(self, release: Release, error: Exception, *, served: bool) -> None:
        """Note a try that has failed. served: whether there is another release to answer from."""
        said = f"release {release.number} can't be served: {error}"
        if said != self._said:
            logger.error("%s", said)
        self._refused, self._said = release, said
        self._next = time.monotonic() + (_LATER if served else _SOON)

    def succeeded(self) -> None:
        """Note a try that has not."""
        self._refused, self._said = None, ""
