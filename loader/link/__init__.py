"""Links from entities of the catalogue to other files of names, with evidence and an undo.

    entities ─▶ identifiers ─▶ joining (headings, names ─▶ matching) ─▶ runs
                                  ▲ lookup tables, made by extracts and online

Each stage is a function from values to values; ``extracts.link_database`` keeps them in
``links.sqlite``. ``operations`` is what the commands call.
"""
