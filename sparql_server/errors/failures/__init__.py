"""Failures of an engine, and the error that a client then gets.

``failure``: what is said, by workers and by what writes formats. ``translation``: the error that
it means, with the sentence that ``sparql.diagnosis`` has for a malformed query.
``remote_endpoint``: what the answers of a remote endpoint mean. Engines and ``answering`` ask.
"""
