"""What others notice of an attack: how long they wait, whether they are answered, what it takes."""

from __future__ import annotations

import http.client
import re
import statistics
import threading
import time
import urllib.request
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

from tests.attack.sending import HOST
from tests.server.conftest import NUMBERS, Server
from tests.server.processes import children

PAUSE = 0.05  # seconds between two requests
PATIENCE = 30.0  # seconds after which nobody waits any more
_BOUND = re.compile(r"^(libris_memory_bound_bytes|libris_memory_limit_bytes) (\S+)$", re.MULTILINE)


@dataclass
class Seen:
    """What was seen. queries, healths: seconds each. memory, others: bytes of the server's process
    and of its children, at most. bound: bytes that the server says it takes at most; None: it
    doesn't say. wrong: what must not be."""

    queries: list[float] = field(default_factory=list)
    healths: list[float] = field(default_factory=list)
    memory: int = 0
    others: int = 0
    bound: float | None = None
    wrong: list[str] = field(default_factory=list)

    @property
    def query_median(self) -> float:
        """The median of a cheap query, seconds."""
        return statistics.median(self.queries or [0.0])

    @property
    def health_median(self) -> float:
        """The median of /health, seconds."""
        return statistics.median(self.healths or [0.0])


class Observer:
    """Honest clients beside an attack. honest: statuses that they may get, beside 200."""

    def __init__(self, server: Server, honest: frozenset[int] = frozenset()) -> None:
        self.seen = Seen()
        self._server = server
        self._honest = honest | {200}
        self._over = threading.Event()
        self._asked = 0
        actions: list[Callable[[], None]] = [self._query, self._health, self._weigh]
        self._threads = [
            threading.Thread(target=self._repeat, args=(action,)) for action in actions
        ]

    def __enter__(self) -> Seen:
        """Begin to look."""
        for thread in self._threads:
            thread.start()
        return self.seen

    def __exit__(self, *_: object) -> None:
        """Look no more."""
        self._over.set()
        for thread in self._threads:
            thread.join()
        self.seen.bound = bound(self._server)

    def is_content(self) -> bool:
        """Look once; tell whether all is as it must be where nobody attacks."""
        with suppress(OSError, http.client.HTTPException):
            self._query()
            self._health()
            return not self.seen.wrong
        return False

    def _repeat(self, action: Callable[[], None]) -> None:
        while True:
            try:
                action()
            except (OSError, http.client.HTTPException, ValueError) as error:
                self.seen.wrong.append(f"{action.__name__.strip('_')}: {error!r}")
            if self._over.wait(PAUSE):
                return

    def _query(self) -> None:
        self._asked += 1
        number = self._asked % NUMBERS
        query = f"SELECT ?x {{ <urn:n{number}> <urn:is> ?x }}"
        path = f"/sparql?{urlencode({'query': query, 'format': 'csv'})}"
        status, body, seconds = self._get(path)
        self.seen.queries += waits(seconds)
        if status not in self._honest or (status == 200 and body != b"x\r\n%d\r\n" % number):
            self.seen.wrong.append(f"query: {status} {body[:200]!r}")

    def _health(self) -> None:
        status, body, seconds = self._get("/health")
        self.seen.healths += waits(seconds)
        if status not in self._honest:
            self.seen.wrong.append(f"health: {status} {body[:200]!r}")

    def _get(self, path: str) -> tuple[int, bytes, float]:
        began = time.monotonic()
        connection = http.client.HTTPConnection(HOST, self._server.port, timeout=PATIENCE)
        with closing(connection):
            connection.request("GET", path)
            response = connection.getresponse()
            return response.status, response.read(), time.monotonic() - began

    def _weigh(self) -> None:
        pid = self._server.process.pid
        self.seen.memory = max(self.seen.memory, resident(pid, "VmRSS"))
        others = sum(resident(child, "RssAnon") for child in children(pid))
        self.seen.others = max(self.seen.others, others)
        if self._server.process.poll() is not None:
            raise ValueError("the server has ended")


def waits(seconds: float) -> list[float]:
    """Return how long those would have waited who came while one did.

    A client that waits asks nothing else: else a minute without an answer would be one wait only,
    among hundreds.
    """
    return [seconds - after * PAUSE for after in range(int(seconds / PAUSE) + 1)]


def resident(pid: int, name: str) -> int:
    """Return bytes that a process has in memory. name: as /proc/PID/status has it."""
    with suppress(OSError):
        match = re.search(rf"^{name}:\s+(\d+)", Path(f"/proc/{pid}/status").read_text(), re.M)
        return int(match[1]) * 1024 if match else 0
    return 0


def bound(server: Server) -> float | None:
    """Return the bytes that the server says its own process takes at most, if it says."""
    with suppress(OSError), urllib.request.urlopen(f"{server.address}/metrics") as metrics:
        match = _BOUND.search(metrics.read().decode())
        return float(match[2]) if match else None
    return None
