"""Runs of linking: what each one added and withdrew, its evidence, judgements and review.

``link`` and the commands may ask it.
"""

STAGES = ("identifiers", "terms", "names")
"""The steps of a run, one after the other: by identifiers in common, by headings, by names."""
