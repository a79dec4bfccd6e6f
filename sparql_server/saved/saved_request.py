"""Requests for saved queries: their values, part of the rows, release and format."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote, urlencode

from sparql_server.catalogue.binding import BoundQuery, bind
from sparql_server.catalogue.row_ranges import cut_page
from sparql_server.catalogue.saved_query import Catalogue, SavedQuery
from sparql_server.errors import BadParameter, BadRequest, NoSuchQuery
from sparql_server.sparql.formats import DATASETS, EXPANDED, GRAPHS, SOLUTIONS, Format
from sparql_server.sparql.pattern_graph import read_quad_pattern
from sparql_server.sparql.protocol import Parameters, read_terms

OWN = ("limit", "offset", "format", "release", "hash", "lang", "chart", "search", "terms")
"""Parameters of the addresses themselves, which no saved query has."""

GRAPH_FORMS = ("CONSTRUCT", "DESCRIBE")
TEXT = "rq"  # the extension for the query itself
_DIGITS = 15  # of a number in an address, at most


@dataclass(frozen=True, slots=True)
class SavedRequest:
    """A saved query with all that a request says of it.

    limit, offset: the part of the rows; limit None: all. format: a name, or None where the Accept
    header decides. release: the one that must answer, or None. full: as of ``QueryRequest``.
    """

    bound: BoundQuery
    limit: int | None = None
    offset: int = 0
    format: str | None = None
    release: int | None = None
    full: bool = False

    @property
    def paged(self) -> bool:
        """Whether only a part of the rows is wanted."""
        return self.limit is not None or self.offset > 0

    @property
    def text(self) -> str:
        """The query to evaluate."""
        return cut_page(self.bound.text, self.limit, self.offset)


def find(catalogue: Catalogue, segment: str) -> tuple[SavedQuery, str | None]:
    """Return the query that the last segment of an address names, and the format it ends in.

    Raises NoSuchQuery.
    """
    if segment in catalogue.queries:
        return catalogue.queries[segment], None
    name, _, extension = segment.rpartition(".")
    query = catalogue.queries.get(name)
    if query is None:
        raise NoSuchQuery(f"There is no saved query {segment}; /queries/ lists those there are.")
    if extension not in list_extensions(query):
        there = ", ".join(list_extensions(query))
        raise NoSuchQuery(f"{name} has no form .{extension}; there are {there}.")
    return query, extension


def list_formats(query: SavedQuery) -> tuple[Format, ...]:
    """Return the formats that a query's result has: of quads, where its triples have a graph."""
    if query.form not in GRAPH_FORMS:
        return SOLUTIONS
    has_graphs = query.form == "DESCRIBE" or read_quad_pattern(query.text) is not None
    return (*GRAPHS, EXPANDED, *(DATASETS if has_graphs else ()))


def list_extensions(query: SavedQuery) -> list[str]:
    """Return what an address may end in: a format each, and the query itself."""
    return [*(format_.name for format_ in list_formats(query)), TEXT]


def read(
    query: SavedQuery,
    parameters: Parameters,
    extension: str | None = None,
    language: str | None = None,
) -> SavedRequest:
    """Read the parameters of a request. Raises BadParameter, and BadRequest for two formats.

    language: of the page that the result is for; None: the one that the address says, or Swedish.
    """
    values = {name: given for name, given in parameters.items() if name not in OWN}
    wanted = _single(parameters, "format") or None
    if extension and wanted:
        raise BadRequest("The address ends in a format; the parameter format can't name another.")
    asked = SavedRequest(
        bind(query, values, language or _single(parameters, "lang")),
        _number(parameters, "limit"),
        _number(parameters, "offset") or 0,
        extension or wanted,
        _number(parameters, "release"),
        read_terms(parameters),
    )
    if asked.paged and query.form == "ASK":
        raise BadParameter("An answer that is yes or no has no parts.", parameter="limit")
    return asked


def _single(parameters: Parameters, name: str) -> str:
    found: Sequence[str] = parameters.get(name, ("",))
    if len(found) > 1:
        raise BadParameter(f"The parameter {name} has {len(found)} values.", parameter=name)
    return found[0].strip()


def _number(parameters: Parameters, name: str) -> int | None:
    """Return a parameter that is a whole number; None if it is absent or empty."""
    found = _single(parameters, name)
    if not found:
        return None
    if not (found.isascii() and found.isdigit() and len(found) <= _DIGITS):
        raise BadParameter(
            f"The parameter {name} is {found[:100]!r}. It takes a whole number, such as 100.",
            parameter=name,
            type="integer",
            example="100",
        )
    return int(found)


def list_arguments(asked: SavedRequest) -> list[tuple[str, str]]:
    """Return what a link to the same has to say: values and the part of the rows."""
    limit = [("limit", str(asked.limit))] if asked.limit is not None else []
    offset = [("offset", str(asked.offset))] if asked.offset else []
    return [*asked.bound.arguments, *limit, *offset]


def make_address(segment: str, arguments: Sequence[tuple[str, str]]) -> str:
    """Return the address of a query in a form, without scheme and host.

    >>> make_address("works.csv", [("person", "wd:Q1")])
    '/queries/works.csv?person=wd%3AQ1'
    """
    path = f"/queries/{quote(segment)}"
    return f"{path}?{urlencode(arguments)}" if arguments else path
