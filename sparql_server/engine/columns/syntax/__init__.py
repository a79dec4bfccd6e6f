"""Reads SPARQL to the algebra."""
