"""The JSON shapes of a Libris record, each converted to the one that is read: ``{"@graph": […]}``.

The record itself, then the thing that it describes, then what else is described. Libris' own
conversions between them: https://github.com/libris/librisxl, ``JsonLd`` (frame and flatten).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

from loader.files.remote_contexts import is_libris

_LINKS = ("mainEntity", "about", "focus")  # from a record to its thing; the last two before 2017
_FORMER_BASE = "http://libris.kb.se"  # of the relative addresses of before 2017
_UNIDENTIFIED = "/some?"  # what had no address then was called by what was known of it
_DEEPEST = 200  # levels of nesting in which addresses of before 2017 are looked for

Node = dict[str, Any]


def find_records(document: object) -> list[Any] | None:
    """Return the Libris records in a document, each with a ``@graph``; None if it has none.

    A list of other things, or of records in several shapes, is taken as a whole.
    """
    if isinstance(document, list):
        flat = _read_flat_list(document)
        if flat:
            return flat
        inner = [None if isinstance(part, list) else find_records(part) for part in document]
        if not any(inner):
            return None
        return [
            record for part, held in zip(document, inner, strict=True) for record in held or [part]
        ]
    if not isinstance(document, dict) or not is_libris(document.get("@context")):
        return None
    for shape in (_read_graph, _read_framed, _read_thing, _read_descriptions):
        if found := shape(document):
            return found
    return None


def _read_graph(document: Node) -> list[Node] | None:
    """Return a record that has the shape already, its graphs in graphs included."""
    nodes = document.get("@graph")
    if not isinstance(nodes, list):
        return None
    # The record comes first as a rule, so that the others need no look.
    is_one = (nodes and _is_record(nodes[0])) or any(map(_is_record, _flatten(nodes)))
    return [document] if is_one else None


def _flatten(nodes: list[object]) -> Iterator[Any]:
    for node in nodes:
        inner = node.get("@graph") if isinstance(node, dict) else None
        if isinstance(inner, list):
            yield from _flatten(inner)
        else:
            yield node


def _is_record(node: Any) -> bool:
    """Tell whether a node links to the thing that it is the record of."""
    return _link(node) is not None and (_is_called_record(node) or "mainEntity" in node)


def _is_called_record(node: Node) -> bool:
    kinds = node.get("@type")
    return "Record" in (kinds if isinstance(kinds, list) else [kinds])


def _link(node: object) -> str | None:
    """Return by which property a node links to a thing with an address."""
    if not isinstance(node, dict):
        return None
    for name in _LINKS:
        thing = node.get(name)
        if isinstance(thing, dict) and isinstance(thing.get("@id"), str):
            return name
    return None


def _read_framed(document: Node) -> list[Node] | None:
    """Return a record that holds its thing."""
    name = _link(document)
    if name is None or not _is_called_record(document):
        return None
    record = {key: value for key, value in document.items() if key != "@context"}
    return [_assemble(record, name, [record[name]])]


def _read_thing(document: Node) -> list[Node] | None:
    """Return a thing that holds its record in ``meta``."""
    meta = document.get("meta")
    if not isinstance(meta, dict) or not isinstance(document.get("@id"), str):
        return None
    if not _is_called_record(meta) and "controlNumber" not in meta:
        return None
    thing = {key: value for key, value in document.items() if key not in ("meta", "@context")}
    return [_assemble(meta | {"mainEntity": {"@id": thing["@id"]}}, "mainEntity", [thing])]


def _read_flat_list(nodes: list[Any]) -> list[Node] | None:
    """Return the records among nodes that lie in one list, with their things and the rest."""
    if not all(isinstance(node, dict) and is_libris(node.get("@context")) for node in nodes):
        return None
    things = {node.get("@id"): node for node in nodes if isinstance(node.get("@id"), str)}
    heads = [node for node in nodes if _is_head(node, things)]
    if not heads:
        return None
    own = {id(head) for head in heads} | {id(things[_find_target(head)]) for head in heads}
    rest = [node for node in nodes if id(node) not in own]
    return [
        _assemble(head, str(_link(head)), [things[_find_target(head)], *rest]) for head in heads
    ]


def _is_head(node: Node, things: dict[object, Node]) -> bool:
    return "@graph" not in node and _is_record(node) and _find_target(node) in things


def _find_target(node: Node) -> str:
    return str(node[str(_link(node))]["@id"])


def _read_descriptions(document: Node) -> list[Node] | None:
    """Return a record in lists called entry, items and quoted, as it was before 2017."""
    lists = document.get("descriptions")
    entry = lists.get("entry") if isinstance(lists, dict) else None
    name = _link(entry)
    if not isinstance(lists, dict) or not isinstance(entry, dict) or name is None:
        return None
    items = lists.get("items")
    quoted = lists.get("quoted")
    nodes = [*(items if isinstance(items, list) else [items])] if items else []
    for node in quoted if isinstance(quoted, list) else []:
        nodes.append(node.get("@graph", node) if isinstance(node, dict) else node)
    return [_assemble(entry, name, nodes)]


def _assemble(record: Node, link: str, nodes: list[object]) -> Node:
    """Return a record in the shape that is read. link: by what it links to the thing."""
    thing = record[link]
    kept = {key: value for key, value in record.items() if key != link}
    parts = [kept | {"mainEntity": {"@id": thing["@id"]}}, *map(_drop_meta(record), nodes)]
    return {"@graph": [_make_absolute(part, 0) for part in parts]}


def _drop_meta(record: Node) -> Any:
    """Return what takes from a thing the link back to its record, which is said already."""
    back = {"@id": record.get("@id")}

    def take(node: object) -> Any:
        if not isinstance(node, dict) or node.get("meta") != back:
            return node
        return {key: value for key, value in node.items() if key != "meta"}

    return take


def _make_absolute(value: object, depth: int) -> Any:
    """Return JSON-LD with addresses of before 2017 made absolute, and unidentified things blank."""
    if depth > _DEEPEST:
        return value
    if isinstance(value, list):
        return [_make_absolute(part, depth + 1) for part in value]
    if not isinstance(value, dict):
        return value
    return {
        key: _make_absolute_address(part) if key == "@id" else _make_absolute(part, depth + 1)
        for key, part in value.items()
    }


def _make_absolute_address(identifier: object) -> Any:
    if not isinstance(identifier, str) or not identifier.startswith("/"):
        return identifier
    if identifier.startswith(_UNIDENTIFIED):
        return f"_:some{hashlib.sha256(identifier.encode()).hexdigest()[:16]}"
    return _FORMER_BASE + identifier
