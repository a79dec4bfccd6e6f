"""What entities of the catalogue are called elsewhere, how that is known, and how to take it back.

    read ─▶ join ─▶ closure ─▶ terms, names ─▶ derive ─▶ publish
              ▲ lookup tables, made by extract

Each stage is a function from values to values; tables.py keeps them in ``links.sqlite``.
"""
