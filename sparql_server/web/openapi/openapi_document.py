"""The whole description, and its operations in the order of a page."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sparql_server import __version__
from sparql_server.catalogue.saved_query import Catalogue
from sparql_server.web.openapi import saved_queries
from sparql_server.web.openapi.fixed_parts import Part, read


@dataclass(frozen=True, slots=True)
class Operation:
    """An operation as the page shows it. path: with its parameters in braces."""

    path: str
    method: str
    operation: Part


def describe_server(catalogue: Catalogue, base: str) -> Part:
    """Return the OpenAPI document. base: address of the server."""
    fixed = read("document")
    about = fixed["info"]
    return {
        "openapi": fixed["openapi"],
        "info": {"title": about["title"], "version": __version__, **about},
        "servers": [{"url": base.rstrip("/")}],
        "tags": fixed["tags"],
        "paths": {**saved_queries.describe_paths(catalogue), **fixed["paths"]},
        "components": fixed["components"],
    }


def list_sections(document: Part) -> list[tuple[str, str, list[Operation]]]:
    """Return tags, their descriptions, and their operations."""
    operations = list(_operations(document))
    return [
        (
            tag["name"],
            tag["description"],
            [operation for operation in operations if tag["name"] in operation.operation["tags"]],
        )
        for tag in document["tags"]
    ]


def _operations(document: Part) -> Iterator[Operation]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield Operation(path, method.upper(), _resolved(operation, document))


def _resolved(operation: Part, document: Part) -> Part:
    """Return an operation with the components that it refers to in their places."""
    parameters = [_target(parameter, document) for parameter in operation.get("parameters", [])]
    responses = {
        status: _target(response, document) for status, response in operation["responses"].items()
    }
    return {**operation, "parameters": parameters, "responses": responses}


def _target(part: Part, document: Part) -> Part:
    if "$ref" not in part:
        return part
    target = document
    for name in part["$ref"].removeprefix("#/").split("/"):
        target = target[name]
    return target
