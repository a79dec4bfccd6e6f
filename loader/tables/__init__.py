"""Tables of a release: has them made, in a process of its own, and says what came of it.

Who evaluates the queries that define them, and owns their format, is the server's package: its
command ``libris-sparql tables`` is asked, since the loader knows no query engine.
"""
