"""Views for programs: the description of all addresses in OpenAPI, the same as a page, SHACL."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from flask import Blueprint, Response, render_template, url_for

from sparql_server.answering.endpoint import Endpoint
from sparql_server.catalogue import shacl
from sparql_server.web import language
from sparql_server.web.openapi.openapi_document import describe_server, list_sections
from sparql_server.web.transfer.responses import revalidate

_ADDRESSES = 8  # that a server is reached at, and remembers its descriptions for


def blueprint(endpoint: Endpoint) -> Blueprint:
    """Return the views; they say the same as long as the server runs."""
    views = Blueprint("api", __name__)
    catalogue = endpoint.catalogue

    # By the address that the server was asked at, which its descriptions have in them.
    @lru_cache(maxsize=_ADDRESSES)
    def document(base: str) -> dict[str, Any]:
        return describe_server(catalogue, base)

    @lru_cache(maxsize=_ADDRESSES)
    def turtle(base: str, sparql: str) -> str:
        return shacl.export_shapes(catalogue, base, sparql)

    @views.get("/openapi.json", endpoint="openapi")
    def openapi() -> Response:
        return revalidate(document(url_for("pages.front", _external=True)))

    @views.get("/api", endpoint="page")
    def page() -> Response:
        found = document(url_for("pages.front", _external=True))
        return language.page(
            render_template("api.html", document=found, sections=list_sections(found))
        )

    @views.get("/queries.ttl", endpoint="shacl")
    def shacl_turtle() -> Response:
        base, sparql = (url_for(view, _external=True) for view in ("queries.list", "sparql.query"))
        return revalidate(turtle(base, sparql), "text/turtle; charset=utf-8")

    return views
