"""Text index and schema of columns: made for a release, or beside bulk loading for the first one.

Loading and publishing may ask it. What they are is for ``loader.text`` and ``loader.schema``.
"""
