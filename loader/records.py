"""What a provider sends as one record, to the documents that the archive keeps."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from loader import plain
from loader.archive import Arrival, packed
from loader.errors import InputError, TransformError
from loader.json_documents import record
from loader.json_text import decode_document


class Item(NamedTuple):
    """A record, or only its header, as it came; a tuple, since many go from process to process.

    datestamp: UTC, as the archive spells it; None if it can't be read. sets: its setSpecs.
    metadata: the text within it, or the XML of its one element; None if deleted or not asked for.
    attached: texts within ``holding`` and ``auth`` of its ``about``, which are records too.
    """

    identifier: str
    datestamp: str | None
    sets: tuple[str, ...] = ()
    deleted: bool = False
    metadata: bytes | None = None
    attached: tuple[bytes, ...] = ()


@dataclass(frozen=True, slots=True)
class Load:
    """Records to make ready for the archive.

    items: those that are deleted are passed over. prefix: their metadataPrefix. source: their
    provider's number. dictionary: to pack them with. may_learn: a new one may be made.
    """

    items: Sequence[Item]
    prefix: str
    source: int
    dictionary: bytes | None
    may_learn: bool


@dataclass(frozen=True, slots=True)
class Ready:
    """Records as the archive keeps them: columns of ``Packed``.

    Columns go from process to process in a third of the time that rows take.
    learnt: the dictionary that they were packed with, if it is a new one.
    failed: identifier, reason and metadata of those in which there was none.
    """

    packed: tuple[tuple[Any, ...], ...]
    learnt: bytes | None
    failed: list[tuple[str, str, bytes | None]]


def make_ready(load: Load) -> Ready:
    """Read, spell, hash and pack records: all that can be done without the archive."""
    arrivals: list[Arrival] = []
    failed = []
    for item in load.items:
        if item.deleted:
            continue
        try:
            arrivals += read_item(item, load.prefix)
        except TransformError as error:
            failed.append((item.identifier, error.reason, item.metadata))
    rows, learnt = packed(arrivals, load.source, load.dictionary, load.may_learn)
    return Ready(tuple(zip(*rows, strict=True)), learnt, failed)


def read_item(item: Item, prefix: str) -> list[Arrival]:
    """Return the documents in an OAI-PMH record: itself, and records that are attached to it.

    prefix: its metadataPrefix; one that begins with ``jsonld`` has Libris records, any other RDF.
    Raises TransformError if there are none.
    """
    if prefix.startswith("jsonld"):
        return [_libris(item), *(_attached(item) if item.attached else ())]
    return list(_plain(item, prefix))


def _libris(item: Item) -> Arrival:
    metadata = item.metadata or b""
    if not metadata.startswith((b"{", b"[")):
        raise TransformError(
            item.identifier, f"not JSON: {metadata[:200].decode(errors='replace')!r}"
        )
    document = decode_document(metadata, item.identifier)
    arrival = record(document, item.identifier, item.datestamp, item.sets)
    if arrival.graph != item.identifier:
        reason = f"its header names another record than its data, {arrival.graph}"
        raise TransformError(item.identifier, reason)
    return arrival


def _attached(item: Item) -> Iterator[Arrival]:
    """Yield the holdings and authorities that stand in ``about`` as records of their own."""
    for text in item.attached:
        if text.startswith(b"{"):
            yield record(decode_document(text, item.identifier), item.identifier)


def _plain(item: Item, prefix: str) -> Iterator[Arrival]:
    """Yield the RDF of a record in the graph named by its identifier."""
    if not urlsplit(item.identifier).scheme:
        raise TransformError(item.identifier, "the identifier is no IRI, so it can't name a graph")
    content = item.metadata or b""
    extension = ".rdf" if content.startswith(b"<") else f".{prefix.partition('_')[0]}"
    if extension not in plain.FORMATS:
        raise TransformError(item.identifier, f"no RDF that can be read: {content[:200]!r}")
    source = plain.RdfFile(item.identifier, extension, lambda: io.BytesIO(content))
    try:
        for one in plain.read_graphs(source, item.identifier):
            yield Arrival(one.name, "ntriples", one.statements, None, item.datestamp, item.sets)
    except InputError as error:
        raise TransformError(item.identifier, error.reason) from error
