"""Harvests: from a provider's pages, changes or dumps into the archive, going on after any end.

Knows how a run is planned, interrupted, compared and reported. The commands may ask it.
"""
