"""The local engine: worker processes on a release, from Oxigraph's store and from columns.

Knows what all engines share, and columns; nothing of ``remote``.
"""
