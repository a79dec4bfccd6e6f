"""A release's description in VoID, https://www.w3.org/TR/void/."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rdflib import BNode, Graph, URIRef
    from rdflib.term import Node


_VOID = "http://rdfs.org/ns/void#"
_TERMS = "http://purl.org/dc/terms/"


def describe(manifest: Mapping[str, Any], schema: Mapping[str, Any]) -> str:
    """Return what a manifest counts, in Turtle; with what the schema counts of each class."""
    from rdflib import RDF, XSD, Graph, Literal, Namespace, URIRef

    void, terms = Namespace(_VOID), Namespace(_TERMS)
    graph, dataset = Graph(), URIRef("#dataset")
    graph.add((dataset, RDF.type, void.Dataset))
    graph.add((dataset, terms.title, Literal("Libris linked data", lang="en")))
    graph.add((dataset, terms.issued, Literal(manifest["published"], datatype=XSD.dateTime)))
    graph.add((dataset, void.triples, Literal(manifest["quads"])))
    graph.add((dataset, void.vocabulary, URIRef("https://id.kb.se/vocab/")))
    rows = {each["iri"]: each["properties"] for each in schema.get("classes", ())}
    for key in ("classes", "properties"):
        graph.add((dataset, void[key], Literal(len(manifest[key]))))
    _add_classes(graph, dataset, manifest["classes"], rows)
    _add_properties(graph, dataset, manifest["properties"])
    for row in schema.get("linksets", ()):
        _add_linkset(graph, dataset, row)
    for kind, target, method, count in manifest.get("links", ()):
        links = _add_links(graph, dataset, count)
        graph.add((links, terms.description, Literal(f"{kind}, {target}, by {method}", lang="en")))
    return str(graph.serialize(format="turtle"))


def _add_classes(
    graph: Graph,
    dataset: URIRef,
    uses: Mapping[str, int],
    rows: Mapping[str, Sequence[Mapping[str, Any]]],
) -> None:
    """Add a partition for each class. rows: class to its properties, as the schema has them."""
    from rdflib import BNode, Literal, Namespace, URIRef

    void = Namespace(_VOID)
    for iri, count in uses.items():
        part = BNode()
        graph.add((dataset, void.classPartition, part))
        graph.add((part, void["class"], URIRef(iri)))
        graph.add((part, void.entities, Literal(count)))
        _add_properties(graph, part, {row["iri"]: row["count"] for row in rows.get(iri, ())})


def _add_properties(graph: Graph, whole: Node, uses: Mapping[str, int]) -> None:
    """Add a partition of a dataset, or of a part of it, for each property."""
    from rdflib import BNode, Literal, Namespace, URIRef

    void = Namespace(_VOID)
    for iri, count in uses.items():
        part = BNode()
        graph.add((whole, void.propertyPartition, part))
        graph.add((part, void.property, URIRef(iri)))
        graph.add((part, void.triples, Literal(count)))


def _add_linkset(graph: Graph, dataset: URIRef, row: Mapping[str, Any]) -> None:
    """Add the links to another dataset by a property, as the schema has them."""
    from rdflib import RDF, BNode, Literal, Namespace, URIRef

    void, target = Namespace(_VOID), BNode()
    links = _add_links(graph, dataset, row["count"])
    graph.add((links, void.linkPredicate, URIRef(row["property"])))
    graph.add((links, void.subjectsTarget, dataset))
    graph.add((links, void.objectsTarget, target))
    graph.add((target, RDF.type, void.Dataset))
    graph.add((target, void.uriSpace, Literal(row["target"])))


def _add_links(graph: Graph, dataset: URIRef, count: int) -> BNode:
    """Add a linkset; return it."""
    from rdflib import RDF, BNode, Literal, Namespace

    void, links = Namespace(_VOID), BNode()
    graph.add((links, RDF.type, void.Linkset))
    graph.add((dataset, void.subset, links))
    graph.add((links, void.triples, Literal(count)))
    return links
