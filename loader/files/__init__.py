"""Files and folders to documents: Libris records in their shapes, and plain RDF in every syntax.

Knows formats and encodings. ``provider`` and ``store.pipeline`` may ask it.
"""
