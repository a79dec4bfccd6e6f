"""Namespaces: RDF's own (RDF 1.1 Concepts, https://www.w3.org/TR/rdf11-concepts/), and KB's."""

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
XSD = "http://www.w3.org/2001/XMLSchema#"
KBV = "https://id.kb.se/vocab/"
