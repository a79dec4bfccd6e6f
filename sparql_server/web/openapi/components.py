"""What operations share: schemas, parameters, headers, the responses to errors."""

from __future__ import annotations

from typing import Any

from sparql_server.sparql.formats import SOLUTIONS, Format

Part = dict[str, Any]

_PROBLEM = "application/problem+json"

# Status: name, and when it comes.
ERRORS = {
    400: ("BadRequest", "A parameter or the query is not as it should be; it is named."),
    403: ("Refused", "The query calls an endpoint that this one may not call."),
    404: ("NotFound", "There is nothing of that name."),
    406: ("NotAcceptable", "There is no such format; those there are are named."),
    410: ("ReleaseNotServed", "The request is for another release than the one served."),
    413: ("RequestTooLarge", "The request is larger than one may be."),
    415: ("UnsupportedMediaType", "The body is of another type than the protocol's."),
    422: ("ResultTooLarge", "The result is larger than one may be."),
    429: (
        "TooManyRequests",
        "One client asks too much at once. `Retry-After` says when to ask again.",
    ),
    500: ("EvaluationFailed", "The evaluation failed; the log has the same identifier."),
    503: (
        "Unavailable",
        "No release, no free worker, or the time limit. `Retry-After` says when to ask again.",
    ),
    507: ("MemoryLimitExceeded", "The query ran into the memory limit."),
}
ANY = (429, 500, 503)
EVALUATED = (*ANY, 422, 507)


def errors(*statuses: int) -> Part:
    """Return the responses for errors, by status."""
    return {
        str(one): {"$ref": f"#/components/responses/{ERRORS[one][0]}"} for one in sorted(statuses)
    }


def components() -> Part:
    """Return the components object."""
    return {
        "schemas": _schemas(),
        "responses": {name: _error(status, said) for status, (name, said) in ERRORS.items()},
        "headers": _HEADERS,
        "parameters": _PARAMETERS,
    }


def _error(status: int, said: str) -> Part:
    found: Part = {
        "description": said,
        "content": {
            _PROBLEM: {
                "schema": {"$ref": "#/components/schemas/Problem"},
                "example": {
                    "type": "about:blank",
                    "title": _TITLES.get(status, ERRORS[status][0]),
                    "status": status,
                    "detail": said,
                },
            },
            "text/html": {"schema": {"type": "string"}},
        },
    }
    if status in (429, 503):
        found["headers"] = {"Retry-After": {"$ref": "#/components/headers/RetryAfter"}}
    return found


_TITLES = {400: "Bad parameter", 404: "Not found", 410: "Release not served", 503: "Too busy"}

_HEADERS: Part = {
    "LibrisRelease": {
        "description": "Number of the release that answered.",
        "schema": {"type": "integer"},
    },
    "LibrisTotal": {
        "description": "Rows of the whole result; comes with `limit` or `offset`.",
        "schema": {"type": "integer"},
    },
    "ETag": {
        "description": "Entity tag, to send in `If-None-Match`.",
        "schema": {"type": "string"},
    },
    "Link": {
        "description": "The parts `first`, `prev` and `next` (RFC 8288); comes with `limit`.",
        "schema": {"type": "string"},
    },
    "RetryAfter": {
        "description": "Seconds after which to ask again.",
        "schema": {"type": "integer"},
    },
}

_NUMBER = {"type": "integer", "minimum": 0, "maximum": 999_999_999_999_999}
_PARAMETERS: Part = {
    "limit": {
        "name": "limit",
        "in": "query",
        "description": "Rows at most; all of them where it is left out.",
        "schema": _NUMBER,
        "example": 100,
    },
    "offset": {
        "name": "offset",
        "in": "query",
        "description": "Rows to leave out before the first.",
        "schema": _NUMBER,
        "example": 0,
    },
    "release": {
        "name": "release",
        "in": "query",
        "description": "Number of the release that must answer; 410 if another is served.",
        "schema": _NUMBER,
    },
}


def _schemas() -> Part:
    return {
        "Problem": _PROBLEM_SCHEMA,
        "SparqlResults": _RESULTS,
        "SavedQuery": _SAVED_QUERY,
        "Values": _VALUES,
        "Texts": {
            "type": "object",
            "description": "A text in Swedish and English.",
            "properties": {"sv": {"type": "string"}, "en": {"type": "string"}},
        },
    }


_PROBLEM_SCHEMA: Part = {
    "type": "object",
    "description": "A problem document, https://www.rfc-editor.org/rfc/rfc9457",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string", "description": "The same for all problems of a kind."},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "What is wrong with this request."},
        "parameter": {"type": "string", "description": "The parameter at fault."},
        "example": {"type": "string", "description": "A value that it takes."},
        "line": {"type": "integer", "description": "Of a malformed query, from 1."},
        "column": {"type": "integer", "description": "Of a malformed query, from 1."},
        "hint": {"type": "string"},
        "corrected": {"type": "string", "description": "The query in standard SPARQL."},
        "available": {"type": "array", "items": {"type": "string"}},
        "release": {"type": "integer", "description": "The one asked for."},
        "current": {"type": "integer", "description": "The release that is served."},
        "address": {"type": "string", "description": "Of the same in that release."},
        "limit": {"type": "number"},
        "unit": {"type": "string"},
        "identifier": {"type": "string", "description": "Under which the log has more."},
    },
}

_RESULTS: Part = {
    "type": "object",
    "description": "https://www.w3.org/TR/sparql11-results-json/",
    "required": ["head"],
    "properties": {
        "head": {
            "type": "object",
            "properties": {"vars": {"type": "array", "items": {"type": "string"}}},
        },
        "boolean": {"type": "boolean"},
        "results": {
            "type": "object",
            "required": ["bindings"],
            "properties": {
                "bindings": {
                    "type": "array",
                    "items": {
                        "type": "object",
                        "additionalProperties": {
                            "type": "object",
                            "required": ["type", "value"],
                            "properties": {
                                "type": {"enum": ["uri", "literal", "bnode", "triple"]},
                                "value": {},
                                "xml:lang": {"type": "string"},
                                "datatype": {"type": "string"},
                            },
                        },
                    },
                }
            },
        },
    },
}

_TEXTS = {"$ref": "#/components/schemas/Texts"}
_SAVED_QUERY: Part = {
    "type": "object",
    "required": [
        "name",
        "address",
        "title",
        "description",
        "tags",
        "form",
        "formats",
        "parameters",
    ],
    "properties": {
        "name": {"type": "string"},
        "address": {"type": "string"},
        "title": _TEXTS,
        "description": _TEXTS,
        "notes": _TEXTS,
        "tags": {"type": "array", "items": {"type": "string"}},
        "form": {"enum": ["SELECT", "ASK", "CONSTRUCT", "DESCRIBE"]},
        "columns": {"type": "array", "items": {"type": "string"}},
        "formats": {"type": "array", "items": {"type": "string"}},
        "parameters": {"type": "array", "items": {"type": "object"}},
    },
}

_VALUES: Part = {
    "type": "object",
    "required": ["values", "more"],
    "properties": {
        "values": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["value", "labels"],
                "properties": {"value": {"type": "string"}, "labels": _TEXTS},
            },
        },
        "more": {"type": "boolean", "description": "Whether there are more than are listed."},
    },
}


def contents(*formats: Format) -> Part:
    """Return the content object of a result in several formats."""
    found: Part = {}
    for one in formats:
        schema: Part = {"type": "string"}
        if one is SOLUTIONS[0]:
            schema = {"$ref": "#/components/schemas/SparqlResults"}
        elif one.name in ("jsonld", "expanded"):
            schema = {}
        found[one.media_types[0]] = {"schema": schema}
    return found


def found(content: Part, description: str, *headers: str) -> Part:
    """Return a response with what was asked for. headers: names in the components."""
    named = {_wire(one): {"$ref": f"#/components/headers/{one}"} for one in headers}
    return {"description": description, "headers": named, "content": content}


def _wire(name: str) -> str:
    return {"LibrisRelease": "Libris-Release", "LibrisTotal": "Libris-Total"}.get(name, name)


UNCHANGED: Part = {"description": "The client has it already (`If-None-Match`)."}
"""The response 304."""
