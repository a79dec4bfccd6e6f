"""SPARQL 1.1 Protocol, query operation: an HTTP request to a query and its dataset.

https://www.w3.org/TR/sparql11-protocol/#query-operation
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sparql_server.errors import BadRequest, UnsupportedMediaType

FORM = "application/x-www-form-urlencoded"
QUERY = "application/sparql-query"
UPDATE = "application/sparql-update"

Parameters = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class QueryRequest:
    """A query and the dataset the request names, if any.

    default_graphs, named_graphs: graph IRIs; both empty: the query's own dataset, else all.
    format: the ``format`` parameter, or None. timeout: seconds that the client is content with.
    """

    query: str
    default_graphs: tuple[str, ...] = ()
    named_graphs: tuple[str, ...] = ()
    format: str | None = None
    timeout: float | None = None


def read_get(arguments: Parameters) -> QueryRequest:
    """Read a query via GET (2.1.1). Raises BadRequest."""
    return _request(_one(arguments, "query"), arguments)


def read_post(
    content_type: str, body: bytes, form: Parameters, arguments: Parameters
) -> QueryRequest:
    """Read a query via POST (2.1.2, 2.1.3).

    form: the decoded body, if it is a form. arguments: those of the address.
    Raises BadRequest or UnsupportedMediaType.
    """
    media_type, _, parameters = content_type.lower().partition(";")
    kind = media_type.strip()
    if kind == FORM:
        return _request(_one(form, "query"), form)
    if kind == UPDATE:
        raise UnsupportedMediaType("This endpoint is read-only: it takes no updates.")
    if kind != QUERY:
        raise UnsupportedMediaType(f"POST takes {FORM} or {QUERY}, not {kind or 'nothing'}.")
    if "query" in arguments:
        raise BadRequest("The query stands in the body and in the address; only one can be.")
    charset = parameters.partition("charset=")[2].strip(' ";') or "utf-8"
    if charset not in ("utf-8", "utf8"):
        raise UnsupportedMediaType(f"The query must be in UTF-8, not in {charset}.")
    try:
        return _request(body.decode("utf-8"), arguments)
    except UnicodeDecodeError as error:
        raise BadRequest(f"The query is not UTF-8: byte {error.start} is wrong.") from error


def _request(query: str, parameters: Parameters) -> QueryRequest:
    if "update" in parameters:
        raise BadRequest("This endpoint is read-only: it takes no updates.")
    formats = parameters.get("format", ())
    return QueryRequest(
        query,
        _iris(parameters, "default-graph-uri"),
        _iris(parameters, "named-graph-uri"),
        formats[0] if formats and formats[0] else None,
    )


def _one(parameters: Parameters, name: str) -> str:
    values = parameters.get(name, ())
    if len(values) != 1:
        found = "is missing" if not values else f"stands {len(values)} times; it must stand once"
        raise BadRequest(f"The parameter {name} {found}.")
    return values[0]


def _iris(parameters: Parameters, name: str) -> tuple[str, ...]:
    # Virtuoso's own form sends an empty default-graph-uri; its users' programs do likewise.
    return tuple(value for value in parameters.get(name, ()) if value)
