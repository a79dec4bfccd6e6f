"""Entities: persons, organizations, works and subjects as the catalogue's records describe them.

Knows KBV. ``link``, ``link.joining`` and ``link.runs`` may ask it.
"""
