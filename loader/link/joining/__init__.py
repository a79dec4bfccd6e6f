"""Joining: decisions which entities and authorities are one, by identifiers, headings and names.

Knows the constraints and what is decided. ``link``, ``link.online`` and ``link.runs`` may ask it.
"""
