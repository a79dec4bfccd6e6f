"""Views of the descriptions of the endpoint: service description, VoID, prefixes."""

from __future__ import annotations

from flask import Blueprint, Response, request, url_for

from sparql_server.answering.answers import Answers
from sparql_server.engine.prefixes import predefined
from sparql_server.errors import NotAcceptable, RequestError
from sparql_server.finding.service_description import Service, describe_service, void
from sparql_server.sparql.formats import GRAPHS, Format, choose, list_available

_TURTLE = GRAPHS[0]


class _NoVoid(RequestError):
    """The release has no VoID document, or there is no release."""

    status = 404
    title = "Not found"


def blueprint(answers: Answers) -> Blueprint:
    """Return the VoID document, where https://www.w3.org/TR/void/#well-known has it."""
    views = Blueprint("descriptions", __name__)

    @views.get("/.well-known/void", endpoint="void")
    def negotiated() -> Response:
        return _void(answers, _format())

    @views.get("/void.ttl")
    def turtle() -> Response:
        return _void(answers, _TURTLE)

    return views


def service_description(answers: Answers) -> Response:
    """Return the service description in the format that the client wants most."""
    chosen, service = _format(), _service(answers)
    return _response(service, describe_service(service, chosen.name), chosen)


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
        manifest=release.manifest() if release else {},
    )


def _response(service: Service, body: bytes, chosen: Format) -> Response:
    response = Response(body, content_type=chosen.content_type)
    if service.release is not None:
        response.headers["Libris-Release"] = str(service.release)
    return response
