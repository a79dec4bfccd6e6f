"""Facts of records beside their statements: addresses of before, deletions.

The loader may import it: it owns the file in which a release says what was deleted.
"""
