"""The query for a document as a graph: all of its own statements, names, what points to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sparql_server.engine.terms import iri, literal
from sparql_server.things.incoming import write_fixed
from sparql_server.things.names import name_values
from sparql_server.things.patterns import (
    DEPTH,
    UNCOUNTED,
    Document,
    Path,
    write_chain,
    write_objects,
    write_own,
    write_values,
)

_RDF_TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
_HYDRA = "http://www.w3.org/ns/hydra/core#"
_INTEGER = "http://www.w3.org/2001/XMLSchema#integer"
_VOID_PROPERTY = "http://rdfs.org/ns/void#property"

Triple = tuple[str, str, str]
"""A triple, its terms as SPARQL writes them."""


@dataclass(frozen=True, slots=True)
class Listed:
    """Things that point to a document by a path. sources: some of them.

    count: of all, or ``UNCOUNTED``. address: where all are, as an IRI. parts: relation (``next``)
    to the address of another part of them.
    """

    path: Path
    count: int
    sources: Sequence[str]
    address: str
    parts: Sequence[tuple[str, str]] = ()


def construct(document: Document, depth: int, listed: Sequence[Listed]) -> str:
    """Return the query for a document's own statements, and the first things that point to it.

    Nothing bounds its own statements: a graph that isn't whole looks as if it were. What points
    to it is said as collections (https://www.hydra-cg.com/spec/latest/core/#collections): how many
    there are, and where all are.
    """
    objects = write_objects(document, depth)
    named = f"{{ {{ SELECT DISTINCT ?s {{ {objects} }} }} {name_values()} ?s ?p ?o }}"
    return _construct(document, [*write_own(document, depth), named], listed)


def construct_part(document: Document, listed: Listed) -> str:
    """Return the query for the statements by which things of a part point to a document."""
    return _construct(document, [], [listed])


def construct_shown(shown: Sequence[tuple[str, str]]) -> str:
    """Return the query for properties of things, what hangs on them, and names, as a graph.

    shown: each a thing and a property of it.
    """
    rows = " ".join(f"({iri(thing)} {iri(property_)})" for thing, property_ in shown)
    values = f"VALUES (?s0 ?q0) {{ {rows} }}"
    own = [f"{{ VALUES (?s ?p) {{ {rows} }} ?s ?p ?o }}"]
    objects = [f"{{ {values} ?s0 ?q0 ?s FILTER(isIRI(?s)) }}"]
    for level in range(1, DEPTH + 1):
        chain = f"{values} {write_chain(level, DEPTH)}"
        own.append(f"{{ {chain} ?s{level} ?p ?o BIND(?s{level} AS ?s) }}")
        objects.append(f"{{ {chain} ?s{level} ?q{level} ?s FILTER(isIRI(?s)) }}")
    named = (
        f"{{ {{ SELECT DISTINCT ?s {{ {' UNION '.join(objects)} }} }} {name_values()} ?s ?p ?o }}"
    )
    return f"CONSTRUCT {{ ?s ?p ?o }} WHERE {{ {' UNION '.join([*own, named])} }}"


def _construct(document: Document, where: list[str], listed: Sequence[Listed]) -> str:
    template = ["?s ?p ?o ."]
    for number, each in enumerate(listed):
        if each.sources:
            pattern, triples = write_fixed(document.things, each.path, each.sources, number)
            template.append(triples)
            where.append(pattern)
    sources = sorted({source for each in listed for source in each.sources})
    if sources:
        where.append(f"{{ {write_values('s', sources)} {name_values()} ?s ?p ?o }}")
    controls = [triple for each in listed for triple in _describe(document, each)]
    if controls:
        rows = " ".join(f"({' '.join(triple)})" for triple in controls)
        where.append(f"{{ VALUES (?s ?p ?o) {{ {rows} }} }}")
    return f"CONSTRUCT {{ {' '.join(template)} }} WHERE {{ {' UNION '.join(where)} }}"


def _describe(document: Document, listed: Listed) -> list[Triple]:
    """Return what is said of the collection of things that point to a document by a path."""
    collection = iri(listed.address)
    said = [
        (iri(document.iri), iri(f"{_HYDRA}collection"), collection),
        (collection, iri(_RDF_TYPE), iri(f"{_HYDRA}Collection")),
        *((collection, iri(_VOID_PROPERTY), iri(each)) for each in listed.path),
    ]
    if listed.count != UNCOUNTED:
        total = literal(str(listed.count), _INTEGER)
        said.append((collection, iri(f"{_HYDRA}totalItems"), total))
    for relation, address in listed.parts:
        said.append((collection, iri(f"{_HYDRA}{relation}"), iri(address)))
    return said
