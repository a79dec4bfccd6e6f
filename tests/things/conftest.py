"""The server with the sample, which tells of things."""

from __future__ import annotations

from tests.saved.conftest import sample

__all__ = ["sample"]
