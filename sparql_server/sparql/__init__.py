"""SPARQL without evaluation: protocol, tokens, formats, diagnosis and correction of queries.

Asks nobody but ``errors``; every room may ask it.
"""
