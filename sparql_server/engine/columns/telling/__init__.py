"""Descriptions of things, read from columns in one go: statements, names, what points to them.

Knows no vocabulary: which properties name things, or lead upwards, is said by whoever asks. Each
answer is what queries of ``things`` give, put to the union of all graphs.
"""
