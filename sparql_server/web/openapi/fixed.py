"""The addresses that are always there: the SPARQL endpoint, graphs, descriptions, operation."""

from __future__ import annotations

from typing import Any

from sparql_server.sparql.formats import DATASETS, EXPANDED, GRAPHS, KNOWN
from sparql_server.web.openapi.components import EVALUATED, UNCHANGED, Part, contents, errors, found

_QUERY = "SELECT ?type (COUNT(*) AS ?count) WHERE { ?thing a ?type } GROUP BY ?type"
_GRAPH = "https://libris.kb.se/sample-b0001"
_FORMATS = list(KNOWN)


def paths() -> Part:
    """Return the paths object of these addresses."""
    return {
        "/sparql": {"get": _get(), "post": _post()},
        "/graphs": {"get": _graphs()},
        "/": {"get": _page("getFront", "The front page", "Questions, and a box for queries.")},
        "/api": {
            "get": _page("getApi", "This description as a page", "Needs nothing from elsewhere.")
        },
        "/openapi.json": {"get": _openapi()},
        "/.well-known/void": {"get": _void("getVoid", "The dataset described in VoID", GRAPHS)},
        "/void.ttl": {"get": _void("getVoidTurtle", "The same, in Turtle", GRAPHS[:1])},
        "/health": {"get": _health()},
        "/metrics": {"get": _metrics()},
    }


def _parameter(name: str, description: str, schema: Part, **more: Any) -> Part:
    return {"name": name, "in": "query", "description": description, "schema": schema, **more}


def _dataset() -> list[Part]:
    iris = {"type": "array", "items": {"type": "string", "format": "iri"}}
    return [
        _parameter("default-graph-uri", "Graph of the default graph; may be repeated.", iris),
        _parameter("named-graph-uri", "Named graph; may be repeated.", iris),
        _format(_FORMATS),
        _parameter(
            "timeout",
            "Milliseconds that the client wants to wait at most.",
            {"type": "integer", "minimum": 0, "maximum": 999_999_999_999},
        ),
    ]


def _format(names: list[str]) -> Part:
    said = "Short name of a format, before the `Accept` header."
    return _parameter("format", said, {"type": "string", "enum": names})


def _results() -> Part:
    everything = {"text/html": {"schema": {"type": "string"}}}
    content = contents(*KNOWN.values()) | everything
    said = "The result: rows or a boolean for SELECT and ASK, a graph for CONSTRUCT and DESCRIBE."
    return {
        "200": found(content, said, "LibrisRelease", "ETag"),
        "304": UNCHANGED,
        **errors(*EVALUATED, 400, 403, 406, 413, 415),
    }


def _get() -> Part:
    return {
        "operationId": "getQuery",
        "summary": "Answer a query",
        "description": "SPARQL 1.1 Protocol, https://www.w3.org/TR/sparql11-protocol/. Without a"
        " query: the service description, or for a browser the front page.",
        "tags": ["sparql"],
        "parameters": [
            _parameter("query", "SPARQL 1.1.", {"type": "string"}, example=_QUERY),
            *_dataset(),
        ],
        "responses": _results(),
    }


def _post() -> Part:
    form = {
        "type": "object",
        "required": ["query"],
        "properties": {
            "query": {"type": "string"},
            "format": {"type": "string", "enum": _FORMATS},
        },
    }
    return {
        "operationId": "postQuery",
        "summary": "Answer a query that is long, or comes from a form",
        "description": "SPARQL 1.1 Protocol, 2.1.2 and 2.1.3.",
        "tags": ["sparql"],
        "parameters": _dataset(),
        "requestBody": {
            "required": True,
            "content": {
                "application/sparql-query": {"schema": {"type": "string"}, "example": _QUERY},
                "application/x-www-form-urlencoded": {
                    "schema": form,
                    "example": {"query": _QUERY},
                },
            },
        },
        "responses": _results(),
    }


def _graphs() -> Part:
    return {
        "operationId": "getGraph",
        "summary": "Return a graph whole",
        "description": "SPARQL 1.1 Graph Store HTTP Protocol, read only,"
        " https://www.w3.org/TR/sparql11-http-rdf-update/. Name one graph, or `default`.",
        "tags": ["sparql"],
        "parameters": [
            _parameter(
                "graph", "IRI of the graph.", {"type": "string", "format": "iri"}, example=_GRAPH
            ),
            _parameter(
                "default", "The default graph; takes no value.", {"type": "string", "maxLength": 0}
            ),
            _format([one.name for one in (*GRAPHS, EXPANDED, *DATASETS)]),
        ],
        "responses": {
            "200": found(
                contents(*GRAPHS, EXPANDED, *DATASETS), "The graph.", "LibrisRelease", "ETag"
            ),
            "304": UNCHANGED,
            **errors(*EVALUATED, 400, 404, 406, 413),
        },
    }


def _page(name: str, summary: str, description: str) -> Part:
    return {
        "operationId": name,
        "summary": summary,
        "description": description,
        "tags": ["descriptions"],
        "parameters": [
            _parameter(
                "lang",
                "Language of the page, `sv` or `en`, before `Accept-Language`.",
                {"type": "string"},
                example="sv",
            )
        ],
        "responses": {
            "200": {
                "description": "The page.",
                "content": {"text/html": {"schema": {"type": "string"}}},
            },
            "304": UNCHANGED,
        },
    }


def _openapi() -> Part:
    return {
        "operationId": "getOpenapi",
        "summary": "This description",
        "description": "OpenAPI 3.1.",
        "tags": ["descriptions"],
        "responses": {
            "200": found({"application/json": {"schema": {"type": "object"}}}, "It.", "ETag"),
            "304": UNCHANGED,
        },
    }


def _void(name: str, summary: str, formats: Any) -> Part:
    refused = errors(404, 503) if len(formats) == 1 else errors(404, 406, 503)
    return {
        "operationId": name,
        "summary": summary,
        "description": "https://www.w3.org/TR/void/",
        "tags": ["descriptions"],
        "responses": {
            "200": found(contents(*formats), "The description.", "LibrisRelease"),
            **refused,
        },
    }


def _health() -> Part:
    schema = {
        "type": "object",
        "required": ["live", "ready", "release", "engine", "workers", "waiting", "freshness"],
        "properties": {
            "live": {"type": "boolean"},
            "ready": {"type": "boolean"},
            "release": {"type": ["integer", "null"]},
            "engine": {"enum": ["disk", "columns", "memory", "remote", "none"]},
            "workers": {"type": "object"},
            "waiting": {"type": "integer"},
            "freshness": _freshness(),
        },
    }
    content = {"application/json": {"schema": schema}}
    return {
        "operationId": "getHealth",
        "summary": "Say whether queries are answered",
        "description": "For a load balancer.",
        "tags": ["operation"],
        "responses": {
            "200": {"description": "They are.", "content": content},
            "503": {"description": "Nothing is published yet.", "content": content},
        },
    }


def _freshness() -> Part:
    moment = {"type": ["string", "null"], "format": "date-time"}
    count = {"type": "integer"}
    update = {"began": moment, "ended": moment, "well": {"type": "boolean"}}
    return {
        "type": "object",
        "description": "How fresh the data is, as the loader has noted it; empty if it has not.",
        "properties": {
            "last_update": {"type": ["object", "null"], "properties": update},
            "last_update_well": moment,
            "newest_datestamp": moment,
            "quarantined": count,
            "dropped": count,
            "repaired": count,
        },
    }


def _metrics() -> Part:
    return {
        "operationId": "getMetrics",
        "summary": "Figures for Prometheus",
        "description": "https://prometheus.io/docs/instrumenting/exposition_formats/",
        "tags": ["operation"],
        "responses": {
            "200": {
                "description": "The figures.",
                "content": {"text/plain": {"schema": {"type": "string"}}},
            }
        },
    }
