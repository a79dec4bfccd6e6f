"""Statements of a graph: how they differ, what they tally to, how the store spells their literals.

Knows the transformation only. The modules of the store may ask it, and who compares what they hold.
"""
