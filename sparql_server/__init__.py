"""Serves published releases at a read-only SPARQL 1.1 endpoint."""

__version__ = "0.5.0"
