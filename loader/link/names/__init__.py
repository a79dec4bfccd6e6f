"""Names and lifespans: their spellings reduced to keys and ranges of years."""
