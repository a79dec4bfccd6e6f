"""The forms of property paths (SPARQL 1.1 Query, 9.1), as written; ``str`` writes them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Step:
    """A predicate, as written."""

    text: str

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class Negated:
    """``!( predicate | ^predicate )``: the predicates that it names forward and inverse.

    ``!()``, which Oxigraph refuses, is any predicate.
    """

    forward: tuple[str, ...]
    inverse: tuple[str, ...]

    @property
    def is_any(self) -> bool:
        """It names no predicate."""
        return not self.forward and not self.inverse

    def __str__(self) -> str:
        if self.is_any:
            return "!a | a"
        return f"!({' | '.join([*self.forward, *(f'^{predicate}' for predicate in self.inverse)])})"


@dataclass(frozen=True, slots=True)
class Inverse:
    """``^path``."""

    path: Path

    def __str__(self) -> str:
        return f"^({self.path})"


@dataclass(frozen=True, slots=True)
class Sequence:
    """``path / path``."""

    paths: tuple[Path, ...]

    def __str__(self) -> str:
        return " / ".join(f"({path})" for path in self.paths)


@dataclass(frozen=True, slots=True)
class Alternative:
    """``path | path``."""

    paths: tuple[Path, ...]

    def __str__(self) -> str:
        return " | ".join(f"({path})" for path in self.paths)


@dataclass(frozen=True, slots=True)
class Repeat:
    """``path*``, ``path+`` or ``path?``."""

    path: Path
    mark: str

    def __str__(self) -> str:
        return f"({self.path}){self.mark}"


Path = Step | Negated | Inverse | Sequence | Alternative | Repeat
