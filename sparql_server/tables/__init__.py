"""Tables of the catalogue: defined by query files, made of a release's columns, described, listed.

It owns their format: Parquet files, ``datapackage.json``, ``croissant.json`` and ``fields.json`` in
a folder of the release. The loader has them made by the command ``libris-sparql tables``, in a
process of its own, since evaluating queries is for the engine.
"""
