"""Property paths in a normal form, and what they have in it (SPARQL 1.1 Query, 9, 18.2.2.3)."""

from __future__ import annotations

from collections.abc import Iterable
from functools import reduce
from operator import mul

from sparql_server.engine.oxigraph.syntax.path_forms import (
    Alternative,
    Inverse,
    Negated,
    Path,
    Repeat,
    Sequence,
)


def normalize(path: Path) -> Path:
    """Return a path whose alternatives and sequences stand within no inverse, or in one another."""
    if isinstance(path, Alternative):
        return Alternative(tuple(map(normalize, path.paths)))
    if isinstance(path, Sequence):
        return make_sequence(map(normalize, path.paths))
    if isinstance(path, Inverse):
        return _invert(normalize(path.path))
    if isinstance(path, Negated) and path.forward and path.inverse:
        return Alternative((Negated(path.forward, ()), Negated((), path.inverse)))
    return path


def make_sequence(paths: Iterable[Path]) -> Sequence:
    """Return paths one after the other as one sequence."""
    parts = (path.paths if isinstance(path, Sequence) else (path,) for path in paths)
    return Sequence(tuple(step for steps in parts for step in steps))


def _invert(path: Path) -> Path:
    if isinstance(path, Inverse):
        return path.path
    if isinstance(path, Alternative):
        return Alternative(tuple(map(_invert, path.paths)))
    if isinstance(path, Sequence):
        return Sequence(tuple(map(_invert, reversed(path.paths))))
    return Inverse(path)


def count_ways(path: Path) -> int:
    """Return how many paths without alternatives a path that is turned stands for.

    What is repeated is left as it is: of that, each pair of ends is a solution once (18.4).
    """
    if isinstance(path, Alternative):
        return sum(map(count_ways, path.paths))
    return reduce(mul, map(count_ways, path.paths)) if isinstance(path, Sequence) else 1


def has_alternatives(path: Path) -> bool:
    """Tell whether a path stands for several ones without alternatives."""
    return count_ways(normalize(path)) > 1


def has_negated(path: Path) -> bool:
    """Tell whether a path that is turned is or has a negated property set that isn't repeated."""
    if isinstance(path, (Alternative, Sequence)):
        return any(map(has_negated, path.paths))
    return isinstance(path, Negated) or (isinstance(path, Inverse) and has_negated(path.path))


def has_any(path: Path) -> bool:
    """Tell whether ``!()`` is a part of a path."""
    if isinstance(path, (Alternative, Sequence)):
        return any(map(has_any, path.paths))
    if isinstance(path, (Inverse, Repeat)):
        return has_any(path.path)
    return isinstance(path, Negated) and path.is_any


def is_nullable(path: Path) -> bool:
    """Tell whether a path may have length zero."""
    if isinstance(path, Alternative):
        return any(map(is_nullable, path.paths))
    if isinstance(path, Repeat):
        return path.mark != "+" or is_nullable(path.path)
    return isinstance(path, Inverse) and is_nullable(path.path)
