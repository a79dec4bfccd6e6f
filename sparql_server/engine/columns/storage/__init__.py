"""A release's terms and quads in arrays, on disk: the format, how they are made, and read.

The one owner of the format. The loader makes columns and may import this room, and nothing else of
the server; it knows neither the evaluator nor Oxigraph.
"""
