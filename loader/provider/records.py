"""Records as a provider sends them, converted to the documents that the archive keeps."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from loader.archive.archive import Arrival, identifier, packed
from loader.errors import InputError, TransformError
from loader.files.json_documents import read_record
from loader.files.rdf_files import read_graphs
from loader.files.rdf_formats import FORMATS, RdfFile
from loader.transform.json_text import decode_document, decode_json, expect_unique_keys

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")  # RFC 3986, section 3.1

Failed = tuple[str, str, bytes | None]
"""A record that can't be read: its identifier, the reason, its bytes."""


class Item(NamedTuple):
    """A record, or only its header, as it came; a tuple, since many go from process to process.

    datestamp: UTC, as the archive spells it; None if it can't be read. sets: its setSpecs.
    metadata: the text within it, or the XML of its one element; None if deleted or not asked for.
    attached: texts within ``holding`` and ``auth`` of its ``about``, which are records too.
    fault: why it can't be used, or empty; of such a record metadata is all that came.
    """

    identifier: str
    datestamp: str | None
    sets: tuple[str, ...] = ()
    deleted: bool = False
    metadata: bytes | None = None
    attached: tuple[bytes, ...] = ()
    fault: str = ""


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
    beside: names of those that came with an item which is called otherwise.
    """

    packed: tuple[tuple[Any, ...], ...]
    learnt: bytes | None
    failed: list[Failed]
    beside: frozenset[str] = frozenset()


def keep_newest(items: Iterable[Item]) -> list[Item]:
    """Return the newest version of each record, in the order in which they first came.

    Of versions without datestamps, or with equal ones, the last counts.
    """
    items = list(items)
    if len({item.identifier for item in items}) == len(items):
        return items
    latest: dict[str, Item] = {}
    for item in items:
        known = latest.get(item.identifier)
        if known is None or not (item.datestamp or "~") < (known.datestamp or ""):
            latest[item.identifier] = item
    return list(latest.values())


def make_ready(load: Load) -> Ready:
    """Read, spell, hash and pack records: all that can be done without the archive."""
    arrivals: list[Arrival] = []
    failed: list[Failed] = []
    beside: set[str] = set()
    for item in load.items:
        if item.fault:
            failed.append((item.identifier, item.fault, item.metadata))
        elif not item.deleted:
            for came in _read_documents(item, load.prefix, failed):
                arrivals.append(came)
                if came.graph != item.identifier:
                    beside.add(identifier(came, load.source))
    rows, learnt = packed(arrivals, load.source, load.dictionary, load.may_learn)
    return Ready(tuple(zip(*rows, strict=True)), learnt, failed, frozenset(beside))


def _read_documents(item: Item, prefix: str, failed: list[Failed]) -> list[Arrival]:
    """Return the documents in an OAI-PMH record: itself, and records that are attached to it.

    prefix: its metadataPrefix; one that begins with ``jsonld`` has Libris records, any other RDF.
    failed: what can't be read is added to it.
    """
    documents: list[Arrival] = []
    try:
        documents += (
            [_read_libris(item)] if prefix.startswith("jsonld") else _read_plain(item, prefix)
        )
    except TransformError as error:
        failed.append((item.identifier, error.reason, item.metadata))
    if prefix.startswith("jsonld"):
        for number, text in enumerate(item.attached, 1):
            try:
                documents.append(
                    read_record(decode_document(text, item.identifier), item.identifier)
                )
            except TransformError as error:
                failed.append((f"{item.identifier} about {number}", error.reason, text))
    return documents


def _read_libris(item: Item) -> Arrival:
    metadata = item.metadata or b""
    if not metadata.startswith((b"{", b"[")):
        said = metadata[:200].decode(errors="replace")
        raise TransformError(item.identifier, f"not JSON: {said!r}")
    document = decode_json(metadata, item.identifier)
    arrival = read_record(document, item.identifier, item.datestamp, item.sets)
    # The archive's spelling has all that a document of this shape says, and is made already.
    same = isinstance(document, dict) and document.keys() == {"@graph"}
    expect_unique_keys(metadata, document, item.identifier, arrival.payload if same else None)
    if arrival.graph != item.identifier:
        reason = f"its header names another record than its data, {arrival.graph}"
        raise TransformError(item.identifier, reason)
    return arrival


def _read_plain(item: Item, prefix: str) -> list[Arrival]:
    """Return the RDF of a record in the graph named by its identifier, and in those it names.

    Relative addresses in it are resolved against the identifier.
    """
    content = item.metadata or b""
    file = RdfFile(
        item.identifier, _find_extension(item, prefix), lambda: io.BytesIO(content), item.identifier
    )
    try:
        graphs = list(read_graphs(file, item.identifier))
    except InputError as error:
        raise TransformError(item.identifier, error.reason) from error
    if not graphs:
        raise TransformError(item.identifier, "there is no statement in it")
    return [
        Arrival(graph.name, "ntriples", graph.statements, None, item.datestamp, item.sets)
        for graph in graphs
    ]


def _find_extension(item: Item, prefix: str) -> str:
    """Return what a file of such RDF would be called; raise TransformError if there is none."""
    content = item.metadata or b""
    extension = f".{prefix.partition('_')[0]}"
    if extension not in FORMATS and content.startswith(b"<"):
        extension = ".rdf"
    if extension not in FORMATS:
        raise TransformError(item.identifier, f"no RDF that can be read: {content[:200]!r}")
    if not _SCHEME.match(item.identifier):
        raise TransformError(item.identifier, "the identifier is no IRI, so it can't name a graph")
    return extension
