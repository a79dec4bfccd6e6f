"""Extracts: files of Wikidata, VIAF and the Library of Congress, read into tables of facts.

Knows their formats, and ``links.sqlite``. All rooms of ``link`` that come after it may ask it.
"""
