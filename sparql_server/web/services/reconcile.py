"""Views of the reconciliation service: manifest and queries at one address, the rest below it.

https://www.w3.org/community/reports/reconciliation/CG-FINAL-specs-0.2-20230410/
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from typing import Any

from flask import Blueprint, Response, request, url_for

from sparql_server import __version__
from sparql_server.answering.answer import Answer
from sparql_server.answering.endpoint import Endpoint, check_size, read_visitor
from sparql_server.answering.replies import Record
from sparql_server.errors import BadParameter, RequestError
from sparql_server.finding.schema import Schema, Schemas
from sparql_server.finding.search import Finder
from sparql_server.reconciling.candidate_facts import Asker
from sparql_server.reconciling.extending import extend
from sparql_server.reconciling.reconciler import Reconciler
from sparql_server.reconciling.reconciliation_request import read_batch, read_extension, read_iri
from sparql_server.reconciling.suggesting import (
    propose_properties,
    suggest_entities,
    suggest_properties,
    suggest_types,
)
from sparql_server.reconciling.types_and_properties import KINDS
from sparql_server.sparql.namespaces import KBV
from sparql_server.things.addresses import LIBRIS

_CALLBACK = re.compile(r"[A-Za-z_$][\w$.]{0,100}", re.ASCII)
_WIDTH, _HEIGHT = 400, 130  # pixels of a preview
_FRAMED = "default-src 'none'; style-src 'unsafe-inline'"  # pages of others may show it
_PROPOSED = 50  # properties
_FARTHEST = 10_000  # of what is proposed or suggested
_ASKED = ("queries", "extend")


@dataclass(frozen=True, slots=True)
class _Service:
    """The parts that answer a request. language: of labels."""

    endpoint: Endpoint
    finder: Finder
    schemas: Schemas
    language: str = "sv"

    def asker(self) -> Asker:
        """Return what asks for the client. Raises TooManyRequests."""
        visitor = read_visitor(request.environ, self.endpoint.trusted)
        self.endpoint.answers.admit(visitor.client)
        return Asker(self.endpoint.answers, visitor)

    def schema(self) -> Schema | None:
        return self.schemas.of(self.endpoint.answers.release)


def blueprint(endpoint: Endpoint) -> Blueprint:
    """Return the views."""
    views = Blueprint("reconcile", __name__)
    finder = Finder(endpoint.searching, endpoint.catalogue)
    service = _Service(endpoint, finder, Schemas())

    @views.route("/reconcile", methods=["GET", "POST"], endpoint="service", strict_slashes=False)
    def reconcile() -> Response:
        check_size(endpoint.request_bytes, len(request.query_string), request.content_length or 0)
        return _send(_answer(service, request.values))

    @views.get("/reconcile/suggest/<kind>", endpoint="suggest")
    def suggest(kind: str) -> Response:
        skipped = _read_number("cursor", 0, _FARTHEST)
        return _send(_suggest(service, kind, request.args.get("prefix", ""), skipped))

    @views.get("/reconcile/properties", endpoint="properties")
    def properties() -> Response:
        limit = _read_number("limit", _PROPOSED, _FARTHEST)
        wanted = request.args.get("type", "")
        kind = read_iri(wanted, "type") if wanted else ""
        found = propose_properties(service.schema(), kind, service.language, limit)
        return _send(found)

    @views.get("/reconcile/preview", endpoint="preview")
    def preview() -> Response:
        return _preview(service, read_iri(request.args.get("id", ""), "id"))

    return views


def _answer(service: _Service, said: Mapping[str, str]) -> dict[str, Any]:
    """Answer queries, or what is to be extended, or with the manifest where neither is there."""
    wanted = next((name for name in _ASKED if said.get(name)), None)
    if wanted is None:
        _check_nothing_is_asked(said)
        return _describe_service()
    record = Record(service.endpoint.journal, f"RECONCILE {wanted}")
    try:
        asker = service.asker()
        if wanted == "extend":
            extension = read_extension(said["extend"])
            found = extend(asker, service.schema(), extension, service.language)
        else:
            reconciler = Reconciler(service.finder, asker, service.language)
            found = reconciler.answer(read_batch(said["queries"]))
    except RequestError as error:
        record.fail(error)
        raise
    release = service.endpoint.answers.release
    record.end(Answer(None, release.number if release else 0, "none", None))
    return found


def _read_number(name: str, default: int, most: int) -> int:
    text = request.args.get(name, str(default))
    if not (text.isascii() and text.isdigit() and len(text) < 9 and int(text) <= most):
        raise BadParameter(f"{name} is a number up to {most:,}.", parameter=name, type="integer")
    return int(text)


def _check_nothing_is_asked(said: Mapping[str, str]) -> None:
    """Raise BadParameter for a request that asks for more than the manifest, and not for what."""
    if request.method == "POST" or any(name in said for name in (*_ASKED, "query")):
        raise BadParameter(
            "Nothing is asked: queries is a JSON object of queries, extend one of ids and"
            " properties, each a parameter of the address or of a form.",
            parameter="queries",
            example='{"q0": {"query": "Boye, Karin", "type": "kbv:Person"}}',
        )


def _describe_service() -> dict[str, Any]:
    """Return the manifest (4.1)."""
    base = url_for("reconcile.service", _external=True)
    things = url_for("things.resource", _external=True)

    def suggest(kind: str) -> dict[str, str]:
        return {"service_url": base, "service_path": f"/suggest/{kind}"}

    return {
        "versions": ["0.2"],
        "name": "Libris linked data",
        "identifierSpace": LIBRIS,
        "schemaSpace": KBV,
        "documentation": url_for("api.page", _external=True),
        "serviceVersion": __version__,
        "defaultTypes": [kind.as_json() for kind in KINDS],
        "view": {"url": f"{things}?iri={{{{id}}}}"},
        "preview": {"url": f"{base}/preview?id={{{{id}}}}", "width": _WIDTH, "height": _HEIGHT},
        "suggest": {kind: suggest(kind) for kind in ("entity", "type", "property")},
        "extend": {
            "propose_properties": {"service_url": base, "service_path": "/properties"},
            "property_settings": [
                {
                    "type": "number",
                    "default": 0,
                    "label": "Limit",
                    "name": "limit",
                    "help_text": "Values of each thing, at most; 0: all.",
                }
            ],
        },
    }


def _suggest(service: _Service, kind: str, text: str, skipped: int) -> dict[str, Any]:
    if kind == "entity":
        visitor = service.asker().visitor
        return suggest_entities(service.finder, text, service.language, visitor, skipped)
    if kind == "type":
        return suggest_types(service.schema(), text, service.language, skipped)
    if kind == "property":
        return suggest_properties(service.schema(), text, service.language, skipped)
    raise BadParameter("entity, type and property can be suggested.", parameter="kind")


def _preview(service: _Service, thing: str) -> Response:
    """Return a small page on a thing (5)."""
    visitor = service.asker().visitor
    found = suggest_entities(service.finder, thing, service.language, visitor)["result"]
    named = next((candidate for candidate in found if candidate["id"] == thing), {"name": thing})
    address = f"{url_for('things.resource', iri=thing, _external=True)}"
    body = (
        f'<!DOCTYPE html><html lang="{service.language}"><meta charset="utf-8">'
        f"<title>{escape(named['name'])}</title>"
        '<body style="font: 15px sans-serif; margin: 8px">'
        f'<p><a target="_blank" href="{escape(address)}">{escape(named["name"])}</a></p>'
        f"<p>{escape(named.get('description', ''))}</p>"
        f'<p style="color: #555; font-size: 12px">{escape(thing)}</p></body></html>'
    )
    response = Response(body, content_type="text/html; charset=utf-8")
    response.headers["Content-Security-Policy"] = _FRAMED
    return response


def _send(said: dict[str, Any]) -> Response:
    """Return JSON, or a call of the function that ``callback`` names (3.2)."""
    text = json.dumps(said, ensure_ascii=False)
    callback = request.args.get("callback", "")
    if callback and not _CALLBACK.fullmatch(callback):
        raise BadParameter("callback is the name of a function.", parameter="callback")
    if callback:
        # U+2028 and U+2029 end lines in older JavaScript.
        safe = text.replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
        body, kind = f"/**/{callback}({safe});\n", "application/javascript; charset=utf-8"
    else:
        body, kind = f"{text}\n", "application/json"
    response = Response(body, content_type=kind)
    response.headers["Cache-Control"] = "no-cache"
    return response
