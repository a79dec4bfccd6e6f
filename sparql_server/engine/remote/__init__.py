"""The remote engine: another SPARQL endpoint evaluates the queries; limits and formats are ours.

Knows what all engines share; nothing of ``local``.
"""
