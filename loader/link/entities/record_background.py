"""Backgrounds in records: nationality and occupation, wherever Libris' agents have them.

Nearly all have ``nationality``; what they do stands most often in ``description``, or behind the
name ("bibliotekarie").
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from loader.link.names.backgrounds import NOTHING, Background, read_backgrounds
from loader.link.names.nations import read_code
from loader.transform.jsonld_nodes import nodes, text, texts

_TEXTS = ("description", "marc:titlesAndOtherWordsAssociatedWithAName")
_NODES = ("hasBiographicalInformation", "hasOccupation", "fieldOfActivity", "title")
_PLACES = ("birthPlace", "associatedPlace")
_KEYS = frozenset({*_TEXTS, *_NODES, *_PLACES, "nationality"})
_LABELS = ("prefLabel", "label", "name", "comment")


def read_background(thing: dict[str, Any]) -> Background:
    """Return the background of a person, as far as the record says it.

    Places say it only if no nationality does: people move.
    """
    if _KEYS.isdisjoint(thing):
        return NOTHING
    said = [value for key in _TEXTS for value in texts(thing.get(key))]
    said += [label for key in _NODES for label in _read_labels(thing.get(key))]
    found = read_backgrounds(said, _read_labels(thing.get("nationality")), ())
    for node in nodes(thing.get("nationality")):
        found |= Background(read_code(str(node.get("@id", "")).rpartition("/")[2]))
    if not found.nations:
        places = [label for key in _PLACES for label in _read_labels(thing.get(key))]
        found |= read_backgrounds((), places, ())
    return found


def _read_labels(value: object) -> Iterator[str]:
    """Yield texts, and labels of nodes; a node of the library's own has one in its address."""
    yield from texts(value)
    for node in nodes(value):
        known = [label for key in _LABELS if (label := text(node, key))]
        by_language = node.get("prefLabelByLang")
        known += texts(list(by_language.values())) if isinstance(by_language, dict) else []
        yield from known or [str(node.get("@id", "")).rpartition("/")[2]]
