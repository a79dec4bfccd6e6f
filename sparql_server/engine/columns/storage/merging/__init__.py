"""Columns made of others: what a few graphs held goes, what they hold now comes.

Arrays are copied piece by piece with edits; nothing is sorted again but what comes.
"""
