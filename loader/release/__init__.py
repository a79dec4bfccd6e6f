"""Releases: numbered, immutable directories that the server reads, published by one rename.

The commands, ``harvest.update`` and ``maintenance`` may ask it.
"""
