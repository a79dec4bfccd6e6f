"""Descriptions of the endpoint in RDF: SPARQL 1.1 Service Description, and VoID.

https://www.w3.org/TR/sparql11-service-description/, https://www.w3.org/TR/void/
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rdflib import Graph, URIRef
    from rdflib.term import Node

_W3C = "http://www.w3.org/ns/formats/"
RESULT_FORMATS = (
    "SPARQL_Results_JSON",
    "SPARQL_Results_XML",
    "SPARQL_Results_CSV",
    "SPARQL_Results_TSV",
    "Turtle",
    "N-Triples",
    "RDF_XML",
    "JSON-LD",
)
"""Local names of https://www.w3.org/ns/formats/, in the order of ``negotiation``'s formats."""

_ORDERED = "SimpleMemory"  # rdflib's store that gives triples in the order they came in
_DESCRIPTIONS = 8  # that are remembered: of some addresses, in some formats
# Not pretty-xml: it writes the literals in lists as if they were IRIs.
_RDFLIB_NAMES = {"ttl": "turtle", "nt": "nt", "rdf": "xml", "jsonld": "json-ld"}


@dataclass(frozen=True, slots=True)
class Service:
    """A service to describe.

    endpoint: its address. void: address of the VoID document. union: whether the default graph is
    the union of all. federated: whether SERVICE reaches any endpoint. release: its number, or None.
    manifest: the release's. dumps: addresses of the files that have all of it.
    """

    endpoint: str
    void: str
    union: bool
    federated: bool
    release: int | None
    manifest: Mapping[str, Any] = field(default_factory=dict, compare=False)
    dumps: tuple[str, ...] = ()


@lru_cache(maxsize=_DESCRIPTIONS)
def describe_service(service: Service, name: str, additions: tuple[str, ...] = ()) -> bytes:
    """Return the description of a service in a format, by its short name.

    additions: what else is said there, in Turtle: prefixes and example queries in SHACL, and the
    VoID document, which editors ask an endpoint for (npm's @sib-swiss/sparql-editor).
    """
    graph = describe(service)
    for text in additions:
        graph.parse(data=text, format="turtle", publicID=service.void)
    return _serialized(graph, name)


def describe(service: Service) -> Graph:
    """Return the description of a service as a graph."""
    from rdflib import RDF, Graph, Namespace, URIRef

    sd = Namespace("http://www.w3.org/ns/sparql-service-description#")
    graph = Graph(_ORDERED)
    graph.bind("sd", sd)
    subject = URIRef(f"{service.endpoint}#service")
    graph.add((subject, RDF.type, sd.Service))
    graph.add((subject, sd.endpoint, URIRef(service.endpoint)))
    graph.add((subject, sd.supportedLanguage, sd.SPARQL11Query))
    for local in RESULT_FORMATS:
        graph.add((subject, sd.resultFormat, URIRef(_W3C + local)))
    if service.union:
        graph.add((subject, sd.feature, sd.UnionDefaultGraph))
    if service.federated:
        graph.add((subject, sd.feature, sd.BasicFederatedQuery))
    graph.add((subject, sd.defaultDataset, _dataset(graph, service)))
    return graph


def _dataset(graph: Graph, service: Service) -> URIRef:
    """Describe the default dataset; it has the name that VoID calls it by."""
    from rdflib import DCTERMS, RDF, RDFS, VOID, XSD, Literal, Namespace, URIRef

    sd = Namespace("http://www.w3.org/ns/sparql-service-description#")
    dataset, default = URIRef(f"{service.void}#dataset"), URIRef(f"{service.endpoint}#default")
    graph.add((dataset, RDF.type, sd.Dataset))
    graph.add((dataset, RDF.type, VOID.Dataset))
    graph.add((dataset, DCTERMS.title, Literal("Libris linked data", lang="en")))
    graph.add((dataset, RDFS.seeAlso, URIRef(service.void)))
    graph.add((dataset, VOID.sparqlEndpoint, URIRef(service.endpoint)))
    graph.add((dataset, sd.defaultGraph, default))
    graph.add((default, RDF.type, sd.Graph))
    manifest = service.manifest
    if "published" in manifest:
        issued = Literal(manifest["published"], datatype=XSD.dateTime, normalize=False)
        graph.add((dataset, DCTERMS.issued, issued))
    if service.union:  # the manifest counts all graphs, not the store's own default graph
        for predicate, count in _counts(manifest):
            graph.add((default, VOID[predicate], Literal(count)))
    return dataset


def _counts(manifest: Mapping[str, Any]) -> list[tuple[str, int]]:
    counts = [("triples", manifest["quads"])] if "quads" in manifest else []
    return counts + [
        (name, len(manifest[name])) for name in ("classes", "properties") if name in manifest
    ]


@lru_cache(maxsize=_DESCRIPTIONS)
def void(path: Path, service: Service, name: str) -> bytes | None:
    """Return a release's VoID document in a format, its names absolute; None if it has none.

    path: ``void.ttl`` of the release, whose directory never changes.
    """
    from rdflib import VOID, Graph, URIRef

    try:
        text = path.read_bytes()
    except FileNotFoundError:
        return None
    graph = Graph(_ORDERED).parse(data=text, format="turtle", publicID=service.void)
    dataset = URIRef(f"{service.void}#dataset")
    graph.add((dataset, VOID.sparqlEndpoint, URIRef(service.endpoint)))
    for dump in service.dumps:
        graph.add((dataset, VOID.dataDump, URIRef(dump)))
    return _serialized(graph, name)


def _serialized(graph: Graph, name: str) -> bytes:
    text: bytes = _relabel(graph).serialize(format=_RDFLIB_NAMES[name], encoding="utf-8")
    return _in_order(text) if name == "jsonld" else text


def _in_order(text: bytes) -> bytes:
    """Return JSON-LD with its nodes in the order of their text, the name first; rdflib has none."""
    nodes = sorted(json.loads(text), key=json.dumps)
    return json.dumps(nodes, ensure_ascii=False, indent=1).encode()


def _relabel(graph: Graph) -> Graph:
    """Return a graph with its blank nodes numbered in the order in which they were added.

    Caches and ETags need the same bytes each time; rdflib's parsers give random labels, and its
    serializers write in the order of labels.
    """
    from rdflib import BNode, Graph

    labels: dict[Node, BNode] = {}

    def label(node: Node) -> Node:
        if not isinstance(node, BNode):
            return node
        return labels.setdefault(node, BNode(f"b{len(labels):06}"))

    relabelled = Graph(_ORDERED, namespace_manager=graph.namespace_manager)
    for subject, predicate, value in graph:
        relabelled.add((label(subject), predicate, label(value)))
    return relabelled
