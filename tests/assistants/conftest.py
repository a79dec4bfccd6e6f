"""The server with the sample, which assistants ask."""

from __future__ import annotations

from tests.saved.conftest import sample

__all__ = ["sample"]
