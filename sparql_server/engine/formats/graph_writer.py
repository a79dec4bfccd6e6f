"""Graphs and datasets in a format: the small ones for people, the large ones as they come."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain, islice
from typing import IO, TypeVar, cast

import pyoxigraph as ox

from sparql_server.engine.formats.json_ld import write_large_graph, write_small_graph
from sparql_server.engine.formats.rdf_xml import check_triples
from sparql_server.engine.formats.turtle import write_trig, write_turtle
from sparql_server.engine.formats.used_prefixes import find_occurring
from sparql_server.engine.formats.xml_text import XmlWriter
from sparql_server.sparql import formats
from sparql_server.sparql.formats import GRAPHS, Format

SMALL = 10_000
"""Triples up to which a graph is looked at whole before it is written."""

DATASETS = frozenset(described.name for described in formats.DATASETS)
"""Names of the formats that say which graph a triple stands in."""


def _find_native_format(described: Format) -> ox.RdfFormat:
    known = ox.RdfFormat.from_media_type(described.media_types[0])
    assert known is not None
    return known


GRAPH_FORMATS = {
    described.name: _find_native_format(described) for described in (*GRAPHS, *formats.DATASETS)
}
"""pyoxigraph's values for the formats of triples and quads, by their names."""

_Statement = TypeVar("_Statement", ox.Triple, ox.Quad)
Namespaces = Mapping[str, str]


def write_graph(
    triples: Iterable[ox.Triple], name: str, namespaces: Namespaces, writer: IO[bytes]
) -> None:
    """Write a graph in a format. namespaces: by prefix, those that may be used.

    Raises what ``triples`` does, and Unwritable for what the format can't say.
    """
    if name == "nt":
        ox.serialize(triples, writer, GRAPH_FORMATS[name])
        return
    every = iter(triples)
    first = list(islice(every, SMALL + 1))
    if name == "rdf":
        _write_rdf_xml(first, every, namespaces, writer)
    elif name in ("jsonld", "expanded"):
        _write_json_ld(first, every, namespaces, writer, expanded=name == "expanded")
    elif len(first) <= SMALL:
        writer.write(write_turtle(first, namespaces).encode())
    else:
        _write_natively(first, every, name, namespaces, writer)


def write_dataset(
    quads: Iterable[ox.Quad], name: str, namespaces: Namespaces, writer: IO[bytes]
) -> None:
    """Write a dataset in one of ``DATASETS``, as ``write_graph`` writes a graph."""
    if name == "nq":
        ox.serialize(quads, writer, GRAPH_FORMATS[name])
        return
    every = iter(quads)
    first = list(islice(every, SMALL + 1))
    small = write_trig(first, namespaces) if len(first) <= SMALL else None
    if small is None:
        _write_natively(first, every, name, namespaces, writer)
    else:
        writer.write(small.encode())


def _write_natively(
    first: list[_Statement],
    rest: Iterator[_Statement],
    name: str,
    namespaces: Namespaces,
    writer: IO[bytes],
) -> None:
    """Write as pyoxigraph does. Of the prefixes, there are those that occur in what comes first."""
    there = find_occurring(first, namespaces)
    ox.serialize(chain(first, rest), writer, GRAPH_FORMATS[name], prefixes=there)


def _write_rdf_xml(
    first: list[ox.Triple], rest: Iterator[ox.Triple], namespaces: Namespaces, writer: IO[bytes]
) -> None:
    # All of what comes first is looked at before anything is written.
    checked = list(check_triples(first))
    mended = cast(IO[bytes], XmlWriter(writer))
    _write_natively(checked, check_triples(rest), "rdf", namespaces, mended)


def _write_json_ld(
    first: list[ox.Triple],
    rest: Iterator[ox.Triple],
    namespaces: Namespaces,
    writer: IO[bytes],
    *,
    expanded: bool,
) -> None:
    if len(first) <= SMALL:
        writer.write(write_small_graph(first, namespaces, expanded=expanded))
        return
    for piece in write_large_graph(first, rest, namespaces, expanded=expanded):
        writer.write(piece)
