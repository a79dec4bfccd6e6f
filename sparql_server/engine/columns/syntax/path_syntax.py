"""Reads a query's property paths.

SPARQL 1.1 Query Language, 9.1, https://www.w3.org/TR/sparql11-query/#pp-language
"""

from __future__ import annotations

from abc import ABC

from sparql_server.engine.columns.algebra import (
    Alternative,
    Inverse,
    Path,
    Repeat,
    Sequence,
    Unsuited,
    Variable,
)
from sparql_server.engine.columns.syntax.expression_syntax import Expressions

# zero, many
_MARKS = {"*": (True, True), "+": (False, True), "?": (True, False)}


class Paths(Expressions, ABC):
    """Reads paths."""

    def verb(self) -> Path | Variable:
        """Read what stands between a subject and its objects."""
        if self.kinds[self.at] == "variable":
            return self.variable()
        found = self._path()
        if self.kinds[self.at] == "variable" and self.is_glued():
            raise Unsuited  # The variable's mark may be the path's.
        return found

    def _path(self) -> Path:
        first = self._sequence()
        if self.kinds[self.at] != "|":
            return first
        found = [first]
        while self.takes("|"):
            found.append(self._sequence())
        return Alternative(tuple(found))

    def _sequence(self) -> Path:
        first = self._step()
        if self.kinds[self.at] != "/":
            return first
        found = [first]
        while self.takes("/"):
            found.append(self._step())
        return Sequence(tuple(found))

    def _step(self) -> Path:
        if self.takes("^"):
            return Inverse(self._repeated())
        return self._repeated()

    def _repeated(self) -> Path:
        found = self._primary_path()
        mark = _MARKS.get(self.kinds[self.at])
        if mark is None:
            return found
        if self.is_number():
            raise Unsuited  # The path's mark may be the number's sign.
        self.at += 1
        return Repeat(found, *mark)

    def _primary_path(self) -> Path:
        if not self.takes("("):
            return self.predicate()
        found = self._path()
        self.take(")")
        return found
