"""A frozen copy of a result: what ``libris-sparql freeze`` makes."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO
from pathlib import Path
from urllib.parse import unquote, urlsplit

from sparql_server.catalogue.query_files import load
from sparql_server.citing.answer_hash import hash_rows, split_rows
from sparql_server.citing.citation import has_order
from sparql_server.citing.frozen import Frozen, list_formats, name_copy, write_copy
from sparql_server.cli.local_query import write_result
from sparql_server.engine.releases import Release, find_current
from sparql_server.errors import NoRelease, StartError
from sparql_server.saved import saved_request
from sparql_server.sparql.protocol import Parameters, QueryRequest, read_get, read_parameters
from sparql_server.sparql.query import read


def freeze(data: Path, asked: QueryRequest, expected: str | None) -> tuple[Path, Frozen]:
    """Keep a result of a release in all its formats; return the folder, and what is in it.

    asked: with the number of the release; None: the current one. expected: the hash that the
    answer must have. Raises NoRelease, StartError, and what the endpoint would answer with.
    """
    release = _find_release(data, asked.release)
    wanted = replace(asked, release=release.number)
    results = {}
    for chosen in list_formats(asked.query):
        stream = BytesIO()
        write_result(release, wanted, chosen.name, stream)
        results[chosen.name] = stream.getvalue()
    found = _hash(asked.query, results)
    if expected and expected != found:
        raise StartError(
            f"the answer of release {release.number} has the hash {found}, not {expected};"
            " nothing is frozen"
        )
    published = str(release.manifest().get("published", ""))
    head = Frozen(
        asked.query,
        release.number,
        published,
        found,
        tuple(results),
        asked.default_graphs,
        asked.named_graphs,
    )
    return write_copy(data, name_copy(wanted, release.number), head, results), head


def _find_release(data: Path, number: int | None) -> Release:
    current = find_current(data)
    if number is not None:
        current = Release(number, data / "releases" / f"{number:04}")
    if current is None or not current.store.is_dir():
        there = f"release {number} isn't kept" if number is not None else "nothing is published"
        raise NoRelease(f"{there} in {data}")
    return current


def _hash(query: str, results: dict[str, bytes]) -> str:
    is_graph = read(query).is_graph
    rows = iter(split_rows([results["nt" if is_graph else "tsv"]]))
    head = b"" if is_graph else next(iter(rows), b"")
    ordered = not is_graph and has_order(query)
    return hash_rows(head, (row for row in rows if row), ordered=ordered)


def read_address(address: str, queries: Path) -> tuple[QueryRequest, str | None]:
    """Return what the address of a result asks for, and the hash that it names, if it does.

    queries: the folder of saved queries. Raises RequestError.
    """
    parts = urlsplit(address)
    parameters: Parameters = read_parameters(parts.query.encode())
    expected = next(iter(parameters.get("hash", ())), None)
    _, found, segment = unquote(parts.path).rpartition("/queries/")
    if not found:
        return read_get(parameters), expected
    query, extension = saved_request.find(load(queries), segment)
    asked = saved_request.read(query, parameters, extension)
    return QueryRequest(asked.text, release=asked.release), expected
