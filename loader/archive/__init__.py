"""The archive: every record as it came, in one SQLite file, and how far each harvest has come.

Knows SQLite and compression. ``files``, ``provider``, ``harvest`` and ``store`` may ask it.
"""
