"""A query as it is written: its parts, who reads them, and which variables are in scope where.

Knows the tokens of ``columns.syntax``, and no engine. ``oxigraph`` and ``explaining`` may ask it.
"""
