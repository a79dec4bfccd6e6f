"""Headings of the Library of Congress as Libris records use them.

``link.entities`` and ``link.joining`` may ask it.
"""
