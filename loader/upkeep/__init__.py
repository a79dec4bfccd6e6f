"""Upkeep of a data directory: what breaks the rules, what is damaged, how much there is, backups.

Reads the archive, the store and the releases; only the commands ask it.
"""
