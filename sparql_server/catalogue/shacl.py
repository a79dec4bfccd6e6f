"""The catalogue as RDF: SHACL executables, as the SIB Swiss Institute of Bioinformatics has them.

https://github.com/sib-swiss/sparql-examples and https://www.w3.org/TR/shacl/#parameters. Its
editors list one query for each ``rdfs:comment``, so there is one, in English; titles and
descriptions in both languages stand beside it.
"""

from __future__ import annotations

from typing import Any

from rdflib import OWL, RDF, RDFS, SH, XSD, BNode, Graph, Literal, Namespace, URIRef
from rdflib.collection import Collection

from sparql_server.catalogue.parameter_types import DATATYPES, expand
from sparql_server.catalogue.saved_query import Catalogue, Parameter, SavedQuery, Texts
from sparql_server.engine.prefixes import predefined

SDO = Namespace("https://schema.org/")
SPEX = Namespace("https://purl.expasy.org/sparql-examples/ontology#")

# Query form: its class, and the property that has the text. SHACL has none for DESCRIBE.
_EXECUTABLES = {
    "SELECT": (SH.SPARQLSelectExecutable, SH.select),
    "ASK": (SH.SPARQLAskExecutable, SH.ask),
    "CONSTRUCT": (SH.SPARQLConstructExecutable, SH.construct),
    "DESCRIBE": (SPEX.SPARQLDescribeExecutable, SPEX.describe),
}


def export_shapes(catalogue: Catalogue, base: str, endpoint: str) -> str:
    """Return the catalogue in Turtle.

    base: address that the queries' names are appended to, ``https://example.org/queries/``.
    endpoint: address of the SPARQL endpoint that answers them.
    """
    graph = Graph()
    for prefix, namespace in (("sh", SH), ("schema", SDO), ("spex", SPEX), ("query", base)):
        graph.bind(prefix, namespace)
    prefixes = _declare_prefixes(graph)
    for query in catalogue.queries.values():
        _add(graph, query, URIRef(f"{base}{query.name}"), prefixes)
        graph.add((URIRef(f"{base}{query.name}"), SDO.target, URIRef(endpoint)))
    return str(graph.serialize(format="turtle"))


def _declare_prefixes(graph: Graph) -> BNode:
    node = BNode("sparql_examples_prefixes")
    graph.add((node, RDF.type, OWL.Ontology))
    for prefix, namespace in predefined().items():
        declaration = BNode(f"prefix_{prefix}")  # written in the order of their labels
        graph.add((node, SH.declare, declaration))
        graph.add((declaration, SH.prefix, Literal(prefix)))
        graph.add((declaration, SH.namespace, Literal(namespace, datatype=XSD.anyURI)))
    return node


def _add(graph: Graph, query: SavedQuery, subject: URIRef, prefixes: BNode) -> None:
    kind, has_text = _EXECUTABLES[query.form]
    graph.add((subject, RDF.type, SH.SPARQLExecutable))
    graph.add((subject, RDF.type, kind))
    graph.add((subject, has_text, Literal(query.text)))
    graph.add((subject, SH.prefixes, prefixes))
    graph.add((subject, RDFS.comment, Literal(query.title["en"], lang="en")))
    _add_texts(graph, subject, SDO.name, query.title)
    _add_texts(graph, subject, SDO.description, query.description)
    _add_texts(graph, subject, SDO.disambiguatingDescription, query.notes)
    for tag in query.tags:
        graph.add((subject, SDO.keywords, Literal(tag)))
    for order, parameter in enumerate(query.parameters):
        node = URIRef(f"{subject}#{parameter.name}")
        graph.add((subject, SH.parameter, node))
        graph.add((node, SH.order, Literal(order)))
        _add_parameter(graph, parameter, node)


def _add_texts(graph: Graph, subject: URIRef, predicate: URIRef, texts: Texts) -> None:
    for language, text in texts.items():
        graph.add((subject, predicate, Literal(text, lang=language)))


def _add_parameter(graph: Graph, parameter: Parameter, node: URIRef) -> None:
    graph.add((node, RDF.type, SH.Parameter))
    # SHACL names a parameter by the local name of its path.
    graph.add((node, SH.path, node))
    graph.add((node, SH.optional, Literal(not parameter.required)))
    _add_texts(graph, node, SH.name, parameter.labels)
    if not parameter.multiple:
        graph.add((node, SH.maxCount, Literal(1)))
    for value in parameter.default:
        graph.add((node, SH.defaultValue, _make_node(parameter, value)))
    if parameter.choices:
        values = Collection(
            graph, BNode(), [_make_node(parameter, choice.value) for choice in parameter.choices]
        )
        graph.add((node, SH["in"], values.uri))
    _add_type(graph, parameter, node)


def _add_type(graph: Graph, parameter: Parameter, node: URIRef) -> None:
    if parameter.type == "iri":
        graph.add((node, SH.nodeKind, SH.IRI))
    elif parameter.language:
        graph.add((node, SH.datatype, RDF.langString))
    else:
        graph.add((node, SH.datatype, _find_datatype(parameter)))
    if parameter.class_:
        graph.add((node, SH["class"], URIRef(parameter.class_)))
    for predicate, value in (
        (SH.minInclusive, parameter.minimum),
        (SH.maxInclusive, parameter.maximum),
    ):
        if value is not None:
            graph.add((node, predicate, _make_node(parameter, value)))


def _find_datatype(parameter: Parameter) -> URIRef:
    known = DATATYPES.get(parameter.type)
    return URIRef(known.datatype) if known and known.datatype else XSD.string


def _make_node(parameter: Parameter, value: str) -> Any:
    if parameter.type == "iri":
        return URIRef(expand(value))
    if parameter.language:
        return Literal(value, lang=parameter.language)
    known = DATATYPES.get(parameter.type)
    return Literal(value, datatype=URIRef(known.datatype) if known and known.datatype else None)
