"""Maintenance of a data directory: verification, damage, statistics, backups.

Reads the archive, the store and the releases; only the commands ask it.
"""
