"""The form of every format, decided once: the same bytes, whichever evaluator has the answer.

Solutions are written from pyoxigraph's (``solution_writer``) and, cell by cell, from columns
(``cells`` and ``cell_results``); graphs and datasets from triples and quads (``graph_writer``).
"""
