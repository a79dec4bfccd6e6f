"""Reconciliation: names in others' tables, and the things of the catalogue that they may stand for.

Reconciliation Service API 0.2,
https://www.w3.org/community/reports/reconciliation/CG-FINAL-specs-0.2-20230410/.
Knows no Flask; looks names up in the text index, and asks by ``answering`` like any client.
"""
