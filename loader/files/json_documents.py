"""The documents in a file of JSON: Libris records in any of their shapes, and other JSON-LD."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from loader.archive.archive import Arrival
from loader.dates import to_utc
from loader.errors import InputError, TransformError
from loader.files import json_shapes
from loader.files.faults import Mended, Unreadable
from loader.files.json_files import Value
from loader.files.rdf_files import Reader
from loader.files.remote_contexts import find_nodes, give_contexts
from loader.transform.document import LibrisDocument, read_document
from loader.transform.json_text import encode_canonically, encode_json, expect_unique_keys
from loader.transform.losses import find_losses

_CONTEXT = b'"@context"'
_SHOWN = 3  # keys that a message names
_NO_STATEMENT = {"@context", "@id", "@graph", "@included"}


def read_record(
    document: Any, location: str, datestamp: str | None = None, sets: tuple[str, ...] = ()
) -> Arrival:
    """Return a Libris record, its content spelt so that equal content has equal bytes.

    datestamp: by default the Record's ``modified``.
    Raises TransformError, with ``location`` for a name, if it isn't one, or more than one.
    """
    if not isinstance(document, dict) or "@graph" not in document:
        found = json_shapes.find_records(document)
        document = found[0] if found is not None and len(found) == 1 else document
    libris = read_document(document, location)
    beside = {key: value for key, value in document.items() if key not in ("@context", "@graph")}
    says_more = beside.keys() - {"@id"} or not isinstance(beside.get("@id", ""), str)
    nodes = document["@graph"] + ([beside] if says_more else [])
    payload = encode_canonically({"@graph": nodes}, location)
    when = datestamp or _find_datestamp(libris.nodes, libris)
    return Arrival(libris.identifier, "jsonld", payload, libris.main_entity, when, sets)


def _find_datestamp(nodes: list[object], found: LibrisDocument) -> str | None:
    """Return the Record's ``modified`` in UTC, or None if it has none that can be read."""
    for node in nodes:
        if isinstance(node, dict) and node.get("@id") == found.identifier:
            try:
                return to_utc(node["modified"])
            except (AttributeError, KeyError, TypeError, ValueError):
                return None
    return None


@dataclass(slots=True)
class JsonDocuments:
    """Sorts the values of one file: records are documents, the rest goes to a reader of RDF.

    reader: gets JSON-LD, and has it by graph in the end.
    """

    name: str
    reader: Reader
    _contexts: dict[str, Any] = field(default_factory=dict)  # given in the file, by their names

    def take(self, value: Value) -> Iterator[Arrival | Unreadable]:
        """Yield the records in a value, or why nothing in it can be read."""
        place = f"{self.name}:{value.line}"
        try:
            yield from self._sort(value, place)
        except (InputError, TransformError) as error:
            yield Unreadable(place, error.reason, value.text)

    def _sort(self, value: Value, place: str) -> Iterator[Arrival | Unreadable]:
        if value.reason is not None:
            raise TransformError(place, value.reason)
        records = json_shapes.find_records(value.content)
        if records and records[0] is value.content and value.content.keys() == {"@graph"}:
            # The archive's spelling has all that a document of this shape says, and is made anyway.
            arrival = read_record(value.content, place)
            expect_unique_keys(value.text, value.content, place, arrival.payload)
            yield arrival
            return
        expect_unique_keys(value.text, value.content, place)
        if records is not None:
            yield from _read_records(records, place, value)
        elif not self._is_context(value.content):
            self._add(value, place)

    def _is_context(self, content: object) -> bool:
        """Take a context by itself for what later documents name, as a dump of Libris begins."""
        if not isinstance(content, dict) or not {"@context"} <= content.keys() <= {
            "@context",
            "@id",
        }:
            return False
        self._contexts[str(content.get("@id"))] = content["@context"]
        return True

    def _add(self, value: Value, place: str) -> None:
        content = value.content
        if _CONTEXT in value.text:
            content = give_contexts(content, place, self._contexts)
        else:
            _expect_expanded(content, place)
        text = encode_json(content, place)
        passed_over = find_losses([content], libris=False)
        if self.reader.add_json(text, place):
            for problem in passed_over:
                self.reader.note(Mended(place, problem.kind, problem.value))
        elif passed_over or _says_something(content):
            raise TransformError(place, "no statement in it: its context explains none of its keys")


def _read_records(
    records: list[object], place: str, value: Value
) -> Iterator[Arrival | Unreadable]:
    for number, document in enumerate(records):
        location = f"{place}#{number}" if len(records) > 1 else place
        try:
            yield read_record(document, location)
        except TransformError as error:
            yield Unreadable(location, error.reason, value.text if len(records) == 1 else None)


def _expect_expanded(content: object, place: str) -> None:
    """Raise TransformError if JSON without a context has keys that would need one."""
    terms = [term for node in find_nodes(content) for term in _list_terms(node)]
    if isinstance(content, dict | list) and not terms:
        return
    shown = ", ".join(dict.fromkeys(terms[:_SHOWN])) or type(content).__name__
    raise TransformError(
        place,
        f'neither a Libris record nor JSON-LD with a "@context" that says what this means: {shown}',
    )


def _list_terms(node: dict[str, object]) -> Iterator[str]:
    """Yield the keys and types of a node that are no IRIs."""
    kinds = node.get("@type")
    for term in (*node, *(kinds if isinstance(kinds, list) else [kinds])):
        if isinstance(term, str) and not term.startswith("@") and ":" not in term:
            yield term


def _says_something(content: object) -> bool:
    return any(node.keys() - _NO_STATEMENT for node in find_nodes(content))
