"""Results written in a format: by pyoxigraph, by whoever has found them, or as a page's rows."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import IO, Any

import pyoxigraph as ox

from sparql_server.engine import page_rows
from sparql_server.engine.messages import Failure
from sparql_server.engine.prefixes import predefined
from sparql_server.sparql.formats import GRAPHS, SOLUTIONS, Format


def _solutions_format(described: Format) -> ox.QueryResultsFormat:
    known = ox.QueryResultsFormat.from_media_type(described.media_types[0])
    assert known is not None
    return known


def _graph_format(described: Format) -> ox.RdfFormat:
    known = ox.RdfFormat.from_media_type(described.media_types[0])
    assert known is not None
    return known


SOLUTION_FORMATS = {described.name: _solutions_format(described) for described in SOLUTIONS}
GRAPH_FORMATS = {described.name: _graph_format(described) for described in GRAPHS}
"""pyoxigraph's values for the formats of ``sparql.formats``, by their names."""

_DAMAGED = ("Corruption: ", "IO error: ")  # how RocksDB begins to say that files are not as written


class Failed(Exception):
    """A query can't be answered; ``failure`` says why."""

    def __init__(self, kind: str, detail: str, corrected: str | None = None) -> None:
        super().__init__(detail)
        self.failure = Failure(kind, detail, corrected)


@dataclass(frozen=True, slots=True)
class Found:
    """Solutions that columns have found.

    write: writes them in a format of this name; all, or so many at most.
    """

    write: Callable[[str, IO[bytes], int | None], None]


Results = (
    ox.QuerySolutions
    | ox.QueryBoolean
    | ox.QueryTriples
    | Iterator[ox.Triple]
    | Found
    | dict[str, Any]
)
"""What a query gives; a dictionary of JSON is written as it is."""


def classify_error(error: Exception) -> str:
    """Return the kind of failure that an error of Oxigraph's is while it evaluates a query."""
    said = str(error)
    if said.startswith("The custom function"):
        return "function"
    damaged = isinstance(error, OSError) or said.startswith(_DAMAGED)
    return "damaged" if damaged else "failed"


def serialize(results: Results, name: str, rows: int | None, writer: IO[bytes]) -> None:
    """Write results to the end. Raises Failed if evaluation fails on the way."""
    try:
        if isinstance(results, dict):
            writer.write(_encode_json(results))
        elif isinstance(results, Found):
            _serialize_found(results, name, rows, writer)
        elif name == "rows":
            writer.write(_encode_json(page_rows.rows(results, rows or 0)))
        elif isinstance(results, (ox.QuerySolutions, ox.QueryBoolean)):
            results.serialize(writer, SOLUTION_FORMATS[name])
        else:
            ox.serialize(results, writer, GRAPH_FORMATS[name], prefixes=choose_prefixes(name))
    except (SyntaxError, ValueError) as error:
        raise Failed("failed", str(error)) from error
    except RuntimeError as error:
        raise Failed(classify_error(error), str(error)) from error


def _encode_json(value: dict[str, Any]) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()


def _serialize_found(result: Found, name: str, rows: int | None, writer: IO[bytes]) -> None:
    if name != "rows":
        result.write(name, writer, None)
        return
    written = io.BytesIO()
    result.write("json", written, (rows or 0) + 1)  # one more tells that there are more
    written.seek(0)
    again = ox.parse_query_results(written, SOLUTION_FORMATS["json"])
    serialize(again, name, rows, writer)


def choose_prefixes(name: str) -> dict[str, str] | None:
    """Return the prefixes that are declared in a result; None where the format has none."""
    return predefined() if name in ("ttl", "rdf") else None
