"""SPARQL 1.1 Protocol, query operation: an HTTP request to a query and its dataset.

https://www.w3.org/TR/sparql11-protocol/#query-operation
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sparql_server.errors import BadRequest, UnsupportedMediaType
from sparql_server.sparql.iri import is_absolute
from sparql_server.sparql.lexer import find_versions

FORM = "application/x-www-form-urlencoded"
QUERY = "application/sparql-query"
UPDATE = "application/sparql-update"
VERSIONS = ("1.1", "1.2-basic", "1.2")
"""The versions that a request may announce (https://www.w3.org/TR/sparql12-protocol/).

Of 1.2, a draft, there is what pyoxigraph has; it looks at no announcement itself.
"""

Parameters = Mapping[str, Sequence[str]]

_MARK = "\ufeff"  # a byte order mark, with which some editors begin files
_MOST = 1000  # parameters to a request
_STRAY = 10_000  # percent signs that escape nothing, in one name or value
_NO_ESCAPE = re.compile(rb"%(?![0-9A-Fa-f]{2})")
_RELEASE = re.compile(r"[0-9]{1,15}")
_MILLISECONDS = re.compile(r"\d{1,12}(?:\.\d*)?")


@dataclass(frozen=True, slots=True)
class QueryRequest:
    """A query and the dataset the request names, if any.

    default_graphs, named_graphs: graph IRIs; both empty: the query's own dataset, else all.
    format: the ``format`` parameter, or None where the Accept header decides.
    timeout: seconds that the client wants to wait at most, or None.
    base: what relative IRIs in the query are relative to where it has no BASE: the endpoint's own
    address (SPARQL 1.1 Query, 4.1.1.2; RFC 3986, 5.1).
    explain: whether an explanation is wanted, of why there are no rows, instead of the result.
    plan: whether the order of joins is wanted instead of it.
    release: the number of the one that must answer, or None.
    full: whether a table has whole terms instead of typed columns: ``terms=full``.
    """

    query: str
    default_graphs: tuple[str, ...] = ()
    named_graphs: tuple[str, ...] = ()
    format: str | None = None
    timeout: float | None = None
    base: str | None = None
    explain: bool = False
    plan: bool = False
    release: int | None = None
    full: bool = False


def read_parameters(encoded: bytes) -> Parameters:
    """Decode the parameters of an address or of a form.

    Raises BadRequest if they are not UTF-8, or too many of something.
    """
    if encoded.count(b"&") >= _MOST:
        raise BadRequest(f"There are more than {_MOST} parameters.")
    found: dict[str, list[str]] = {}
    try:
        for pair in encoded.split(b"&"):
            if pair:
                name, _, value = pair.partition(b"=")
                found.setdefault(_unquote(name), []).append(_unquote(value))
    except UnicodeDecodeError as error:
        raise BadRequest("The parameters are not UTF-8.") from error
    return found


def _unquote(text: bytes) -> str:
    text = text.replace(b"+", b" ")
    if b"%" not in text:
        return text.decode("utf-8")
    # Percent-encoding is quoted-printable with another sign, and that is decoded many times as
    # fast as ``urllib.parse`` does: this is done for every query.
    escaped, stray = _NO_ESCAPE.subn(b"%25", text, _STRAY + 1)
    if stray > _STRAY:
        raise BadRequest(f"More than {_STRAY:,} percent signs escape nothing.")
    signs = escaped.replace(b"=", b"%3D").replace(b"%", b"=")
    return binascii.a2b_qp(signs).decode("utf-8")


def read_get(arguments: Parameters) -> QueryRequest:
    """Read a query via GET (2.1.1). Raises BadRequest."""
    return _request(_query(arguments), arguments)


def read_post(content_type: str, body: bytes, arguments: Parameters) -> QueryRequest:
    """Read a query via POST (2.1.2, 2.1.3). arguments: those of the address.

    A form's parameters may stand in the address as well; they are taken together.
    Raises BadRequest or UnsupportedMediaType.
    """
    kind, parameters = _read_media_type(content_type)
    if kind == UPDATE:
        raise UnsupportedMediaType("This endpoint is read-only: it takes no updates.")
    if kind not in (FORM, QUERY):
        raise UnsupportedMediaType(f"POST takes {FORM} or {QUERY}, not {kind or 'nothing'}.")
    charset = parameters.get("charset", "utf-8").lower()
    if charset not in ("utf-8", "utf8"):
        raise UnsupportedMediaType(f"The request must be in UTF-8, not in {charset}.")
    if kind == FORM:
        both = _together(read_parameters(body), arguments)
        return _request(_query(both), both)
    if "query" in arguments:
        raise BadRequest("The query stands in the body and in the address; only one can be.")
    try:
        query = body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise BadRequest(f"The query is not UTF-8: byte {error.start} is wrong.") from error
    announced = {"version": [parameters["version"]]} if "version" in parameters else {}
    return _request(query, _together(arguments, announced))


def _read_media_type(content_type: str) -> tuple[str, dict[str, str]]:
    """Split a Content-Type into media type and parameters, names in small letters."""
    kind, *rest = content_type.split(";")
    pairs = (parameter.partition("=") for parameter in rest)
    parameters = {name.strip().lower(): value.strip().strip('"') for name, _, value in pairs}
    return kind.strip().lower(), parameters


def _together(first: Parameters, other: Parameters) -> Parameters:
    return {name: [*first.get(name, ()), *other.get(name, ())] for name in {**first, **other}}


def _request(query: str, parameters: Parameters) -> QueryRequest:
    query = query.removeprefix(_MARK)
    if "update" in parameters:
        raise BadRequest("This endpoint is read-only: it takes no updates.")
    announced = find_versions(query)
    if not announced and len(parameters) == 1 and "query" in parameters:  # as programs ask
        return QueryRequest(query)
    _check_versions([*parameters.get("version", ()), *announced])
    return QueryRequest(
        query,
        _read_iris(parameters, "default-graph-uri"),
        _read_iris(parameters, "named-graph-uri"),
        read_format(parameters),
        _read_timeout(parameters),
        explain="empty" in _explained(parameters),
        plan="plan" in _explained(parameters),
        release=_release(parameters),
        full=read_terms(parameters),
    )


def read_format(parameters: Parameters) -> str | None:
    """Return the ``format`` parameter; None for Virtuoso's ``auto`` too."""
    wanted = next(iter(parameters.get("format", ())), "").strip()
    return None if wanted.lower() in ("", "auto") else wanted


def read_terms(parameters: Parameters) -> bool:
    """Tell whether ``terms=full`` asks for whole terms in a table. Raises BadRequest."""
    wanted = {value.strip().lower() for value in parameters.get("terms", ())} - {"", "typed"}
    if wanted - {"full"}:
        raise BadRequest("The parameter terms can be typed or full: what columns of a table hold.")
    return bool(wanted)


def _query(parameters: Parameters) -> str:
    values = parameters.get("query", ())
    if len(values) == 1:
        return values[0]
    if values:
        raise BadRequest(f"The parameter query stands {len(values)} times; it must stand once.")
    if "update" in parameters:
        raise BadRequest("This endpoint is read-only: it takes no updates.")
    raise BadRequest("The parameter query is missing.")


def _read_iris(parameters: Parameters, name: str) -> tuple[str, ...]:
    # Virtuoso's own form sends an empty default-graph-uri; its users' programs do likewise.
    found = tuple(value for value in parameters.get(name, ()) if value)
    for iri in found:
        if not is_absolute(iri):
            raise BadRequest(f"The parameter {name} must be an absolute IRI, not {iri!r}.")
    return found


def _explained(parameters: Parameters) -> set[str]:
    """Return what is to be explained: ``empty``, ``plan`` or nothing. Raises BadRequest."""
    wanted = {value for value in parameters.get("explain", ()) if value}
    if wanted - {"empty", "plan"} or len(wanted) > 1:
        raise BadRequest(
            "The parameter explain can be empty: why there are no rows; or plan: what is joined in"
            " what order."
        )
    return wanted


def _release(parameters: Parameters) -> int | None:
    """Return the release that a permanent link names; None: whichever is served."""
    wanted = {value.strip() for value in parameters.get("release", ())} - {""}
    if not wanted:
        return None
    (number, *others) = wanted
    if others or not _RELEASE.fullmatch(number):
        raise BadRequest("The parameter release is the number of one release, such as 7.")
    return int(number)


def _read_timeout(parameters: Parameters) -> float | None:
    """Return Virtuoso's ``timeout`` in seconds; it is sent in milliseconds, empty or 0 for none."""
    for value in parameters.get("timeout", ()):
        if value.strip() and not _MILLISECONDS.fullmatch(value.strip()):
            raise BadRequest(f"The parameter timeout is a number of milliseconds, not {value!r}.")
    wanted = [float(value) / 1000 for value in parameters.get("timeout", ()) if value.strip()]
    return min((seconds for seconds in wanted if seconds > 0), default=None)


def _check_versions(announced: Sequence[str]) -> None:
    for version in announced:
        if version not in VERSIONS:
            known = ", ".join(VERSIONS)
            raise BadRequest(
                f"The request announces SPARQL {version!r}; this endpoint knows {known}."
            )
