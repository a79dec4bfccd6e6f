"""The server with the sample, in which names are looked up."""

from __future__ import annotations

from tests.saved.conftest import sample

__all__ = ["sample"]
