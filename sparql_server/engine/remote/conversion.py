"""The conversion of a remote endpoint's answer to the format that the client wants.

All of it is parsed and written anew: an answer has the same form wherever it comes from.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import IO, cast

import pyoxigraph as ox

from sparql_server.engine.formats.constructed_quads import (
    Quads,
    construct_quads,
    list_solutions,
    read_template,
)
from sparql_server.engine.formats.graph_writer import GRAPH_FORMATS
from sparql_server.engine.formats.solution_writer import SOLUTION_FORMATS
from sparql_server.engine.pieces import Writer
from sparql_server.engine.prefixes import predefined
from sparql_server.engine.remote.exchange import Reply
from sparql_server.engine.serialization import serialize
from sparql_server.errors import NotAcceptable
from sparql_server.errors.failures.failure import Failed, Unwritable
from sparql_server.errors.failures.remote_endpoint import (
    make_foreign,
    make_unasked,
    make_unreadable,
)
from sparql_server.sparql.formats import BY_NAME, GRAPHS, SOLUTIONS, list_available
from sparql_server.sparql.pattern_graph import QuadPattern

# In the order in which other formats than the client's are asked for. No CSV: it has no types.
_READABLE = {"solutions": ("xml", "json", "tsv"), "graphs": ("nt", "ttl", "rdf", "jsonld")}

_XML = ("xml", "rdf")
_COMMENT = re.compile(rb"<!--.*?-->", re.DOTALL)
_ROOT = re.compile(rb"<([^\s!?/<>]+)[\s/>]")
_END = 16 * 1024  # bytes in which a document's last tag and the comments behind it stand

# Virtuoso writes "nodeID://b10010", which is no blank node's label, and ASK as a solution.
_LABEL, _PLAIN_LABEL = b"<bnode>nodeID://", b"<bnode>"
_ASK = "__ASK_RETVAL"


def write_accept(kind: str, name: str | None, only: Mapping[str, Sequence[str]]) -> str:
    """Return the Accept header that asks for a result.

    kind: ``solutions`` or ``graphs``. name: the format the client gets, None for a page.
    only: by kind, the formats that an endpoint has as the specifications have them; empty: all.
    """
    readable = only.get(kind, _READABLE[kind])
    wanted = [name] if name is not None and name in readable else []
    names = wanted + [other for other in readable if other != name]
    weights = (f";q={1 - position / 10:.1f}" if position else "" for position in range(len(names)))
    pairs = zip(names, weights, strict=False)
    return ", ".join(f"{BY_NAME[named].media_types[0]}{weight}" for named, weight in pairs)


def deliver(reply: Reply, kind: str, name: str | None, rows: int | None, writer: Writer) -> None:
    """Write a reply's result in a format, or as the rows of a page, to its end.

    Raises RemoteFailed if it is no such result.
    """
    got = _format(reply.media_type, kind)
    if kind == "solutions":
        _deliver_solutions(reply, got, name, rows, writer)
    else:
        _deliver_graph(reply, got, name, rows, writer)


def deliver_quads(reply: Reply, pattern: QuadPattern, name: str, writer: Writer) -> None:
    """Write what a pattern constructs of a reply's solutions as a dataset.

    Raises RemoteFailed, and NotAcceptable for what can't be written so.
    """
    got = _format(reply.media_type, "solutions")
    with _reading(reply, got, "solutions"):
        results = ox.parse_query_results(_file(_label_quads(reply, got)), SOLUTION_FORMATS[got])
        if isinstance(results, ox.QueryBoolean):
            raise ValueError("a boolean")
        template = read_template(pattern, predefined())
        quads = Quads(construct_quads(list_solutions(results), template))
        serialize(quads, name, None, cast(IO[bytes], writer))


def _is_virtuoso(reply: Reply) -> bool:
    return reply.server.startswith("Virtuoso")


def _format(media_type: str, kind: str) -> str:
    for described in SOLUTIONS if kind == "solutions" else GRAPHS:
        if media_type in described.media_types:
            return described.name
    raise make_foreign(media_type)


def _deliver_solutions(
    reply: Reply, got: str, name: str | None, rows: int | None, writer: Writer
) -> None:
    with _reading(reply, got, "solutions"):
        pieces = _label_quads(reply, got)
        results = _asked(ox.parse_query_results(_file(pieces), SOLUTION_FORMATS[got]))
        serialize(results, name or "rows", rows, cast(IO[bytes], writer))


def _asked(
    results: ox.QuerySolutions | ox.QueryBoolean,
) -> ox.QuerySolutions | ox.QueryBoolean:
    """Return Virtuoso's solution of an ASK as the boolean that it stands for."""
    if isinstance(results, ox.QueryBoolean) or [v.value for v in results.variables] != [_ASK]:
        return results
    values = {solution[_ASK].value for solution in results if solution[_ASK] is not None}
    boolean = json.dumps({"head": {}, "boolean": bool(values & {"1", "true"})})
    return ox.parse_query_results(boolean, ox.QueryResultsFormat.JSON)


def _label_quads(reply: Reply, got: str) -> Iterator[bytes]:
    pieces = _closed(reply, got)
    return _relabel_term(pieces) if _is_virtuoso(reply) else pieces


def _closed(reply: Reply, got: str) -> Iterator[bytes]:
    """Yield a body; ValueError at the end of an XML document whose root element isn't closed.

    pyoxigraph takes XML that ends anywhere for whole, solutions and RDF alike.
    """
    if got not in _XML:
        yield from reply.pieces()
        return
    head, end, root = b"", b"", None
    for piece in reply.pieces():
        if root is None:
            head += piece
            root = _ROOT.search(_COMMENT.sub(b"", head))
        end = (end + piece)[-_END:]
        yield piece
    name = re.escape(root[1]) if root else b""
    after = _COMMENT.sub(b"", end).rstrip()
    if not name or not re.search(rb"<(/%s\s*|%s[^<>]*/)>\Z" % (name, name), after):
        raise ValueError("the XML document has no end")


def _relabel_term(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Make labels of Virtuoso's names for blank nodes; in XML, "<" begins nothing but a tag."""
    kept = b""
    for piece in pieces:
        text = (kept + piece).replace(_LABEL, _PLAIN_LABEL)
        cut = max(len(text) - len(_LABEL) + 1, 0)
        kept = text[cut:]
        yield text[:cut]
    yield kept


def _deliver_graph(
    reply: Reply, got: str, name: str | None, rows: int | None, writer: Writer
) -> None:
    with _reading(reply, got, "graphs"):
        # Lenient: what an endpoint has as an IRI isn't ours to refuse.
        quads = ox.parse(_file(_closed(reply, got)), GRAPH_FORMATS[got], lenient=True)
        triples = (quad.triple for quad in quads)
        if name is None:
            _deliver_rows(triples, rows or 0, writer)
        else:
            serialize(triples, name, None, cast(IO[bytes], writer))


def _deliver_rows(triples: Iterator[ox.Triple], rows: int, writer: Writer) -> None:
    store = ox.Store()
    for triple in triples:
        store.add(ox.Quad(*triple))
        if len(store) > rows:
            break
    results = store.query("CONSTRUCT WHERE { ?s ?p ?o }")
    serialize(results, "rows", rows, cast(IO[bytes], writer))


@contextmanager
def _reading(reply: Reply, got: str, kind: str) -> Iterator[None]:
    """Say that an answer can't be read as what it says it is."""
    if got not in _READABLE[kind]:
        raise make_unasked(got)
    try:
        yield
    except (Failed, Unwritable, KeyError, SyntaxError, ValueError) as error:
        if isinstance(error, Unwritable) or _is_unwritable(error):
            raise NotAcceptable(str(error), available=list_available(GRAPHS)) from error
        reply.check_end()
        raise make_unreadable(got) from error


def _is_unwritable(error: Exception) -> bool:
    return isinstance(error, Failed) and error.failure.kind == "unwritable"


def _file(pieces: Iterator[bytes]) -> IO[bytes]:
    return cast(IO[bytes], _Readable(pieces))


class _Readable:
    """Pieces as a file, as far as pyoxigraph's parsers need one."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._rest = b""

    def read(self, size: int = -1) -> bytes:
        while not self._rest:
            piece = next(self._pieces, None)
            if piece is None:
                return b""
            self._rest = piece
        if size < 0:
            size = len(self._rest)
        taken, self._rest = self._rest[:size], self._rest[size:]
        return taken
