"""The statements of a store, graph after graph: for releases that have no columns."""

from __future__ import annotations

import re
from collections.abc import Iterator

from loader.dumps.dump_pieces import Piece
from loader.store.store import GraphStore
from loader.transform.context import KBV
from sparql_server.records.kinds import FULL_LEVEL, Traits, find_kind

_KBV = re.escape(KBV.encode())
_MAIN = re.compile(rb"^<[^>]*> <%smainEntity> (<[^>]*>) <" % _KBV, re.MULTILINE)
_FULL = re.compile(rb"^<[^>]*> <%sencodingLevel> <%s> " % (_KBV, FULL_LEVEL.encode()), re.MULTILINE)
_TYPE = rb"<http://www\.w3\.org/1999/02/22-rdf-syntax-ns#type>"


def read_store(store: GraphStore) -> Iterator[Piece]:
    """Yield what a store holds, a graph at a time. Raises StoreError."""
    for graph in store.graph_names():
        lines = store.nquads(graph)
        yield Piece(find_kind(read_traits(lines)), lines, lines.count(b"\n"), 1)
    outside = store.nquads_outside()
    yield Piece(find_kind(None), outside, outside.count(b"\n"), 0)


def read_traits(lines: bytes) -> Traits | None:
    """Return what tells a record's kind, by the statements of its graph; None: it is no record.

    lines: of N-Quads.
    """
    main = _MAIN.search(lines)
    if main is None:
        return None
    about = re.escape(main[1])
    types = re.findall(rb"^%s %s <%s([^>]*)> " % (about, _TYPE, _KBV), lines, re.MULTILINE)
    return Traits(
        [name.decode() for name in types],
        is_item=_says(lines, about, b"itemOf"),
        is_instance=_says(lines, about, b"instanceOf"),
        is_full=_FULL.search(lines) is not None,
    )


def _says(lines: bytes, about: bytes, property_: bytes) -> bool:
    pattern = rb"^%s <%s%s> " % (about, _KBV, property_)
    return re.search(pattern, lines, re.MULTILINE) is not None
