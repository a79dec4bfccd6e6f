"""Spans of triples with the same subject, in the tokens of a query."""

from __future__ import annotations

from collections.abc import Sequence

_OPENING, _CLOSING = frozenset("([{"), frozenset(")]}")
_STOPS = frozenset((".", "}", "{", "FILTER", "OPTIONAL", "BIND", "VALUES", "GRAPH", "MINUS"))
ENDS = _STOPS | {"SERVICE", "LATERAL", "UNION", "end"}
"""What triples can't go beyond, at their own level."""


class NoTriples(Exception):
    """A predicate isn't that of triples in a group; the text says what it is instead."""


class TripleSpans:
    """Finds triples. kinds: of the tokens, as ``columns.syntax.tokens`` has them."""

    def __init__(self, kinds: Sequence[str]) -> None:
        self._kinds = kinds

    def begin(self, at: int) -> int:
        """Return where the triples begin that a predicate belongs to. Raises NoTriples."""
        depth, place = 0, at - 1
        while depth or self._kinds[place] not in (".", "{", "}"):
            kind = self._kinds[place]
            depth += (kind in _CLOSING) - (kind in _OPENING)
            if depth < 0 or place == 0:
                raise NoTriples("it is a pattern, and no function or part of another term")
            place -= 1
        begin = self._after_constraints(place + 1, at)
        if begin >= at:
            raise NoTriples("it has no subject")
        return begin

    def _after_constraints(self, begin: int, at: int) -> int:
        """Return where the last triples before a place begin: FILTER and BIND end others."""
        place = begin
        while place < at:
            if self._kinds[place] not in ("FILTER", "BIND"):
                place = self.after_node(place)
                continue
            while self._kinds[place] not in ("(", "end"):
                place += 1
            begin = place = self.after_node(place)
        return begin

    def end(self, at: int) -> int:
        """Return the place after the last token of the triples."""
        while self._kinds[at] not in ENDS:
            at = self.after_node(at)
        return at

    def after_node(self, place: int) -> int:
        """Return the place after a token, or after the bracket that closes the one there."""
        depth = 0
        while True:
            kind = self._kinds[place]
            depth += (kind in _OPENING) - (kind in _CLOSING)
            if kind == "end":
                return place
            place += 1
            if depth <= 0:
                return place

    def segments(self, begin: int, end: int) -> list[tuple[int, int]]:
        """Return where each predicate with its objects begins and ends."""
        segments, place = [], begin
        while place < end:
            if self._kinds[place] == ";":
                segments.append((begin, place))
                begin = place + 1
            place = self.after_node(place)
        segments.append((begin, end))
        return [part for part in segments if part[0] < part[1]]


def group_starts(kinds: Sequence[str]) -> list[int]:
    """Return for each token where the group begins that it stands in."""
    groups, stack = [], [-1]
    for at, kind in enumerate(kinds):
        if kind == "{":
            stack.append(at)
        groups.append(stack[-1])
        if kind == "}" and len(stack) > 1:
            stack.pop()
    return groups
