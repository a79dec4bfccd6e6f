"""Identifiers: one spelling and one IRI for what agencies and wikis call a thing."""
