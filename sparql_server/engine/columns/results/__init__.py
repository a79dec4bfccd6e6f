"""Results of columns: answered queries and lookups, written byte by byte."""
