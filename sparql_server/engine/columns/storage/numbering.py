"""Puts terms as N-Quads has them into the order of columns: by kind, by value, by tag.

https://www.w3.org/TR/n-quads/#sec-grammar
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count

import numpy as np
from numpy.typing import NDArray

from sparql_server.engine.columns.algebra import Kind
from sparql_server.engine.columns.storage.byte_strings import Integers, Texts, rank
from sparql_server.engine.columns.storage.layout import Unrepresentable
from sparql_server.engine.columns.storage.nquads import DEFAULT, Numbers

_IRI, _IRI_END, _QUOTE, _BLANK, _BACKSLASH = b'<>"_\\'
_STRING = b"http://www.w3.org/2001/XMLSchema#string"

# https://www.w3.org/TR/n-quads/#grammar-production-ECHAR and UCHAR
_ESCAPE = re.compile(rb"\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|(.))", re.DOTALL)
_ESCAPED = {b"t": b"\t", b"b": b"\b", b"n": b"\n", b"r": b"\r", b"f": b"\f"}

Kinds = NDArray[np.int8]


@dataclass(frozen=True, slots=True)
class SortedTerms:
    """Distinct terms in order.

    kinds: of each. texts: their values. tags: of each the place in ``tag_names``, 0 for what has
    none. tag_names: sorted; languages and the IRIs of datatypes.
    """

    kinds: Kinds
    texts: Texts
    tags: Integers
    tag_names: tuple[bytes, ...]


def number_terms(terms: Sequence[bytes]) -> tuple[SortedTerms, Numbers]:
    """Return terms in order, each once, and the number of each of those that were given.

    The numbers have ``DEFAULT`` at their end, so that it is that of the default graph, too.
    Raises Unrepresentable for what isn't a term of RDF 1.1.
    """
    kinds, texts, tags, names = _split(terms)
    order, ranks = rank(kinds, texts, tags)
    new = np.ones(len(order), np.bool_)
    new[1:] = np.diff(ranks[order]) > 0
    first = order[new]
    numbers = np.append(ranks, DEFAULT).astype(np.int32)
    return SortedTerms(kinds[first], texts.take(first), tags[first], names), numbers


def _split(terms: Sequence[bytes]) -> tuple[Kinds, Texts, Integers, tuple[bytes, ...]]:
    """Return the kinds, values and tags of terms, and the names of the tags."""
    lengths = np.fromiter(map(len, terms), np.int64, len(terms))
    ends = np.cumsum(lengths)
    text = b"".join(terms)
    blob = np.frombuffer(text + bytes(8), np.uint8)
    starts = ends - lengths
    kinds = _find_kinds(blob, starts, ends)
    quotes = np.append(np.flatnonzero(blob[: len(text)] == _QUOTE), 0)
    last = quotes[np.searchsorted(quotes[:-1], ends) - 1]
    names, tags = _number_tags(text, kinds, last, ends)
    strings = (kinds == Kind.TYPED) & (tags == names.get(_STRING, -1))
    kinds[strings], tags[strings] = Kind.SIMPLE, 0
    ranks, sorted_names = _sort_names(names, tags)
    begins = starts + np.where(kinds == Kind.BLANK, 2, 1)
    stops = np.choose(np.minimum(kinds, Kind.SIMPLE), [ends, ends - 1, last])
    texts = _unescape_texts(text, blob, begins, stops - begins)
    return kinds, texts, ranks[tags], sorted_names


def _find_kinds(blob: NDArray[np.uint8], starts: Integers, ends: Integers) -> Kinds:
    first, last = blob[starts], blob[ends - 1]
    if ((first == _IRI) & (blob[starts + 1] == _IRI)).any():
        raise Unrepresentable("it has a triple for a term")
    kinds = np.full(len(starts), Kind.LANGUAGE, np.int8)
    kinds[last == _IRI_END] = Kind.TYPED
    kinds[last == _QUOTE] = Kind.SIMPLE
    kinds[first == _IRI] = Kind.IRI
    kinds[first == _BLANK] = Kind.BLANK
    return kinds


def _number_tags(
    text: bytes, kinds: Kinds, last: Integers, ends: Integers
) -> tuple[dict[bytes, int], Integers]:
    """Return numbers of tags, that of nothing being 0, and each term's."""
    numbers: dict[bytes, int] = {b"": 0}
    following = count(1)
    tags = np.zeros(len(kinds), np.int64)
    for kind, skipped, cut in ((Kind.LANGUAGE, 2, 0), (Kind.TYPED, 4, 1)):
        places = np.flatnonzero(kinds == kind)
        begins, stops = (last[places] + skipped).tolist(), (ends[places] - cut).tolist()
        written = [text[begin:stop] for begin, stop in zip(begins, stops, strict=True)]
        known: dict[bytes, int] = {}
        for name in dict.fromkeys(written):
            if kind == Kind.LANGUAGE and b"--" in name:
                raise Unrepresentable("it has text with a base direction")
            tag = name.lower() if kind == Kind.LANGUAGE else _unescape(name)
            if tag not in numbers:
                numbers[tag] = next(following)
            known[name] = numbers[tag]
        tags[places] = np.fromiter(map(known.__getitem__, written), np.int64, len(written))
    return numbers, tags


def _sort_names(numbers: dict[bytes, int], tags: Integers) -> tuple[Integers, tuple[bytes, ...]]:
    """Return the rank of each tag that is in use, and these tags sorted."""
    used = np.zeros(len(numbers), np.bool_)
    used[tags] = True
    used[0] = False
    names = sorted(name for name, number in numbers.items() if used[number])
    ranks = np.zeros(len(numbers), np.int64)
    ranks[[numbers[name] for name in names]] = np.arange(len(names))
    return ranks, tuple(names)


def _unescape_texts(
    text: bytes, blob: NDArray[np.uint8], begins: Integers, lengths: Integers
) -> Texts:
    """Return values, of which those with a backslash are written anew behind the others."""
    ends = begins + lengths
    slashes = np.flatnonzero(blob == _BACKSLASH)
    escaped = np.flatnonzero(np.searchsorted(slashes, begins) < np.searchsorted(slashes, ends))
    if not len(escaped):
        return Texts(blob, begins, lengths)
    places = zip(begins[escaped].tolist(), ends[escaped].tolist(), strict=True)
    values = [_unescape(text[begin:end]) for begin, end in places]
    lengths = lengths.copy()
    lengths[escaped] = np.fromiter(map(len, values), np.int64, len(values))
    begins = begins.copy()
    begins[escaped] = len(text) + np.cumsum(lengths[escaped]) - lengths[escaped]
    return Texts(np.frombuffer(b"".join([text, *values, bytes(8)]), np.uint8), begins, lengths)


def _unescape(text: bytes) -> bytes:
    return _ESCAPE.sub(_decode, text) if b"\\" in text else text


def _decode(escape: re.Match[bytes]) -> bytes:
    code = escape[1] or escape[2]
    return chr(int(code, 16)).encode() if code else _ESCAPED.get(escape[3], escape[3])
