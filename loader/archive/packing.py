"""Documents on their way into the archive: named, hashed and packed. Knows no archive."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import NamedTuple

from loader.archive.compression import pack


class Arrival(NamedTuple):
    """A document as it arrives; a plain tuple, since they are many.

    graph: IRI of its graph. format: ``jsonld`` (a Libris record) or ``ntriples``.
    payload: canonical JSON, or canonical N-Triples; equal content gives equal bytes.
    datestamp: ``2024-05-01T09:30:00.000000Z`` or None. sets: the setSpecs it came with.
    """

    graph: str
    format: str
    payload: bytes
    main_entity: str | None = None
    datestamp: str | None = None
    sets: tuple[str, ...] = ()


class Packed(NamedTuple):
    """A document as the archive keeps it; a plain tuple, since many go from process to process.

    name: its identifier in the archive. digest: of the content. frame: the payload, compressed.
    """

    name: str
    format: str
    main_entity: str | None
    datestamp: str | None
    digest: bytes
    frame: bytes
    sets: str


def content_hash(payload: bytes) -> bytes:
    """Return the first 16 bytes of the payload's SHA-256."""
    return hashlib.sha256(payload).digest()[:16]


def identifier(arrival: Arrival, source: int) -> str:
    """Return the name of a document: files may say different things in one graph."""
    return arrival.graph if arrival.format == "jsonld" else f"{arrival.graph} {source}"


def packed(
    arrivals: Sequence[Arrival], source: int, dictionary: bytes | None, may_learn: bool
) -> tuple[list[Packed], bytes | None]:
    """Return documents as the archive keeps them, and a new dictionary if they are packed with one.

    Knows no archive, so it can be done anywhere.
    """
    payloads = [arrival.payload for arrival in arrivals]
    frames, learnt = pack(payloads, dictionary, may_learn=may_learn)
    rows = [
        Packed(
            identifier(arrival, source),
            arrival.format,
            arrival.main_entity,
            arrival.datestamp,
            content_hash(arrival.payload),
            frame,
            " ".join(arrival.sets),
        )
        for arrival, frame in zip(arrivals, frames, strict=True)
    ]
    return rows, learnt
