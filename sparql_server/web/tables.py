"""Views of the tables of a release: ``/tables/``, each table's page, and the files."""

from __future__ import annotations

from flask import Blueprint, Response, request, url_for

from sparql_server.answering.endpoint import Endpoint
from sparql_server.errors import BadParameter, NotInRelease
from sparql_server.sparql.protocol import Parameters, read_format, read_parameters
from sparql_server.tables.listing import Listing, find_release, list_tables
from sparql_server.web import language
from sparql_server.web.services.releases import refuse_release
from sparql_server.web.sparql import check_size
from sparql_server.web.transfer.files import send_release_file
from sparql_server.web.transfer.responses import prefers_page, read_host, revalidate

_PARAMETERS = ("format", "lang", "release")


def blueprint(endpoint: Endpoint) -> Blueprint:
    """Return the views."""
    views = Blueprint("tables", __name__)

    @views.get("/tables/", endpoint="list")
    def show() -> Response:
        parameters, listing = _read(endpoint)
        if not _wants_page(parameters):
            return _of(listing, revalidate(listing.package))
        return _of(listing, language.page(language.render("tables.html", listing=listing)))

    @views.get("/tables/<name>", endpoint="table")
    def table(name: str) -> Response:
        parameters, listing = _read(endpoint)
        file = listing.get_file(name)
        if file is not None:
            return send_release_file(file.path, file.media_type, file.sha256, listing.release)
        if name not in listing.resources:
            raise _explain_missing(listing, name)
        described = listing.describe(name)
        if not _wants_page(parameters):
            return _of(listing, revalidate(described))
        body = language.render("table.html", table=described, listing=listing)
        return _of(listing, language.page(body))

    return views


def _read(endpoint: Endpoint) -> tuple[Parameters, Listing]:
    """Return the parameters of the request, and the tables that it is about."""
    check_size(endpoint.request_bytes)
    parameters = read_parameters(request.query_string)
    for name in parameters:
        if name not in _PARAMETERS:
            raise BadParameter(
                f"There is no parameter {name}; there are {', '.join(_PARAMETERS)}.", parameter=name
            )
    return parameters, _find(endpoint, _read_number(parameters))


def _read_number(parameters: Parameters) -> int | None:
    values = parameters.get("release", ())
    if not values:
        return None
    if len(values) > 1 or not (values[0].isascii() and values[0].isdigit() and len(values[0]) < 10):
        raise BadParameter("release is the number of a release.", parameter="release")
    return int(values[0])


def _find(endpoint: Endpoint, number: int | None) -> Listing:
    served = endpoint.answers.release
    release = find_release(served, number) if served else None
    if served and release is None:
        current = url_for(request.endpoint or "tables.list", **(request.view_args or {}))
        raise refuse_release(endpoint, number or 0, read_host() + current)
    listing = list_tables(release) if release else None
    if listing is None:
        raise NotInRelease(
            "What is served has no tables: libris-loader tables makes them of a release."
        )
    return listing


def _explain_missing(listing: Listing, name: str) -> NotInRelease:
    """Return what is said where there is no such file; a table of several files is one reason."""
    resource = listing.resources.get(name.removesuffix(".parquet"))
    if resource is None:
        there = ", ".join(listing.resources)
        return NotInRelease(f"There is no table {name[:200]}; there are {there}.")
    paths = ", ".join(file["path"] for file in resource["files"])
    return NotInRelease(f"The table is in several files: {paths}.")


def _wants_page(parameters: Parameters) -> bool:
    return prefers_page(read_format(parameters))


def _of(listing: Listing, response: Response) -> Response:
    response.headers["Libris-Release"] = str(listing.release)
    return response
