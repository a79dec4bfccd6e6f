"""JSON-LD nodes as Libris writes them: a value may stand alone or in a list.

https://www.w3.org/TR/json-ld11/#sets-and-lists
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any


def nodes(value: object) -> list[dict[str, Any]]:
    """Return the nodes among a property's values."""
    found = value if isinstance(value, list) else [value]
    return [value for value in found if isinstance(value, dict)]


def texts(value: object) -> list[str]:
    """Return the texts among a property's values."""
    found: Iterable[object] = value if isinstance(value, list) else [value]
    return [value for value in found if isinstance(value, str)]


def text(node: dict[str, object], key: str) -> str:
    """Return the first text of a node's property, or the empty one."""
    return next(iter(texts(node.get(key))), "")
