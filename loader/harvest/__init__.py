"""Harvests: pages, changes and dumps of a provider, taken into the archive; all can be resumed.

Knows how a run is planned, interrupted, compared and reported. The commands may ask it.
"""
