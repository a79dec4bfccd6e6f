"""The fixed parts of the description, as the YAML files beside this module have them.

Two tags stand for what the table of formats says: ``!content`` for a content object, ``!formats``
for a list of short names.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import yaml

from sparql_server.sparql.formats import DATASETS, EXPANDED, GRAPHS, SOLUTIONS, Format

Part = dict[str, Any]

_FORMATS = {
    "solutions": SOLUTIONS,
    "graphs": GRAPHS,
    "others": (EXPANDED, *DATASETS),
    "turtle": GRAPHS[:1],
}
_TEXT: Part = {"schema": {"type": "string"}}


@cache
def read(name: str) -> Part:
    """Return the content of a file beside this module, which nobody may change. name: its stem."""
    text = (Path(__file__).parent / f"{name}.yaml").read_text(encoding="utf-8")
    parts: Part = yaml.load(text, Loader=_Loader)
    return parts


def describe_contents(*formats: Format | str) -> Part:
    """Return the content object of a result. formats: those it comes in; of text, media types."""
    return dict(map(_content, formats))


def _content(result_format: Format | str) -> tuple[str, Part]:
    if isinstance(result_format, str):
        return result_format, _TEXT
    media_type = result_format.media_types[0]
    if result_format is SOLUTIONS[0]:
        return media_type, {"schema": {"$ref": "#/components/schemas/SparqlResults"}}
    return media_type, {"schema": {}} if result_format.name in ("jsonld", "expanded") else _TEXT


class _Loader(yaml.SafeLoader):
    """Reads YAML with the two tags."""


def _named_formats(loader: yaml.SafeLoader, node: yaml.SequenceNode) -> list[Format | str]:
    names = loader.construct_sequence(node)
    return [format_ for name in names for format_ in _FORMATS.get(name, (name,))]


def _content_object(loader: yaml.SafeLoader, node: yaml.SequenceNode) -> Part:
    return describe_contents(*_named_formats(loader, node))


def _short_names(loader: yaml.SafeLoader, node: yaml.SequenceNode) -> list[str]:
    formats = _named_formats(loader, node)
    return [format_ if isinstance(format_, str) else format_.name for format_ in formats]


_Loader.add_constructor("!content", _content_object)
_Loader.add_constructor("!formats", _short_names)
