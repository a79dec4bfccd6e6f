"""Identifiers: one spelling and one IRI for what agencies and wikis call a thing.

Knows check digits and addresses. All rooms of ``link`` that come after it may ask it.
"""
