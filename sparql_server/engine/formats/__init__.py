"""The form of every format, decided once: the same bytes, whichever evaluator has the answer.

Solutions are written from pyoxigraph's (``solutions``) and, cell by cell, from columns (``cells``
and ``tables``); graphs and datasets from triples and quads (``graphs``).
"""
