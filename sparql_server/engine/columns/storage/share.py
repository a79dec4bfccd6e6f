"""The share of a dataset that is in memory at once while columns are made."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Share:
    """So much at once; the sizes are such that it takes some 1 GB whatever there is of everything.

    terms: of a run; they take some 200 bytes each while they are read. quads: of a run.
    text: bytes of N-Quads of a run. merged: bytes of terms that are merged at once, with
    ``TERM`` for each. rows: quads that are sorted at once. graphs: graphs of quads that are.
    """

    terms: int = 3_000_000
    quads: int = 12_000_000
    text: int = 1 << 29
    merged: int = 1 << 28
    rows: int = 1 << 22
    graphs: int = 1 << 25


USUAL = Share()
TERM = 100
"""Bytes that a term weighs beside its value."""
