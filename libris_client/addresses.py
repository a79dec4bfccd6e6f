"""Addresses of servers, as people write them."""

from __future__ import annotations

from contextlib import suppress
from ipaddress import ip_address
from urllib.parse import urlsplit

from libris_client.errors import Unreachable


def read_address(where: str) -> str | None:
    """Return the address of a server, without the path of its endpoint; None if it is none.

    Raises Unreachable where nothing can be at it.

    >>> read_address(" HTTP://localhost:8080/libris/sparql/")
    'http://localhost:8080/libris'
    """
    scheme, colon, rest = where.strip().partition("://")
    if not colon or scheme.lower() not in ("http", "https"):
        return None
    address = f"{scheme.lower()}://{rest}".rstrip("/").removesuffix("/sparql").rstrip("/")
    with suppress(ValueError):
        if urlsplit(address).hostname:
            return address
    raise Unreachable(f"{where} is no address: it is like http://127.0.0.1:8080")


def is_on_this_machine(url: str) -> bool:
    """Tell whether what is asked at an address never leaves the machine.

    >>> [is_on_this_machine(f"http://{host}") for host in ("[::1]:80", "127.1.2.3", "kb.se")]
    [True, True, False]
    """
    host = urlsplit(url).hostname or ""
    if host == "localhost" or host.endswith(".localhost"):  # RFC 6761, 6.3
        return True
    with suppress(ValueError):
        return ip_address(host).is_loopback
    return False
