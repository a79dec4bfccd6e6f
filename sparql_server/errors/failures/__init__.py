"""What an engine says of a query that it can't answer, and which error a client then gets.

``failure``: what is said, by workers and by what writes formats. ``translation``: the error that
it means, with the sentence that ``sparql.diagnosis`` has for a malformed query. ``endpoint``: what
the answers of a remote endpoint mean. Engines and ``answering`` ask.
"""
