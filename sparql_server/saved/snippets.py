"""Snippets: lines to copy that get the same answer in a terminal, a notebook or R."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping


def make_snippets(name: str, address: str, graph: bool) -> Mapping[str, str]:
    """Return language to lines that fetch an address.

    name: of the query. address: of its CSV, or of its Turtle where ``graph`` is true.

    >>> print(make_snippets("works", "http://localhost/queries/works.csv", False)["curl"])
    curl --fail --output works.csv http://localhost/queries/works.csv
    """
    quoted = json.dumps(address)
    file = f"{name}.ttl" if graph else f"{name}.csv"
    curl = f"curl --fail --output {shlex.quote(file)} {shlex.quote(address)}"
    if graph:
        python = f'from rdflib import Graph\n\ngraph = Graph().parse({quoted}, format="turtle")'
        return {
            "curl": curl,
            "Python": python,
            "R": f'rdflib::rdf_parse({quoted}, format = "turtle")',
        }
    return {
        "curl": curl,
        "Python": f"import pandas\n\ntable = pandas.read_csv({quoted})",
        "R": f"table <- read.csv({quoted})",
    }
