"""Formats of extracts, by file name: how a file divides into units, and a unit into facts."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import IO, Any, cast

from loader.files.rdf_files import Graph, read_graphs
from loader.files.rdf_formats import RdfFile
from loader.link.extracts import loc, sparql_results, viaf, wikidata
from loader.link.extracts.authority_facts import Fact, Writer
from loader.link.extracts.ntriples import group_by_subject

_WHOLE = (".rdf", ".xml", ".ttl")  # formats that can't be read by the line
_COMPRESSIONS = (".gz", ".bz2")

Units = Iterator[Any]
Parse = Callable[[Any], list[Fact]]


def read_extension(path: Path) -> str:
    """Return a file's extension without that of its compression."""
    name = path.name.lower()
    for suffix in _COMPRESSIONS:
        name = name.removesuffix(suffix)
    return Path(name).suffix


def find_reader(source: str, path: Path, stream: IO[bytes], writer: Writer) -> tuple[Units, Parse]:
    """Return how a file falls into units, and what makes facts of a unit."""
    kind = read_extension(path)
    readers = {"wikidata": _of_wikidata, "lc": _of_lc, "viaf": _of_viaf}
    found = readers[source](kind, stream, writer)
    if found is None and kind in _WHOLE and source != "wikidata":
        name = path.name
        content = cache(stream.read)  # the file is opened more than once, the stream read once
        whole = RdfFile(name, kind, lambda: io.BytesIO(content()))
        lines = (line + b" ." for graph in read_graphs(whole) for line in _lines(graph))
        return iter([list(lines)]), _in_whole[source]
    if found is None:
        raise ValueError(f"files named …{kind} aren't read as an extract of {source}")
    return found


def _lines(graph: Graph) -> list[bytes]:
    lines = graph.statements.splitlines()
    return [line.rstrip(b" .") for line in lines if line and not line.startswith(b"#")]


def _of_wikidata(kind: str, stream: IO[bytes], writer: Writer) -> tuple[Units, Parse] | None:
    if kind in (".csv", ".tsv"):
        separator = "," if kind == ".csv" else "\t"
        return sparql_results.read_table_solutions(
            stream, separator
        ), sparql_results.read_solution_facts
    if kind in (".srj", ".json") and _is_result(stream):
        return sparql_results.read_json_solutions(stream), sparql_results.read_solution_facts
    if kind in (".json", ".jsonl", ".ndjson"):
        return iter(stream), wikidata.read_entity_facts
    if kind == ".nt":
        return group_by_subject(iter(stream)), lambda lines: wikidata.read_truthy_facts(
            lines, writer.knows
        )
    return None


def _is_result(stream: IO[bytes]) -> bool:
    beginning = cast(io.BufferedReader, stream).peek(4096)[:4096]
    return b'"bindings"' in beginning or b'"head"' in beginning


def _of_lc(kind: str, stream: IO[bytes], writer: Writer) -> tuple[Units, Parse] | None:
    if kind == ".nt":
        return group_by_subject(iter(stream)), loc.read_statement_facts
    if kind in (".jsonld", ".json", ".jsonl", ".ndjson"):
        return iter(stream), loc.read_document_facts
    return (iter(stream), loc.read_pair_facts) if kind == ".tsv" else None


def _of_viaf(kind: str, stream: IO[bytes], writer: Writer) -> tuple[Units, Parse] | None:
    if kind == ".xml":
        return iter(stream), viaf.read_cluster_facts
    if kind in (".txt", ".tsv"):
        return iter(stream), viaf.read_link_facts
    return (iter(stream), viaf.read_statement_facts) if kind == ".nt" else None


def _viaf_statements(lines: list[bytes]) -> list[Fact]:
    return [fact for line in lines for fact in viaf.read_statement_facts(line)]


_in_whole: dict[str, Parse] = {"lc": loc.read_statement_facts, "viaf": _viaf_statements}
