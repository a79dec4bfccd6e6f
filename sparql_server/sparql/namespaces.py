"""Namespaces: RDF's own (RDF 1.1 Concepts, https://www.w3.org/TR/rdf11-concepts/), and KB's."""

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
RDFS = "http://www.w3.org/2000/01/rdf-schema#"
XSD = "http://www.w3.org/2001/XMLSchema#"
KBV = "https://id.kb.se/vocab/"

RDF_TYPE = f"{RDF}type"
RDF_FIRST, RDF_REST, RDF_NIL = f"{RDF}first", f"{RDF}rest", f"{RDF}nil"
"""The properties of the cells of a list, and the list that is empty."""
