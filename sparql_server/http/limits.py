"""Limits of the HTTP server: connections at a time, and bytes of what goes over them."""

from __future__ import annotations

from sparql_server.settings import MIB

CONNECTIONS = 1000
"""Connections that there may be at a time."""

BUFFER = 64 * 1024
"""Bytes of a request's body, or an answer, that a connection has in memory, not in a file."""

SENDING = 64 * MIB
"""Bytes of answers, not in the cache, that wait in memory to be sent, of all connections."""
