"""The place of each token of a query, as far as that can be told of one that is malformed.

A tolerant reading of SPARQL 1.1 Query, 19.8, https://www.w3.org/TR/sparql11-query/#sparqlGrammar:
it goes on after what is wrong as if that were right, and takes time in proportion to the tokens.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sparql_server.sparql.lexer import FORMS, Token

PLACED = ("subject", "predicate", "object", "after")
"""Places in a triple, and what stands after one."""
TERMS = ("variable", "iri", "name", "blank", "string", "number")
"""Kinds of tokens that are terms by themselves."""

CLAUSES = frozenset(
    ["FILTER", "OPTIONAL", "MINUS", "UNION", "GRAPH", "SERVICE", "BIND", "VALUES", "LATERAL"]
)
"""The keywords that begin a part of a pattern that isn't triples."""

MODIFIERS = ("GROUP", "HAVING", "ORDER", "LIMIT", "OFFSET")
"""The keywords that begin a solution modifier, in the order that the grammar has them in."""

_TERMS = frozenset(["variable", "iri", "name", "blank", "string", "number", "language", "unclosed"])
_PLACES = ("subject", "predicate", "object", "after")
_SUBJECT, _PREDICATE, _OBJECT, _AFTER = range(4)


@dataclass(slots=True)
class _Frame:
    """A part of a query that is open.

    kind: ``query``, ``group``, ``node``, ``list``, ``path``, ``expression`` or ``data``.
    position: within a triple, or the place within a query. clause: whose argument comes next.
    """

    kind: str
    position: int = 0
    place: str = "prologue"
    clause: str = ""


def find_places(tokens: Sequence[Token]) -> list[str]:
    """Return the place of each token.

    ``prologue``, ``form``, ``select``, ``where`` (between what is selected and the pattern),
    ``modifier``; ``subject``, ``predicate``, ``object``, ``after`` (an object), ``keyword``,
    ``argument`` (of a keyword); ``expression``, ``data`` (of VALUES), ``bracket``.
    """
    reader = _Reader()
    return [reader.take(token) for token in tokens]


class _Reader:
    def __init__(self) -> None:
        self.open = [_Frame("query")]
        self._before = ""

    def take(self, token: Token) -> str:
        """Take the next token; return its place."""
        frame, before = self.open[-1], self._before
        self._before = word = token.text.upper() if token.kind == "word" else token.text
        if frame.kind == "query":
            return self._in_query(frame, word)
        if before == "^" and frame.position == _AFTER:
            return "datatype"
        if frame.kind in ("expression", "data"):
            return self._in_brackets(frame, word)
        return self._in_pattern(frame, token, word)

    def _push(self, kind: str, position: int = 0, place: str = "") -> str:
        self.open.append(_Frame(kind, position, place))
        return "bracket"

    def _pop(self) -> str:
        if len(self.open) > 1:
            self.open.pop()
        frame = self.open[-1]
        if frame.kind == "query" and frame.place != "modifier":
            frame.place = "modifier"
        return "bracket"

    def _in_query(self, frame: _Frame, word: str) -> str:
        if word == "{":
            data = frame.clause == "VALUES"
            frame.clause = ""
            return self._push("data" if data else "group")
        if word == "}" and len(self.open) > 1:  # a subquery ends with its group
            self.open.pop()
            return self._pop()
        if word == "(":
            return self._push("expression", place=frame.place)
        if frame.place == "prologue":
            if word in FORMS:
                frame.place = "select"
                return "form"
            return "prologue"
        if frame.place == "select" and word in ("WHERE", "FROM"):
            frame.place = "where"
            return "keyword"
        if word == "VALUES":
            frame.clause = word
        return frame.place

    def _in_brackets(self, frame: _Frame, word: str) -> str:
        if word == "(":
            return self._push("expression" if frame.kind == "expression" else "data", place="inner")
        if word == "{":
            return self._push("group" if frame.kind == "expression" else "data")
        if word == ("}" if frame.kind == "data" and frame.place != "inner" else ")"):
            return self._close_brackets()
        if word == "}":  # a round bracket is missing
            while len(self.open) > 1 and self.open[-1].kind in ("expression", "data"):
                self.open.pop()
            return self._pop()
        return frame.kind

    def _close_brackets(self) -> str:
        self.open.pop()
        return "bracket"

    def _in_pattern(self, frame: _Frame, token: Token, word: str) -> str:
        if word in ("{", "}", "(", ")", "[", "]"):
            return self._bracket(frame, word)
        if frame.clause:
            return self._argument(frame, token, word)
        if token.kind == "word" and word in CLAUSES | {"NOT", "EXISTS"} and frame.kind == "group":
            frame.clause = "FILTER" if word in ("NOT", "EXISTS") else word
            frame.position = _SUBJECT
            return "keyword"
        if token.kind == "word" and word == "SELECT" and frame.position == _SUBJECT:
            self._push("query", place="select")
            return "form"
        return self._triple(frame, token, word)

    def _argument(self, frame: _Frame, token: Token, word: str) -> str:
        waits = {
            "FILTER": token.kind in ("word", "name", "iri"),
            "GRAPH": token.kind in ("variable", "name", "iri"),
            "SERVICE": token.kind in ("variable", "name", "iri") or word == "SILENT",
            "VALUES": token.kind == "variable",
        }.get(frame.clause, False)
        if not waits:
            unwrapped, frame.clause = frame.clause, ""
            if unwrapped not in ("FILTER", "BIND", "VALUES"):
                self._triple(frame, token, word)
        return "argument"

    def _bracket(self, frame: _Frame, word: str) -> str:
        clause = frame.clause
        if word == "{":
            frame.clause, frame.position = "", _SUBJECT
            return self._push("data" if clause == "VALUES" else "group")
        if word == "}":
            while len(self.open) > 1 and self.open[-1].kind in ("node", "list", "path"):
                self.open.pop()
            return self._pop()
        if word == "(" and clause:
            frame.clause = clause if clause == "VALUES" else ""
            return self._push("expression", place=clause)
        if word == "(" and frame.position == _PREDICATE:
            return self._push("path", _PREDICATE)
        if word in ("[", "("):
            return self._push("node", _PREDICATE) if word == "[" else self._push("list", _OBJECT)
        if frame.kind in ("node", "list", "path"):
            self.open.pop()
            self._step(self.open[-1])
        return "bracket"

    def _step(self, frame: _Frame) -> None:
        if frame.kind not in ("list", "path"):
            frame.position = min(frame.position + 1, _AFTER)

    def _triple(self, frame: _Frame, token: Token, word: str) -> str:
        place = _PLACES[frame.position]
        if token.kind in _TERMS or token.kind == "word":
            if token.kind != "language":
                frame.position = _PREDICATE if frame.position == _AFTER else frame.position
                if place != "after":
                    self._step(frame)
        elif word in (".", ";", ","):
            frame.position = {".": _SUBJECT, ";": _PREDICATE, ",": _OBJECT}[word]
        elif word in ("/", "|", "^") and frame.position == _OBJECT:
            frame.position = _PREDICATE
            place = "predicate"
        return place
