"""The whole description, and the same in the order of a page."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sparql_server import __version__
from sparql_server.catalogue.model import Catalogue
from sparql_server.web.openapi import fixed, saved
from sparql_server.web.openapi.components import Part, components

_ABOUT = """\
Sweden's national library catalogue Libris as linked data: a SPARQL endpoint, and saved queries with
addresses of their own. It is read only.

Every address also takes HEAD, and OPTIONS for CORS; any page may ask. Results have an `ETag` and
can be asked for with `If-None-Match`. An error is a problem document (RFC 9457), or a page for a
browser.
"""
_TAGS = {
    "saved queries": "Questions with parameters; each has a stable address.",
    "sparql": "Queries of one's own.",
    "descriptions": "What there is.",
    "operation": "For whoever runs the server.",
}


@dataclass(frozen=True, slots=True)
class Operation:
    """An operation as the page shows it. path: with its parameters in braces."""

    path: str
    method: str
    operation: Part


def described(catalogue: Catalogue, base: str) -> Part:
    """Return the OpenAPI document. base: address of the server."""
    return {
        "openapi": "3.1.1",
        "info": {
            "title": "Libris linked data",
            "version": __version__,
            "description": _ABOUT,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": base.rstrip("/")}],
        "tags": [{"name": name, "description": said} for name, said in _TAGS.items()],
        "paths": {**saved.paths(catalogue), **fixed.paths()},
        "components": components(),
    }


def sections(document: Part) -> list[tuple[str, str, list[Operation]]]:
    """Return tags, what they are about, and their operations."""
    operations = list(_operations(document))
    return [
        (name, said, [one for one in operations if name in one.operation["tags"]])
        for name, said in _TAGS.items()
    ]


def _operations(document: Part) -> Iterator[Operation]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield Operation(path, method.upper(), _resolved(operation, document))


def _resolved(operation: Part, document: Part) -> Part:
    """Return an operation with the components that it refers to in their places."""
    parameters = [_target(one, document) for one in operation.get("parameters", [])]
    responses = {status: _target(one, document) for status, one in operation["responses"].items()}
    return {**operation, "parameters": parameters, "responses": responses}


def _target(part: Part, document: Part) -> Part:
    if "$ref" not in part:
        return part
    found = document
    for name in part["$ref"].removeprefix("#/").split("/"):
        found = found[name]
    return found
