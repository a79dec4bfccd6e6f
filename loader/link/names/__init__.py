"""Names and lifespans: their spellings reduced to keys and ranges of years.

Knows nothing of records or tables. All rooms of ``link`` may ask it.
"""
