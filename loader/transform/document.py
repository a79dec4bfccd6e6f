"""Documents of Libris' JSON-LD: what a record's payload says, before it is made into statements."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from loader.errors import TransformError
from loader.transform.gate import is_valid_iri, repair_iri


@dataclass(frozen=True, slots=True)
class LibrisDocument:
    """A Libris record before transformation.

    identifier: IRI of the Record. main_entity: IRI of the thing it describes.
    nodes: the members of its ``@graph``, the Record and its main entity first.
    """

    identifier: str
    main_entity: str
    nodes: list[Any]


def read_document(record: object, where: str = "record") -> LibrisDocument:
    """Find the Record and its main entity in a decoded JSON document.

    Raises TransformError, with ``where`` for a name, if the document is not a Libris record.
    """
    graph = record.get("@graph") if isinstance(record, dict) else None
    if not isinstance(graph, list):
        raise TransformError(where, 'not a Libris record: no "@graph" list')
    nodes = list(_flatten(graph)) if _is_nested(graph) else graph
    for node in nodes:
        main = node.get("mainEntity") if isinstance(node, dict) else None
        if isinstance(main, dict) and isinstance(main.get("@id"), str):
            return LibrisDocument(_find_identifier(node, where), _repair(main["@id"]), nodes)
    raise TransformError(where, 'not a Libris record: no node has a "mainEntity" with an "@id"')


def _find_identifier(node: Mapping[str, object], where: str) -> str:
    identifier = node.get("@id")
    if not isinstance(identifier, str) or not is_valid_iri(identifier):
        raise TransformError(where, f"the Record's @id is not an absolute IRI: {identifier!r}")
    return identifier


def _repair(iri: str) -> str:
    return iri if is_valid_iri(iri) else repair_iri(iri) or iri


def _is_nested(graph: list[object]) -> bool:
    for node in graph:  # noqa: SIM110 (a generator takes twice as long, and records are many)
        if isinstance(node, dict) and "@graph" in node:
            return True
    return False


def _flatten(graph: list[Any]) -> Iterator[Any]:
    """Yield the nodes of a graph and of the graphs nested in it, as embellished records have."""
    waiting = list(reversed(graph))
    while waiting:
        node = waiting.pop()
        nested = node.get("@graph") if isinstance(node, dict) else None
        # With a context of its own, what it holds means something else: left to the parser.
        if not isinstance(nested, list) or "@context" in node:
            yield node
            continue
        waiting.extend(reversed(nested))
        if node.keys() - {"@graph", "@id"}:
            yield {key: value for key, value in node.items() if key != "@graph"}
