"""Views of things: each IRI in the data has an address here, as a page and as data.

Cool URIs for the Semantic Web, https://www.w3.org/TR/cooluris/: the address is that of a document
(200), whose fragments are things; ``/resource`` sends with 303 to the address of its own.
"""

from __future__ import annotations

import string
from dataclasses import dataclass, field
from urllib.parse import quote, urlencode, urlsplit

from flask import Blueprint, Response, abort, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from sparql_server.answering.endpoint import Endpoint, read_visitor
from sparql_server.answering.replies import Record
from sparql_server.changes.feed import spell_time
from sparql_server.errors import BadParameter, RequestError
from sparql_server.finding.schema import Schemas
from sparql_server.sparql.formats import prefers_html, wants_page
from sparql_server.sparql.protocol import read_format, read_parameters
from sparql_server.things.addresses import LIBRIS, TERMS, list_spellings, split_suffix
from sparql_server.things.documents import Reader, Shown, Told
from sparql_server.things.facts import Asker, Hubs
from sparql_server.things.request import Wanted, read_wanted
from sparql_server.web import language
from sparql_server.web.responses import addresses, respond
from sparql_server.web.services.history import History, answer_history
from sparql_server.web.sparql import check_size


@dataclass(frozen=True, slots=True)
class _Site:
    """What is known for all requests."""

    endpoint: Endpoint
    schemas: Schemas = field(default_factory=Schemas)
    hubs: Hubs = field(default_factory=Hubs)


def blueprint(endpoint: Endpoint) -> Blueprint:
    """Return the views; no other address of the server is taken by them."""
    views = Blueprint("things", __name__)
    site = _Site(endpoint)

    @views.get("/resource", endpoint="resource")
    def resource() -> AnyResponse:
        check_size(endpoint.request_bytes)
        iri = request.args.get("iri", "")
        if not iri:
            raise BadParameter("iri names the thing.", parameter="iri")
        if "history" in request.args:
            return answer_history(endpoint, [_document(iri)], _history_page)
        own = addresses().own(iri)
        return _send_to(own) if own else _tell(site, [_document(iri)], None)

    @views.get("/id.kb.se/<path:rest>", endpoint="term", defaults={"base": TERMS})
    @views.get("/<path:rest>", endpoint="thing", defaults={"base": LIBRIS})
    def thing(rest: str, base: str) -> AnyResponse:
        check_size(endpoint.request_bytes)
        if base == LIBRIS and addresses().is_taken(f"/{rest}"):
            abort(404)  # below an address that is another's
        if "iri" in request.args:
            raise BadParameter("iri goes with /resource.", parameter="iri")
        stem, suffix = split_suffix(_sent_path().removeprefix("/id.kb.se" if base == TERMS else ""))
        spellings = list_spellings(base + stem.removeprefix("/"))
        if "history" in request.args and not suffix:
            return answer_history(endpoint, spellings, _history_page)
        return _tell(site, spellings, suffix)

    return views


def _history_page(history: History) -> Response:
    return language.page(language.render("history.html", history=history, spell_time=spell_time))


def _sent_path() -> str:
    """Return the path as it was sent: an IRI may have percent-encoding of its own."""
    raw = request.environ.get("RAW_URI") or request.environ.get("REQUEST_URI")
    sent = urlsplit(raw).path if raw else quote(request.path)
    return sent if sent.isascii() else quote(sent, safe=string.printable)


def _send_to(own: str) -> AnyResponse:
    """Send to a thing's own address, its parameters with it."""
    read_wanted(read_parameters(request.query_string))
    kept = [pair for pair in request.args.items(multi=True) if pair[0] != "iri"]
    path, mark, fragment = own.partition("#")
    return redirect(f"{path}{'?' if kept else ''}{urlencode(kept)}{mark}{fragment}", 303)


def _document(iri: str) -> str:
    """Return the IRI of the document that tells of a thing of Libris, or of another's the thing."""
    return iri.partition("#")[0] if iri.startswith((LIBRIS, TERMS)) else iri


def _tell(site: _Site, spellings: list[str], suffix: str | None) -> Response:
    endpoint = site.endpoint
    parameters = read_parameters(request.query_string)
    wanted = read_wanted(parameters)
    record = Record(endpoint.journal, f"THING <{spellings[-1]}>")
    try:
        told = _ask(site, spellings, wanted)
        name = suffix or read_format(parameters)
        if wants_page(name) or (name is None and prefers_html(request.headers.get("Accept"))):
            return _page(endpoint, told.show(site.schemas.of(endpoint.answers.release)), wanted)
        is_head = request.method == "HEAD"
        answer, links = told.graph(name, request.headers.get("Accept"), head=is_head)
        response = respond(answer, record, endpoint)
    except RequestError as error:
        record.fail(error)
        raise
    response.headers["Link"] = links
    return response


def _ask(site: _Site, spellings: list[str], wanted: Wanted) -> Told:
    endpoint = site.endpoint
    visitor = read_visitor(request.environ, endpoint.trusted)
    endpoint.answers.admit(visitor.client)
    chosen = language.read_chosen() is not None
    reader = Reader(request.host_url.rstrip("/"), language.language(), chosen)
    asker = Asker(endpoint.answers, visitor, site.hubs)
    return Told(asker, reader, addresses(), spellings, wanted)


def _page(endpoint: Endpoint, shown: Shown, wanted: Wanted) -> Response:
    response = language.page(language.render("thing.html", shown=shown, wanted=wanted))
    release = endpoint.answers.release
    response.headers["Libris-Release"] = str(release.number if release else 0)
    response.headers["Link"] = shown.links
    return response
