"""Matching: the probability that two profiles describe one thing, by names, years and titles.

``link.joining`` may ask it; ``link`` has profiles made, and ``link.runs`` shows them.
"""
