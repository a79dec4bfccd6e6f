"""Views of the descriptions of the endpoint: service description, VoID, prefixes."""

from __future__ import annotations

from functools import lru_cache

from flask import Blueprint, Response, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from sparql_server.answering.answers import Answers
from sparql_server.answering.endpoint import Endpoint
from sparql_server.dataset.description import Described
from sparql_server.dataset.description_document import describe_dataset
from sparql_server.dataset.dumps import list_dumps
from sparql_server.engine.prefixes import predefined
from sparql_server.engine.releases import Release
from sparql_server.errors import NotAcceptable, NotInRelease, RequestError
from sparql_server.finding.service_description import Service, describe_service, void
from sparql_server.records.kinds import TITLES
from sparql_server.sparql.formats import (
    GRAPHS,
    Format,
    choose,
    list_available,
)
from sparql_server.sparql.protocol import read_format, read_parameters
from sparql_server.things.thing_request import PAGE, choose_format
from sparql_server.web import language
from sparql_server.web.transfer.responses import prefers_page, read_host, revalidate

_TURTLE = GRAPHS[0]
_LISTED = ("name", "kind", "title", "quads", "graphs", "bytes", "plain", "sha256")


class _NoVoid(RequestError):
    """The release has no VoID document, or there is no release."""

    status = 404
    title = "Not found"


def blueprint(endpoint: Endpoint) -> Blueprint:
    """Return the dataset, and VoID where https://www.w3.org/TR/void/#well-known has it."""
    views, answers = Blueprint("descriptions", __name__), endpoint.answers

    @views.get("/.well-known/void", endpoint="void")
    def negotiated() -> AnyResponse:
        chosen = choose_format(None, read_parameters(request.query_string), _accepted())
        if chosen is PAGE:
            return redirect(url_for("descriptions.dataset"), 303)  # which tells people the same
        return _void(answers, _check_format(chosen))

    @views.get("/void.ttl")
    def turtle() -> Response:
        return _void(answers, _TURTLE)

    @views.get("/dataset", endpoint="dataset")
    def dataset() -> Response:
        return _dataset(endpoint)

    @views.get("/dumps/", endpoint="dumps")
    def dumps() -> Response:
        described = _describe(endpoint)
        if _wants_page():
            return language.page(language.render("dataset.html", dataset=described, kinds=TITLES))
        files = [
            {
                **{name: getattr(dump, name) for name in _LISTED},
                "mediaType": dump.media_type,
                "license": described.terms.licences.get(dump.kind),
                "url": url_for("dumps.file", name=dump.name, _external=True),
            }
            for dump in described.dumps
        ]
        return revalidate({"release": described.release, "dumps": files})

    return views


def _dataset(endpoint: Endpoint) -> Response:
    """Return the description of the dataset for data portals, or as a page."""
    chosen = choose_format(None, read_parameters(request.query_string), _accepted())
    described = _describe(endpoint)
    if chosen is PAGE:
        return language.page(language.render("dataset.html", dataset=described, kinds=TITLES))
    _check_format(chosen)
    response = Response(describe_dataset(described, chosen.name), content_type=chosen.content_type)
    response.headers["Libris-Release"] = str(described.release)
    return _revalidated(response)


def _check_format(chosen: Format) -> Format:
    """Return a format in which there are descriptions. Raises NotAcceptable."""
    if chosen not in GRAPHS:
        raise NotAcceptable(
            "The dataset has no such description.", available=list_available(GRAPHS)
        )
    return chosen


def _wants_page() -> bool:
    return prefers_page(read_format(read_parameters(request.query_string)))


def _accepted() -> str | None:
    return request.headers.get("Accept")


def _describe(endpoint: Endpoint) -> Described:
    """Return what there is to describe. Raises NotInRelease."""
    release = endpoint.answers.release
    if release is None:
        raise NotInRelease("Nothing is published yet.")
    manifest = release.manifest()
    host = read_host()
    dumps = tuple(list_dumps(release, manifest))
    return Described(host, release.number, endpoint.terms, manifest, dumps)


class ServiceDescriptions:
    """Answers with the description of the service; example queries are written once."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint
        self._write_examples = lru_cache(maxsize=4)(self._export)

    def respond(self) -> Response:
        """Return the service description in the format that the client wants most."""
        chosen, service = _format(), _service(self._endpoint.answers)
        examples = self._write_examples(url_for("queries.list", _external=True), service.endpoint)
        release = self._endpoint.answers.release
        partitions = void(release.path / "void.ttl", service, _TURTLE.name) if release else None
        additions = (examples, (partitions or b"").decode())
        return _response(service, describe_service(service, chosen.name, additions), chosen)

    def _export(self, base: str, endpoint: str) -> str:
        from sparql_server.catalogue.shacl import export_shapes  # rdflib takes its time

        return export_shapes(self._endpoint.catalogue, base, endpoint)


def prefixes() -> Response:
    """Return the predefined prefixes as SPARQL declares them."""
    lines = [f"PREFIX {prefix}: <{namespace}>" for prefix, namespace in predefined().items()]
    return Response("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")


def _void(answers: Answers, chosen: Format) -> Response:
    release = answers.release
    service = _service(answers)
    body = void(release.path / "void.ttl", service, chosen.name) if release else None
    if body is None:
        raise _NoVoid("There is no VoID description of what is served.")
    return _response(service, body, chosen)


def _format() -> Format:
    chosen = choose(request.headers.get("Accept"), GRAPHS)
    if chosen is None:
        there = list_available(GRAPHS)
        raise NotAcceptable(f"There is {', '.join(there)}.", available=there)
    return chosen


def _service(answers: Answers) -> Service:
    release = answers.release
    return Service(
        endpoint=url_for("sparql.query", _external=True),
        void=url_for("descriptions.void", _external=True),
        union=answers.asking.union,
        federated=bool(answers.asking.allow_service),
        release=release.number if release else None,
        dumps=_list_whole(release),
        manifest=release.manifest() if release else {},
    )


def _list_whole(release: Release | None) -> tuple[str, ...]:
    """Return the addresses of the files that have all of a release."""
    dumps = list_dumps(release, release.manifest()) if release else []
    names = [dump.name for dump in dumps if dump.kind == "all"]
    return tuple(url_for("dumps.file", name=name, _external=True) for name in names)


def _response(service: Service, body: bytes, chosen: Format) -> Response:
    response = Response(body, content_type=chosen.content_type)
    if service.release is not None:
        response.headers["Libris-Release"] = str(service.release)
    return _revalidated(response)


def _revalidated(response: Response) -> Response:
    """Have a client keep an answer that it asks about each time; it is the same until a release."""
    response.headers["Cache-Control"] = "no-cache"
    response.add_etag(weak=True)
    response.make_conditional(request)
    return response
