"""The admission of requests: how many at once, how many of one client, how often.

Clients are told apart by their address; behind a proxy that the operator trusts, by what it says
of them in X-Forwarded-For. Whoever has an IPv6 address has a whole network of them.
"""

from __future__ import annotations

import math
import re
import threading
import time
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)
from typing import TYPE_CHECKING

from sparql_server.answering.rate import Window
from sparql_server.errors import Busy, StartError, TooManyRequests
from sparql_server.sparql.formats import prefers_html

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

Networks = Sequence[IPv4Network | IPv6Network]

_MAPPED = 96  # bits that an IPv6 address has before the IPv4 address in it
_HOME = 64  # bits of an IPv6 address that tell who has it (RFC 6177)
_LONGEST = 100  # characters of what is no address
# An address as proxies write it: bare, or with a port; of IPv6 in brackets then, or without.
_NODE = re.compile(r"\[(?P<bracketed>[^\]]*)\](?::\d+)?|(?P<v4>[\d.]+):\d+")


def is_plain(environ: WSGIEnvironment, methods: Collection[str] = ("GET",)) -> bool:
    """Tell whether a program asks in one of these ways, and wants nothing of the connection."""
    method = environ["REQUEST_METHOD"]
    return (
        not environ.get("SCRIPT_NAME")
        and method in methods
        and (method == "POST" or "CONTENT_LENGTH" not in environ)
        and "HTTP_UPGRADE" not in environ
        and not prefers_html(environ.get("HTTP_ACCEPT"))
    )


def read_networks(texts: Sequence[str]) -> Networks:
    """Return the networks that an operator names. Raises StartError."""
    try:
        return [_unmap_address(ip_network(text, strict=False)) for text in texts]
    except ValueError as error:
        raise StartError(f"a trusted proxy is no address and no network: {error}") from error


def _unmap_address(network: IPv4Network | IPv6Network) -> IPv4Network | IPv6Network:
    """Return a network of IPv4 addresses that is written as one of IPv6 as what it is."""
    first = getattr(network.network_address, "ipv4_mapped", None)
    bits = network.prefixlen - _MAPPED
    return network if first is None or bits < 0 else IPv4Network((first, bits))


def find_client(peer: str, forwarded: str | None, trusted: Networks) -> str:
    """Return the address of a client.

    peer: the other end of the connection. forwarded: X-Forwarded-For. Each proxy adds who has asked
    it, so the client is the last one that isn't itself a trusted proxy.

    >>> find_client("10.0.0.1", "6.6.6.6, 192.0.2.7, 10.0.0.2", read_networks(["10.0.0.0/8"]))
    '192.0.2.7'
    """
    chain = [address.strip() for address in (forwarded or "").split(",") if address.strip()]
    client = peer
    while chain and is_in(client, trusted):
        client = chain.pop()
    return client


def is_in(address: str, trusted: Networks) -> bool:
    """Tell whether an address is one of these networks'."""
    parsed = _parse_address(address)
    return parsed is not None and any(parsed in network for network in trusted)


def _parse_address(text: str) -> IPv4Address | IPv6Address | None:
    """Return the address in a text, however it is spelt, with a port or without; None: it is none.

    An IPv4 address that is written as an IPv6 one is what it is.
    """
    match = _NODE.fullmatch(text.strip().strip('"'))
    bare = (match["bracketed"] or match["v4"] or "") if match else text.strip()
    try:
        parsed = ip_address(bare.partition("%")[0])  # a zone says by which of our own links it came
    except ValueError:
        return None
    return getattr(parsed, "ipv4_mapped", None) or parsed


def identify_client(client: str) -> str:
    """Return what stands for a client wherever its requests are counted.

    >>> [identify_client(peer) for peer in ("192.0.2.7:4711", "::ffff:192.0.2.7")]
    ['192.0.2.7', '192.0.2.7']
    >>> identify_client("[2001:DB8::1]:80")
    '2001:db8::/64'
    """
    parsed = _parse_address(client)
    if parsed is None:
        return client[:_LONGEST]
    if isinstance(parsed, IPv4Address):
        return str(parsed)
    return str(IPv6Network((parsed, _HOME), strict=False))


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
        self._rate = rate
        self._window = Window(rate) if rate else None

    def note_request(self, client: str) -> None:
        """Count a request. Raises TooManyRequests."""
        if self._window is None:
            return
        wait = self._window.wait(identify_client(client), time.monotonic())
        if wait:
            error = TooManyRequests(
                f"One client may send {self._rate} requests in a minute.",
                limit=self._rate,
                unit="requests a minute",
            )
            error.retry_after = max(1, math.ceil(wait))
            raise error

    def enter(self, client: str, *, at_once: bool = False) -> None:
        """Take a place for a query; ``leave`` gives it back. Raises Busy and TooManyRequests.

        at_once: it is answered already, whatever places there are.
        """
        client = self._named(client)
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
        client = self._named(client)
        with self._lock:
            self._under_way[client] -= 1
            if self._under_way[client] <= 0:
                del self._under_way[client]

    def _named(self, client: str) -> str:
        """Return what a client's places are counted by, if they are counted."""
        return identify_client(client) if self._client_places else ""

    @contextmanager
    def place(self, client: str) -> Iterator[None]:
        """Hold a place while the block runs."""
        self.enter(client)
        try:
            yield
        finally:
            self.leave(client)
