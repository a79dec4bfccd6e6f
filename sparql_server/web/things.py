"""Views of things: each IRI in the data has an address here, as a page and as data.

Cool URIs for the Semantic Web, https://www.w3.org/TR/cooluris/: the address is that of a document
(200), whose fragments are things; ``/resource`` sends with 303 to the address of its own.
"""

from __future__ import annotations

import string
from dataclasses import dataclass, field, replace
from urllib.parse import quote, urlencode, urlsplit

from flask import Blueprint, Response, abort, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from sparql_server.answering.endpoint import Endpoint, read_visitor
from sparql_server.answering.replies import Record
from sparql_server.changes.feed import spell_time
from sparql_server.errors import BadParameter, RequestError
from sparql_server.finding.schema import Schemas
from sparql_server.sparql.protocol import read_parameters
from sparql_server.things.addresses import (
    LIBRIS,
    TERMS,
    find_fault,
    list_spellings,
    split_suffix,
)
from sparql_server.things.facts import Asker, Hubs
from sparql_server.things.legacy_addresses import compute_record, find_moved
from sparql_server.things.pages.thing_documents import Reader, Shown, Told
from sparql_server.things.thing_request import KEPT, PAGE, Wanted, choose_format, read_wanted
from sparql_server.web import language
from sparql_server.web.services.history import History, answer_history, has_history
from sparql_server.web.sparql import check_size
from sparql_server.web.transfer.responses import addresses, read_host, respond


@dataclass(frozen=True, slots=True)
class _Site:
    """The facts that hold for all requests."""

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
        if "history" in request.args:
            return answer_history(endpoint, [_document(request.args.get("iri", ""))], _history_page)
        iri = _read_iri()
        own = addresses().own(iri)
        if own:
            return _send_to(own)
        return _find_moved(site, iri, None, 303) or _tell(site, [_document(iri)], None)

    @views.get("/id.kb.se/<path:rest>", endpoint="term", defaults={"base": TERMS})
    @views.get("/<path:rest>", endpoint="thing", defaults={"base": LIBRIS})
    def thing(rest: str, base: str) -> AnyResponse:
        check_size(endpoint.request_bytes)
        is_legacy = compute_record(f"{LIBRIS}{rest}") is not None
        if base == LIBRIS and addresses().is_taken(f"/{rest}") and not is_legacy:
            abort(404)  # below an address that is another's
        if "iri" in request.args:
            raise BadParameter("iri goes with /resource.", parameter="iri")
        stem, suffix = split_suffix(_sent_path().removeprefix("/id.kb.se" if base == TERMS else ""))
        spellings = list_spellings(base + stem.removeprefix("/"))
        if "history" in request.args and not suffix:
            return answer_history(endpoint, spellings, _history_page)
        is_thing = "/resource/" in spellings[-1]
        moved = _find_moved(site, spellings[-1], suffix, 303 if is_thing else 301)
        return moved or _tell(site, spellings, suffix)

    return views


def _history_page(history: History) -> Response:
    return language.page(language.render("history.html", history=history, spell_time=spell_time))


def _read_iri() -> str:
    """Return the IRI that is asked about. Raises BadParameter with what is wrong with it."""
    parameters = read_parameters(request.query_string)
    read_wanted(parameters)
    if not any(parameters.get("iri", ())):
        raise BadParameter("iri is missing or empty: it names the thing, in full.", parameter="iri")
    iri = parameters["iri"][0]
    fault = find_fault(iri)
    if fault:
        said = f"{iri[:200]!r} can't be the name of a thing: {fault}."
        raise BadParameter(said, parameter="iri", example=f"{LIBRIS}fnrgl#it")
    return iri


def _sent_path() -> str:
    """Return the path as it was sent: an IRI may have percent-encoding of its own."""
    raw = request.environ.get("RAW_URI") or request.environ.get("REQUEST_URI")
    sent = raw.partition("?")[0] if raw else quote(request.path)
    sent = sent if sent.startswith("/") else urlsplit(sent).path  # a proxy may be sent all of it
    return sent if sent.isascii() else quote(sent, safe=string.printable)


def _send_to(address: str, suffix: str | None = None, status: int = 303) -> AnyResponse:
    """Send to the address of a thing, with the parameters that are for it."""
    kept = [pair for pair in request.args.items(multi=True) if pair[0] in KEPT]
    kept += [("format", suffix)] if suffix else []
    path, mark, fragment = address.partition("#")
    separator = ("&" if "?" in path else "?") if kept else ""
    return redirect(f"{path}{separator}{urlencode(kept)}{mark}{fragment}", status)


def _find_moved(site: _Site, iri: str, suffix: str | None, status: int) -> AnyResponse | None:
    """Send from a legacy address to where its thing is told of now; None: it is none, or nothing's.

    Raises DeletedRecord for that of a record which was deleted.
    """
    computed = compute_record(iri)
    if computed is None:
        return None
    asker = _make_asker(site)
    if asker.is_said(iri):
        return None
    moved = find_moved(asker, iri)
    if moved is None:
        asker.check_deletion(computed)
        return None
    return _send_to(addresses().of(moved), suffix, status)


def _document(iri: str) -> str:
    """Return the IRI of the document that tells of a thing of Libris, or of another's the thing."""
    return iri.partition("#")[0] if iri.startswith((LIBRIS, TERMS)) else iri


def _tell(site: _Site, spellings: list[str], suffix: str | None) -> Response:
    endpoint = site.endpoint
    parameters = read_parameters(request.query_string)
    wanted = _widen(site, read_wanted(parameters, request.headers.get("Accept-Profile")))
    record = Record(endpoint.journal, f"THING <{spellings[-1]}>")
    try:
        chosen = choose_format(suffix, parameters, request.headers.get("Accept"))
        told = _ask(site, spellings, wanted)
        if chosen is PAGE:
            shown = told.show(site.schemas.of(endpoint.answers.release))
            return _page(endpoint, shown, wanted, _find_history(endpoint, spellings))
        answer, links = told.graph(chosen.name, head=request.method == "HEAD")
        response = respond(answer, record, endpoint)
    except RequestError as error:
        record.fail(error)
        raise
    response.headers["Link"] = links
    response.headers["Vary"] = "Accept, Accept-Encoding, Accept-Profile"
    return response


def _widen(site: _Site, wanted: Wanted) -> Wanted:
    """Return a request for things of a class with the classes below it."""
    schema = site.schemas.of(site.endpoint.answers.release) if wanted.kind else None
    return replace(wanted, kinds=tuple(schema.list_below(wanted.kinds))) if schema else wanted


def _ask(site: _Site, spellings: list[str], wanted: Wanted) -> Told:
    chosen = language.read_chosen() is not None
    host, licences = read_host(), site.endpoint.terms.licences
    reader = Reader(host, language.language(), chosen, licences)
    return Told(_make_asker(site), reader, addresses(), spellings, wanted)


def _make_asker(site: _Site) -> Asker:
    """Return what asks for this request's client. Raises TooManyRequests."""
    endpoint = site.endpoint
    visitor = read_visitor(request.environ, endpoint.trusted)
    endpoint.answers.admit(visitor.client)
    return Asker(endpoint.answers, visitor, site.hubs)


def _find_history(endpoint: Endpoint, spellings: list[str]) -> str | None:
    """Return the address of a thing's history, if there is one."""
    if not has_history(endpoint, spellings):
        return None
    address = addresses().of(spellings[-1])
    return f"{address}{'&' if '?' in address else '?'}history"


def _page(endpoint: Endpoint, shown: Shown, wanted: Wanted, history: str | None) -> Response:
    values = {"shown": shown, "wanted": wanted, "history": history}
    response = language.page(language.render("thing.html", **values))
    release = endpoint.answers.release
    response.headers["Libris-Release"] = str(release.number if release else 0)
    response.headers["Link"] = shown.links
    response.vary.add("Accept-Profile")
    return response
