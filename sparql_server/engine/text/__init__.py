"""The text index of a release: things by their names, texts by their words.

Knows tantivy, and how people write words and search expressions. It asks no store.
"""

from __future__ import annotations

import re

_MARK = re.compile(r"bif:|jena\.apache\.org/text#|\btext:")

FOLDER = "text"
"""The folder of a release that has its text index."""

SCHEMA = "schema.json"
"""The file of a release that has its classes and properties."""


def may_search(query: str) -> bool:
    """Tell whether a query may search texts; it takes no time where it doesn't."""
    return _MARK.search(query) is not None
