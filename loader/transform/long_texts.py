"""Texts that are too long for the JSON-LD parser: set aside, and put back where it is past.

Its buffer ends at half of what the store can take of a text.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import uuid4

from loader.transform.json_text import decode_json, encode_json

_LONG = 1_000_000  # characters


def set_aside(nodes: Sequence[object]) -> tuple[list[Any], dict[str, str]]:
    """Return nodes with marks in the place of long texts, and the text of each mark.

    A mark is valid nowhere but in a literal.
    """
    copied: list[Any] = decode_json(encode_json(nodes), "record")
    texts: dict[str, str] = {}
    waiting: list[Any] = [copied]
    while waiting:
        container = waiting.pop()
        places = container if isinstance(container, dict) else range(len(container))
        for place in places:
            member = container[place]
            if isinstance(member, dict | list):
                waiting.append(member)
            elif isinstance(member, str) and len(member) > _LONG:
                mark = f"{{{uuid4()} }}"
                texts[mark] = member
                container[place] = mark
    return copied, texts
