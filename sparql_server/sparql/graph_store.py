"""SPARQL 1.1 Graph Store HTTP Protocol: which graph a request is about.

https://www.w3.org/TR/sparql11-http-rdf-update/#graph-identification
"""

from __future__ import annotations

from sparql_server.errors import BadRequest
from sparql_server.sparql.iri import is_absolute
from sparql_server.sparql.protocol import Parameters

DEFAULT = ""
"""Stands for the default graph where a graph's name would; no graph's name is empty."""


def read_indirect(parameters: Parameters) -> str:
    """Return the graph that ``graph`` names, or ``DEFAULT`` for ``default`` (4.2).

    Raises BadRequest unless there is exactly one of both, and the name is an absolute IRI.
    """
    names, default = parameters.get("graph", ()), parameters.get("default", ())
    if len(names) + len(default) != 1:
        raise BadRequest("Name one graph: with graph=IRI, or the default graph with default.")
    if default:
        if default[0]:
            raise BadRequest("The parameter default takes no value.")
        return DEFAULT
    if not is_absolute(names[0]):
        raise BadRequest(f"The parameter graph must be an absolute IRI, not {names[0]!r}.")
    return names[0]


def read_direct(address: str, parameters: Parameters) -> str:
    """Return the graph whose name is the request's own address, its parameters apart (4.1).

    Raises BadRequest if the request names a graph in its parameters as well.
    """
    if "graph" in parameters or "default" in parameters:
        raise BadRequest("The address names a graph; graph and default can't name another.")
    return address
