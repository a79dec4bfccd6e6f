"""Views of what is in the catalogue: ``/search`` for things by name, ``/schema`` for its terms."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, request, url_for

from sparql_server.answering.endpoint import Endpoint, read_visitor
from sparql_server.answering.replies import Record
from sparql_server.errors import BadParameter, NotInRelease, RequestError
from sparql_server.finding.replying import make_search_reply
from sparql_server.finding.schema import Schema, Schemas
from sparql_server.finding.search import Finder, read_search
from sparql_server.saved.listing import group_by_theme
from sparql_server.sparql.protocol import Parameters, read_format, read_parameters
from sparql_server.web import language
from sparql_server.web.sparql import check_size
from sparql_server.web.transfer.responses import addresses, make_response, prefers_page, revalidate

_CLASSES = "SELECT ?class (COUNT(*) AS ?things) { ?thing a ?class } GROUP BY ?class"


def blueprint(endpoint: Endpoint, finder: Finder, schemas: Schemas) -> Blueprint:
    """Return the views."""
    views = Blueprint("finding", __name__)

    @views.get("/search", endpoint="search")
    def search() -> Response:
        check_size(endpoint.request_bytes)
        return _Searched(endpoint, finder, schemas).respond()

    @views.get("/schema", endpoint="schema")
    def schema() -> Response:
        parameters = _parameters(endpoint)
        found = _schema(endpoint, schemas)
        if not _wants_page(parameters):
            return _of_release(endpoint, revalidate(found.text))
        return language.page(language.render("schema.html", schema=found))

    @views.get("/schema/class", endpoint="term", defaults={"kind": "class"})
    @views.get("/schema/property", endpoint="term", defaults={"kind": "property"})
    def term(kind: str) -> Response:
        return _term(endpoint, _schema(endpoint, schemas), kind)

    return views


def _parameters(endpoint: Endpoint) -> Parameters:
    check_size(endpoint.request_bytes)
    return read_parameters(request.query_string)


def _wants_page(parameters: Parameters) -> bool:
    return prefers_page(read_format(parameters))


def _schema(endpoint: Endpoint, schemas: Schemas) -> Schema:
    found = schemas.of(endpoint.answers.release)
    if found is None and not endpoint.answers.explains:
        raise NotInRelease(
            "The data is at another endpoint, and this server has no schema of it. Ask /sparql"
            " instead, with the query given here or one like it.",
            query=_CLASSES,
        )
    if found is None:
        raise NotInRelease(
            "The release that is served has no schema: a release that the loader makes has one."
        )
    return found


def _of_release(endpoint: Endpoint, response: Response) -> Response:
    release = endpoint.answers.release
    if release is not None:
        response.headers["Libris-Release"] = str(release.number)
    return response


def _term(endpoint: Endpoint, schema: Schema, kind: str) -> Response:
    parameters = _parameters(endpoint)
    iri = request.args.get("iri", "")
    there = schema.classes if kind == "class" else schema.properties
    if not iri:
        raise BadParameter(f"iri names the {kind}.", parameter="iri")
    if iri not in there:
        raise NotInRelease(f"The release has no {kind} <{iri[:500]}>.")
    if not _wants_page(parameters):
        return _of_release(endpoint, revalidate(there[iri]))
    values = {"term": schema.terms[kind, iri], "said": there[iri], "schema": schema}
    if kind == "property":
        values["users"] = schema.users_of(iri)
    return language.page(language.render(f"schema_{kind}.html", **values))


class _Searched:
    """A search, answered."""

    def __init__(self, endpoint: Endpoint, finder: Finder, schemas: Schemas) -> None:
        parameters = read_parameters(request.query_string)
        self._endpoint = endpoint
        self._is_page = _wants_page(parameters)
        self._search = read_search(parameters, language.language())
        self._finder = finder
        self._schema = schemas.of(endpoint.answers.release)

    def respond(self) -> Response:
        """Return the page, or what a program gets."""
        found = self._things()
        if self._is_page:
            return self._page(found)
        base = url_for("queries.list", _external=True)
        whole = self._finder.complete(found, self._search, self._schema, base)
        release = self._endpoint.answers.release
        known = request.headers.get("If-None-Match", "")
        return make_response(make_search_reply(whole, release.number if release else None, known))

    def _page(self, found: dict[str, Any]) -> Response:
        queries, terms = self._finder.beside(self._search, self._schema)
        body = language.render(
            "search.html",
            found=found,
            search=self._search,
            themes=group_by_theme(queries),
            terms=terms,
            schema=self._schema,
            address=addresses().of,
        )
        return language.page(body)

    def _things(self) -> dict[str, Any]:
        """Return the things that fit; a page without an index still has queries and terms."""
        record = Record(self._endpoint.journal, f"SEARCH {self._search.text}")
        visitor = read_visitor(request.environ, self._endpoint.trusted)
        try:
            found, answer = self._finder.things(self._search, visitor)
        except RequestError as error:
            if isinstance(error, NotInRelease) and self._is_page:
                return {"hits": [], "missing": error}
            record.fail(error)
            raise
        if answer:
            record.end(answer)
        return found
