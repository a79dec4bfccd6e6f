"""What is known of records beside what they say: addresses of before, which have been deleted.

The loader may import it: it owns the file in which a release says what was deleted.
"""
