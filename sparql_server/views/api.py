"""What programs get to know of the addresses: OpenAPI, the same as a page, SHACL."""

from __future__ import annotations

from flask import Blueprint, Response, render_template, url_for

from sparql_server.catalogue import shacl
from sparql_server.openapi.document import described, sections
from sparql_server.views import language
from sparql_server.views.kept import kept
from sparql_server.views.sparql import Endpoint


def blueprint(endpoint: Endpoint) -> Blueprint:
    """Return the views; they say the same as long as the server runs."""
    views = Blueprint("api", __name__)

    @views.get("/openapi.json", endpoint="openapi")
    def openapi() -> Response:
        return kept(described(endpoint.catalogue, url_for("pages.front", _external=True)))

    @views.get("/api", endpoint="page")
    def page() -> Response:
        document = described(endpoint.catalogue, url_for("pages.front", _external=True))
        body = render_template("api.html", document=document, sections=sections(document))
        return language.page(body)

    @views.get("/queries.ttl", endpoint="shacl")
    def shacl_turtle() -> Response:
        text = _exported(endpoint)
        return kept(text, "text/turtle; charset=utf-8")

    return views


def _exported(endpoint: Endpoint) -> str:
    base = url_for("queries.list", _external=True)
    return shacl.export(endpoint.catalogue, base, url_for("sparql.query", _external=True))
