"""What is told of a thing, read from columns in one go: its statements, names, what points to it.

Knows no vocabulary: which properties name things, or lead upwards, is said by whoever asks. Each
answer is what queries of ``things`` give, put to the union of all graphs.
"""
