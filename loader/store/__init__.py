"""The store: what each graph holds, written to Oxigraph whole or by difference, and the ledger.

Knows the archive and the transformation. ``release``, ``maintenance`` and ``push`` may ask it.
"""
