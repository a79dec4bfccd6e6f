"""Joining: which entities and authorities are one, by identifiers, headings and names.

Knows the constraints and what is decided. ``link.find`` and ``link.runs`` may ask it.
"""
