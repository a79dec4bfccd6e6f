"""What entities of the catalogue are called elsewhere, how that is known, and how to take it back.

    entities ─▶ identifiers ─▶ joining (headings, names ─▶ matching) ─▶ runs
                                  ▲ lookup tables, made by extracts and online

Each stage is a function from values to values; ``extracts.tables`` keeps them in ``links.sqlite``.
"""
