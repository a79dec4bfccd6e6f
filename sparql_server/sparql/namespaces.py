"""Namespaces of RDF's own terms: RDF 1.1 Concepts, https://www.w3.org/TR/rdf11-concepts/."""

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
XSD = "http://www.w3.org/2001/XMLSchema#"
