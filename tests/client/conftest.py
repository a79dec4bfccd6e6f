from __future__ import annotations

from tests.tables.conftest import folder, published, serving

__all__ = ["folder", "published", "serving"]
