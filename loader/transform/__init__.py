"""Transformation: one record to RDF that is valid, each statement in the graph it belongs to.

Knows JSON-LD and pyoxigraph's parsers; knows no archive. ``files`` and ``store`` may ask it.
"""
