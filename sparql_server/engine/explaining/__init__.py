"""Explanations why a query has no solutions: terms, patterns and conditions that fit nothing.

All of it looks data up by its indexes, so many times at most, whatever the query is.
"""
