"""A release's description in VoID, https://www.w3.org/TR/void/."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def describe(manifest: Mapping[str, Any], schema: Mapping[str, Any]) -> str:
    """Return what a manifest counts, in Turtle; with what the schema counts of each class."""
    from rdflib import RDF, XSD, BNode, Graph, Literal, Namespace, URIRef

    void = Namespace("http://rdfs.org/ns/void#")
    terms = Namespace("http://purl.org/dc/terms/")
    graph = Graph()
    dataset = URIRef("#dataset")
    graph.add((dataset, RDF.type, void.Dataset))
    graph.add((dataset, terms.title, Literal("Libris linked data", lang="en")))
    graph.add((dataset, terms.issued, Literal(manifest["published"], datatype=XSD.dateTime)))
    graph.add((dataset, void.triples, Literal(manifest["quads"])))
    graph.add((dataset, void.vocabulary, URIRef("https://id.kb.se/vocab/")))
    rows = {each["iri"]: each["properties"] for each in schema.get("classes", ())}
    parts = (
        ("classes", void.classPartition, void["class"], void.entities),
        ("properties", void.propertyPartition, void.property, void.triples),
    )
    for key, partition, names, counts in parts:
        graph.add((dataset, void[key], Literal(len(manifest[key]))))
        for iri, uses in manifest[key].items():
            part = BNode()
            graph.add((dataset, partition, part))
            graph.add((part, names, URIRef(iri)))
            graph.add((part, counts, Literal(uses)))
            for row in rows.get(iri, ()) if key == "classes" else ():
                own = BNode()
                graph.add((part, void.propertyPartition, own))
                graph.add((own, void.property, URIRef(row["iri"])))
                graph.add((own, void.triples, Literal(row["count"])))
    for row in schema.get("linksets", ()):
        links, target = BNode(), BNode()
        graph.add((links, RDF.type, void.Linkset))
        graph.add((dataset, void.subset, links))
        graph.add((links, void.linkPredicate, URIRef(row["property"])))
        graph.add((links, void.subjectsTarget, dataset))
        graph.add((links, void.objectsTarget, target))
        graph.add((target, RDF.type, void.Dataset))
        graph.add((target, void.uriSpace, Literal(row["target"])))
        graph.add((links, void.triples, Literal(row["count"])))
    for kind, target, method, count in manifest.get("links", ()):
        links = BNode()
        graph.add((links, RDF.type, void.Linkset))
        graph.add((dataset, void.subset, links))
        graph.add((links, terms.description, Literal(f"{kind}, {target}, by {method}", lang="en")))
        graph.add((links, void.triples, Literal(count)))
    return str(graph.serialize(format="turtle"))
