"""Answers queries over a release's triples in sorted columns of numbers.

Oxigraph takes patterns one row after the other, much as they are written. Statistics go through
whole properties: a column at a time, joined in the order that the data suggests, takes a fraction
of it. What isn't certain to come out as Oxigraph has it is ``Unsuited``, and Oxigraph's to answer.
"""
