"""Finished results, kept while their release is served; and queries that are being evaluated.

Large bodies are counted as long as anybody has them: one that has left the cache and is still being
sent takes the place of others.

Equal queries that come together are evaluated once: the first leads, the others wait for what it
finds, or for the news that it is more than can be waited for.
"""

from __future__ import annotations

import sys
import threading
import time
from dataclasses import dataclass, field, replace

from cachetools import LRUCache

from sparql_server.budget import Body, Budget, count_in
from sparql_server.engine.client_connection import Caller
from sparql_server.errors import ClientGone, RequestError

ENTRY_SHARE = 16  # no result takes more than this part of the cache
ARRIVING = 4  # the cache's size, by the bytes that results have while they come
LARGE = 64 * 1024
"""Bytes from which a body is counted by itself; and one of an entry is sent from where it lies."""

_OVERHEAD = 1200  # bytes that an entry takes beside its body: key, tag, times, places in tables
_LOOK = 0.25  # seconds between two looks at whether somebody who waits is still there

Key = tuple[int, bytes]
"""Release, and a digest of all of the request that the bytes of the result depend on."""


@dataclass(frozen=True, slots=True)
class Stored:
    """A finished result.

    format: its name. rows: as of ``Result``. tag: its entity tag. made: monotonic clock.
    """

    release: int
    format: str
    body: bytes
    rows: int | None
    tag: str
    made: float = field(default_factory=time.monotonic)

    @property
    def age(self) -> int:
        """Whole seconds since it was evaluated."""
        return int(time.monotonic() - self.made)


@dataclass(slots=True)
class Flight:
    """A query that is being evaluated.

    stored: its result. error: why there is none, if others would fare alike. large: there will be
    one, but it is too large to be waited for. under_way: held until it is over. Not an Event: to
    make one takes longer than all else that a query has to do with the cache.
    """

    stored: Stored | None = None
    large: bool = False
    error: RequestError | None = None
    under_way: threading.Lock = field(default_factory=threading.Lock)

    def wait(self, caller: Caller) -> Stored | None:
        """Wait until it is over; return what it found. Raises its error, and ClientGone."""
        while not self.under_way.acquire(timeout=_LOOK):
            if caller.gone():
                raise ClientGone("The client hung up while it waited.")
        self.under_way.release()  # for the next one who waits
        if self.error:
            raise self.error
        return self.stored


@dataclass(frozen=True, slots=True)
class CacheStatus:
    """The figures of a cache: what it holds, and how often that was asked for."""

    entries: int
    bytes: int
    hits: int
    misses: int


class ResultCache:
    """Keeps results up to so many bytes in all; those asked for last stay longest."""

    def __init__(self, size: int) -> None:
        """size: bytes; 0 keeps nothing."""
        self.size = size
        self.entry_size = size // ENTRY_SHARE
        self.arriving = Budget(size // ARRIVING)
        self._bodies = Budget(size)
        self._body = count_in(self._bodies)
        self._stored: LRUCache[Key, Stored] = LRUCache(max(size, 1), _weigh)
        self._flights: dict[Key, Flight] = {}
        self._lock = threading.Lock()
        self._hits = self._misses = 0

    def get(self, key: Key) -> Stored | None:
        """Return a result that is kept."""
        with self._lock:
            stored: Stored | None = self._stored.get(key)
            if stored is None:
                self._misses += 1
            else:
                self._hits += 1
            return stored

    def peek(self, key: Key) -> Stored | None:
        """Return a result that is kept, without it counting as asked for."""
        with self._lock:
            stored: Stored | None = self._stored.get(key)
            return stored

    def miss(self, key: Key | None) -> None:
        """Count a result as asked for and not found, if it is one that could be kept."""
        if key:
            with self._lock:
                self._misses += 1

    def put(self, key: Key, stored: Stored) -> Stored:
        """Keep a result, unless it is too large; return it with the body that is kept."""
        if len(stored.body) + _OVERHEAD > self.entry_size:
            return stored
        with self._lock:
            if key in self._stored:
                del self._stored[key]
            if self._make_room(len(stored.body) + _OVERHEAD):
                stored = self._count_body(stored)
                self._stored[key] = stored
        return stored

    def _make_room(self, size: int) -> bool:
        """Drop what was asked for longest ago until so many bytes are free; tell whether they are.

        They are not if too many are still being sent.
        """
        while self._bytes + size > self.size:
            if not self._stored:
                return False
            self._stored.popitem()
        return True

    @property
    def _bytes(self) -> int:
        return int(self._stored.currsize) + self._bodies.used

    def _count_body(self, stored: Stored) -> Stored:
        if len(stored.body) < LARGE or not self._bodies.take(len(stored.body)):
            return stored
        return replace(stored, body=self._body(stored.body))

    def drop_others(self, release: int) -> None:
        """Forget the results of other releases than this one."""
        with self._lock:
            for key in [key for key, stored in self._stored.items() if stored.release != release]:
                del self._stored[key]

    def board(self, key: Key) -> tuple[Flight, bool]:
        """Return the flight for a query, and whether the caller leads it and so must land it."""
        with self._lock:
            if key in self._flights:
                return self._flights[key], False
            flight = self._flights[key] = Flight()
            flight.under_way.acquire()
            return flight, True

    def land(self, key: Key, flight: Flight) -> None:
        """End a flight that the caller leads; what it has found stands in it."""
        with self._lock:
            del self._flights[key]
        flight.under_way.release()

    def status(self) -> CacheStatus:
        """Return how the cache is."""
        with self._lock:
            return CacheStatus(len(self._stored), self._bytes, self._hits, self._misses)


def _weigh(stored: Stored) -> int:
    """Return the bytes that an entry takes, without a body that is counted by itself."""
    own = 0 if isinstance(stored.body, Body) else sys.getsizeof(stored.body)
    return own + _OVERHEAD
