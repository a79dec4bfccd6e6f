"""Who gets in: how many at once, how many of one client, how often.

Clients are told apart by their address; behind a proxy that the operator trusts, by what it says
of them in X-Forwarded-For.
"""

from __future__ import annotations

import math
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from sparql_server.errors import Busy, StartError, TooManyRequests

Networks = Sequence[IPv4Network | IPv6Network]


def networks(texts: Sequence[str]) -> Networks:
    """Return the networks that an operator names. Raises StartError."""
    try:
        return [ip_network(text, strict=False) for text in texts]
    except ValueError as error:
        raise StartError(f"a trusted proxy is no address and no network: {error}") from error


def client_of(peer: str, forwarded: str | None, trusted: Networks) -> str:
    """Return the address of a client.

    peer: the other end of the connection. forwarded: X-Forwarded-For. Each proxy adds who has asked
    it, so the client is the last one that isn't itself a trusted proxy.

    >>> client_of("10.0.0.1", "6.6.6.6, 192.0.2.7, 10.0.0.2", networks(["10.0.0.0/8"]))
    '192.0.2.7'
    """
    chain = [one.strip() for one in (forwarded or "").split(",") if one.strip()]
    client = peer
    while chain and is_in(client, trusted):
        client = chain.pop()
    return client


def is_in(address: str, trusted: Networks) -> bool:
    """Tell whether an address is one of these networks'."""
    try:
        found = ip_address(address)
    except ValueError:
        return False
    return any(found in network for network in trusted)


class Admission:
    """Counts the queries under way, and the requests of each client.

    places: queries that may be in work or wait at once. client_places: those of one client.
    rate: requests of one client in a minute. 0: any number, for the last two.
    """

    def __init__(self, places: int, client_places: int = 0, rate: int = 0) -> None:
        self._places = places
        self._client_places = client_places
        self._under_way: Counter[str] = Counter()
        self._lock = threading.Lock()
        self._rate = RateLimitItemPerMinute(rate) if rate else None
        self._window = MovingWindowRateLimiter(MemoryStorage())

    def note_request(self, client: str) -> None:
        """Count a request. Raises TooManyRequests."""
        if self._rate and not self._window.hit(self._rate, client):
            error = TooManyRequests(
                f"One client may send {self._rate.amount} requests in a minute.",
                limit=self._rate.amount,
                unit="requests a minute",
            )
            free, _ = self._window.get_window_stats(self._rate, client)
            error.retry_after = max(1, math.ceil(free - time.time()))
            raise error

    def enter(self, client: str, *, at_once: bool = False) -> None:
        """Take a place for a query; ``leave`` gives it back. Raises Busy and TooManyRequests.

        at_once: it is answered already, whatever places there are.
        """
        with self._lock:
            if not at_once and self._under_way.total() >= self._places:
                raise Busy(
                    f"{self._places} queries are in work or wait already.",
                    limit=self._places,
                    unit="queries",
                )
            if 0 < self._client_places <= self._under_way[client]:
                raise TooManyRequests(
                    f"One client may have {self._client_places} queries under way.",
                    limit=self._client_places,
                    unit="queries",
                )
            self._under_way[client] += 1

    def leave(self, client: str) -> None:
        """Give a place back."""
        with self._lock:
            self._under_way[client] -= 1
            if self._under_way[client] <= 0:
                del self._under_way[client]

    @contextmanager
    def place(self, client: str) -> Iterator[None]:
        """Hold a place while the block runs."""
        self.enter(client)
        try:
            yield
        finally:
            self.leave(client)
