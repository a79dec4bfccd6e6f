"""The server that clients ask: the one that the server's own tests ask."""

from __future__ import annotations

from tests.server.conftest import server

__all__ = ["server"]
