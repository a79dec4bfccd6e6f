"""Results written in a format: by ``formats``, by whoever has found them, or as a page's rows."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import IO

import pyoxigraph as ox

from sparql_server.engine import page_rows
from sparql_server.engine.formats.constructed_quads import Quads
from sparql_server.engine.formats.graph_writer import write_dataset, write_graph
from sparql_server.engine.formats.solution_writer import write_solutions
from sparql_server.engine.prefixes import predefined
from sparql_server.errors.failures.failure import Failed, Unwritable

_DAMAGED = ("Corruption: ", "IO error: ")  # how RocksDB begins to say that files are not as written


@dataclass(frozen=True, slots=True)
class Found:
    """Solutions that columns have found.

    write: writes them in a format of this name; all, or so many at most. It returns how many there
    were, of a format whose bytes don't tell.
    """

    write: Callable[[str, IO[bytes], int | None], int | None]


Results = (
    ox.QuerySolutions
    | ox.QueryBoolean
    | ox.QueryTriples
    | Iterator[ox.Triple]
    | Found
    | Quads
    | dict[str, object]
)
"""The result of a query; a dictionary of JSON is written as it is."""


def classify_error(error: Exception) -> str:
    """Return the kind of failure that an error of Oxigraph's is while it evaluates a query."""
    said = str(error)
    if said.startswith("The custom function"):
        return "function"
    damaged = isinstance(error, OSError) or said.startswith(_DAMAGED)
    return "damaged" if damaged else "failed"


def serialize(
    results: Results,
    name: str,
    rows: int | None,
    writer: IO[bytes],
    namespaces: Callable[[], Mapping[str, str]] = predefined,
) -> int | None:
    """Write results to the end; return their rows, of a format whose bytes don't tell.

    namespaces: returns those that a graph's IRIs may be written with, by their prefixes.
    Raises Failed if evaluation fails on the way.
    """
    try:
        if isinstance(results, dict):
            writer.write(_encode_json(results))
        elif isinstance(results, Found):
            return _serialize_found(results, name, rows, writer)
        elif name == "rows":
            shown = results.triples() if isinstance(results, Quads) else results
            writer.write(_encode_json(page_rows.make_page_rows(shown, rows or 0)))
        elif isinstance(results, (ox.QuerySolutions, ox.QueryBoolean)):
            return write_solutions(results, name, writer)
        elif isinstance(results, Quads):
            write_dataset(results.quads, name, namespaces(), writer)
        else:
            write_graph(results, name, namespaces(), writer)
    except Unwritable as error:
        raise Failed("unwritable", str(error)) from error
    except (SyntaxError, ValueError) as error:
        raise Failed("failed", str(error)) from error
    except RuntimeError as error:
        raise Failed(classify_error(error), str(error)) from error
    return None


def _encode_json(value: Mapping[str, object]) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()


def _serialize_found(result: Found, name: str, rows: int | None, writer: IO[bytes]) -> int | None:
    if name != "rows":
        return result.write(name, writer, None)
    written = io.BytesIO()
    result.write("json", written, (rows or 0) + 1)  # one more tells that there are more
    written.seek(0)
    again = ox.parse_query_results(written, ox.QueryResultsFormat.JSON)
    return serialize(again, name, rows, writer)
