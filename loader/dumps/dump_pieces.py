"""The parts of dumps: the statements of some graphs, whose records are of one kind."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Piece:
    """Lines of N-Quads. quads: how many; graphs: of how many graphs, none of the default graph."""

    kind: str
    lines: bytes
    quads: int
    graphs: int
