"""Brings Libris records into an archive, an Oxigraph store and published releases."""

__version__ = "0.5.0"
