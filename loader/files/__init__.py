"""Files and folders, read as documents: Libris records in their shapes, RDF in every syntax.

Knows formats and encodings. ``provider``, ``harvest``, ``store`` and ``link.extracts`` may ask it.
"""
