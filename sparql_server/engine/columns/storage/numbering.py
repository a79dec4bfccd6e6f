"""Puts terms as N-Quads has them into the order of columns, and makes the table to find them by."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import chain, compress, repeat
from operator import ne
from typing import Any
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from sparql_server.engine.columns.algebra import Kind
from sparql_server.engine.columns.storage.layout import Array
from sparql_server.engine.columns.storage.nquads import Numbers, Unrepresentable
from sparql_server.engine.columns.storage.numbered_terms import UNKNOWN, seed

_IRI, _IRI_END, _QUOTE = b'<>"'
_STRING = b'"^^<http://www.w3.org/2001/XMLSchema#string>'
_DATE_TIME = b"http://www.w3.org/2001/XMLSchema#dateTime"
_LOAD = 0.6  # how much of the hash table is in use, at most
_EMPTY = -1

# https://www.w3.org/TR/n-quads/#grammar-production-ECHAR and UCHAR
_ESCAPE = re.compile(rb"\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|(.))", re.DOTALL)
_ESCAPED = {b"t": b"\t", b"b": b"\b", b"n": b"\n", b"r": b"\r", b"f": b"\f"}

# https://www.w3.org/TR/xmlschema11-2/#dateTime, as far as Python's datetime goes
_INSTANT = re.compile(
    rb"[0-9]{4}-[0-9]{2}-[0-9]{2}T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]{1,6})?"
    rb"(?:Z|[+-](?:0[0-9]|1[0-3]):[0-5][0-9]|[+-]14:00)"
)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class _Part:
    """The terms of one kind, in order. tags: none, or one to each value.

    numbers: those of ``terms`` in order; ranks: which of the values each of them has.
    """

    values: list[bytes]
    tags: list[bytes]
    numbers: NDArray[np.int64]
    ranks: NDArray[np.int64]


def numbered(terms: Sequence[bytes]) -> tuple[dict[str, Array], dict[str, Any], Numbers]:
    """Return the arrays and facts that ``Terms`` is made from, and the number of each of the terms.

    terms: distinct, as N-Quads has them. Raises Unrepresentable for what isn't a term of RDF 1.1.
    """
    kinds = _kinds(terms)
    parts = [_part(terms, np.flatnonzero(kinds == kind), kind) for kind in Kind]
    names = sorted({tag for part in parts for tag in part.tags})
    index = {name: number for number, name in enumerate(names)}
    bounds = np.cumsum([0, *(len(part.values) for part in parts)]).tolist()
    lengths = _chained((map(len, part.values) for part in parts), np.int64)
    hashes = _chained(map(_hashes, Kind, parts), np.uint32)
    arrays: dict[str, Array] = {
        "offsets": np.concatenate(([0], np.cumsum(lengths))),
        "blob": np.frombuffer(b"".join(value for part in parts for value in part.values), np.uint8),
        "tags": _chained((map(index.__getitem__, part.tags) for part in parts), np.int32),
        "instants": _chained([map(_instant, *_tagged(parts[Kind.TYPED]))], np.int64),
        "slots": _table(hashes),
    }
    numbers = np.empty(len(terms), np.int32)
    for part, first in zip(parts, bounds, strict=False):
        numbers[part.numbers] = part.ranks + first
    return arrays, {"bounds": bounds, "tag_names": [name.decode() for name in names]}, numbers


def _chained(iterables: Iterable[Iterable[int]], kind: type[Any]) -> Array:
    return np.fromiter(chain.from_iterable(iterables), kind)


def _tagged(part: _Part) -> tuple[list[bytes], list[bytes]]:
    return part.values, part.tags


# Kinds


def _kinds(terms: Sequence[bytes]) -> NDArray[np.int8]:
    """Return each term's kind. Raises Unrepresentable for a triple or a base direction."""
    return np.fromiter(map(_kind, terms), np.int8, len(terms))


def _kind(term: bytes) -> Kind:
    if term[0] == _IRI:
        if term[1] == _IRI:
            raise Unrepresentable("it has a triple for a term")
        return Kind.IRI
    if term[0] != _QUOTE:
        return Kind.BLANK
    if term[-1] == _QUOTE or term.endswith(_STRING):
        return Kind.SIMPLE
    if term[-1] == _IRI_END:
        return Kind.TYPED
    if b"--" in term[term.rindex(b'"') :]:
        raise Unrepresentable("it has text with a base direction")
    return Kind.LANGUAGE


def _part(terms: Sequence[bytes], numbers: NDArray[np.int64], kind: Kind) -> _Part:
    values, tags = _split([terms[number] for number in numbers.tolist()], kind)
    keys: list[Any] = list(zip(values, tags, strict=True)) if tags else values
    order = sorted(range(len(keys)), key=keys.__getitem__)
    keys = [keys[place] for place in order]
    # Oxigraph writes a term in one way only; others may write it in several.
    new = np.fromiter(map(ne, keys[1:], keys), bool, max(0, len(keys) - 1))
    ranks = np.concatenate(([0], np.cumsum(new)))[: len(keys)]
    keys = keys[:1] + list(compress(keys[1:], new.tolist()))
    if tags:
        values, tags = [value for value, _ in keys], [tag for _, tag in keys]
    else:
        values = keys
    return _Part(values, tags, numbers[np.array(order, np.int64)], ranks)


def _split(terms: list[bytes], kind: Kind) -> tuple[list[bytes], list[bytes]]:
    """Return values, and tags where this kind has them."""
    if kind == Kind.BLANK:
        return [term[2:] for term in terms], []
    if kind == Kind.IRI:
        return [_unescaped(term[1:-1]) for term in terms], []
    if kind == Kind.SIMPLE:
        return [_unescaped(term[1 : term.rindex(b'"')]) for term in terms], []
    ends = [term.rindex(b'"') for term in terms]
    values = [_unescaped(term[1:end]) for term, end in zip(terms, ends, strict=True)]
    if kind == Kind.LANGUAGE:
        return values, [term[end + 2 :].lower() for term, end in zip(terms, ends, strict=True)]
    return values, [_unescaped(term[end + 4 : -1]) for term, end in zip(terms, ends, strict=True)]


def _unescaped(text: bytes) -> bytes:
    return _ESCAPE.sub(_character, text) if b"\\" in text else text


def _character(escape: re.Match[bytes]) -> bytes:
    code = escape[1] or escape[2]
    return chr(int(code, 16)).encode() if code else _ESCAPED.get(escape[3], escape[3])


def _instant(value: bytes, tag: bytes) -> int:
    """Return the microseconds since 1970 of an xsd:dateTime with a time zone."""
    if tag != _DATE_TIME or not _INSTANT.fullmatch(value):
        return UNKNOWN
    try:
        return (datetime.fromisoformat(value.decode()) - _EPOCH) // _MICROSECOND
    except ValueError:  # the thirtieth of February, the year 0
        return UNKNOWN


# The hash table


def _hashes(kind: Kind, part: _Part) -> Iterable[int]:
    if not part.tags:
        return map(crc32, part.values, repeat(seed(kind)))
    seeds = {tag: seed(kind, tag.decode()) for tag in set(part.tags)}
    return map(crc32, part.values, map(seeds.__getitem__, part.tags))


def _table(hashes: NDArray[np.uint32]) -> Numbers:
    """Return where each term is found: in the slot of its hash, or the next one that was free.

    All take their steps at the same time; of those that come to a free slot the last one gets it.
    """
    slots = np.full(int(len(hashes) / _LOAD) + 2, _EMPTY, np.int32)
    left = np.arange(len(hashes), dtype=np.int32)
    wanted = hashes.astype(np.int64) % len(slots)
    while len(left):
        free = slots[wanted] == _EMPTY
        slots[wanted[free]] = left[free]
        homeless = slots[wanted] != left
        left, wanted = left[homeless], (wanted[homeless] + 1) % len(slots)
    return slots
