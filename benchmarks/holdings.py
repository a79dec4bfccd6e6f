"""Generated holdings: which library has a title, and where."""

from __future__ import annotations

import random
from typing import Any

from shapes import (
    LIBRARIES,
    Node,
    blank,
    document,
    id_kb,
    labelled,
    link,
    record_node,
    sentence,
    several,
    thing_node,
)

MOST = 5  # holdings of one title
_FIRST = 10_000_000
_CODES = ("acquisitionMethod", "lendingPolicy", "reproductionPolicy")


def holdings(rng: random.Random, title: int, instance: str) -> list[Node]:
    """Return the records of one to five libraries that have this Instance."""
    count = 1 + several(rng, 1.1, MOST - 1)
    libraries = rng.sample(LIBRARIES, count)
    return [
        _holding(rng, _FIRST + MOST * title + place, library, instance)
        for place, library in enumerate(libraries)
    ]


def _holding(rng: random.Random, number: int, library: str, instance: str) -> Node:
    record = record_node(rng, "hold", number) | _holding_codes(rng)
    thing = thing_node("hold", number, "Item")
    thing["heldBy"] = link(f"https://libris.kb.se/library/{library}")
    thing["itemOf"] = link(instance)
    thing["marc:completeness"] = id_kb(f"marc/CompletenessType-{rng.randint(1, 4)}")
    if rng.random() < 0.5:
        thing |= {f"marc:{code}": {"code": rng.choice("uabc")} for code in _CODES}
    if rng.random() < 0.8:
        thing["shelfMark"] = labelled("ShelfMark", f"{sentence(rng, 1, 1)[:4]} {number % 977}")
        thing["shelfControlNumber"] = str(rng.randrange(10_000))
    if rng.random() < 0.3:
        thing["physicalLocation"] = [sentence(rng, 1, 2)]
    thing["hasComponent"] = [_copy(rng, thing["heldBy"]) for _ in range(several(rng, 1.7, 12))]
    return document(record, thing)


def _holding_codes(rng: random.Random) -> dict[str, Any]:
    codes: dict[str, Any] = {"marc:holdingType": "marc:SinglePartItemHolding"}
    if rng.random() < 0.5:
        codes["marc:statistics"] = {"code": "a"}
    return codes


def _copy(rng: random.Random, library: Node) -> Node:
    shelf = labelled("ShelfMark", f"{sentence(rng, 1, 1)} {rng.randrange(1000)}")
    return blank("Item", heldBy=library, physicalLocation=[sentence(rng, 1, 2)], shelfMark=shelf)
