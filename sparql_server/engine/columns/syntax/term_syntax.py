"""Reads a query's terms: IRIs, literals, blank nodes and variables.

SPARQL 1.1 Query Language, 4.1, https://www.w3.org/TR/sparql11-query/#QSynTerms
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from sparql_server.engine.columns.algebra import Kind, Node, Term, Unsuited, Variable
from sparql_server.engine.columns.syntax.tokens import tokens

XSD = "http://www.w3.org/2001/XMLSchema#"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"

_A = Term(Kind.IRI, f"{RDF}type")
_TRUE = Term(Kind.TYPED, "true", f"{XSD}boolean")
_FALSE = Term(Kind.TYPED, "false", f"{XSD}boolean")
# Literals of these have a language, which they can't be given so.
_TAGGED = (f"{RDF}langString", f"{RDF}dirLangString")

_ESCAPE = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|(.))", re.DOTALL)
_ESCAPED = dict(zip("tnrbf\"'\\", "\t\n\r\b\f\"'\\", strict=True))
_LOCAL_ESCAPE = re.compile(r"\\(.)")

_ABSOLUTE = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:")
_DOTS = re.compile(r"/\.\.?(?:[/?#]|\Z)")
# Those that can be put together without thinking.
_BASE = re.compile(r"https?://[^/?#]+/[^?#]*")
_RELATIVE = re.compile(r"(?:[^:/?#.][^:/?#]*(?:/[^:/?#.][^:/?#]*)*/?)?(?:#.*)?", re.DOTALL)

_MOST_DIGITS = 15  # of a number with a sign: beyond, the sign may decide whether it is one


class Terms:
    """A place in a query, and what can be read there. A method reads on, or raises Unsuited."""

    def __init__(self, query: str, prefixes: Mapping[str, str], base: str | None) -> None:
        found = tokens(query)
        self.query = query
        self.kinds, self.texts = found.kinds, found.texts
        self.starts, self.ends = found.starts, found.ends
        self.at = 0
        self.prefixes = prefixes
        self.base = base

    # Tokens

    def takes(self, kind: str) -> bool:
        """Read a token if it is of a kind; tell whether it was."""
        if self.kinds[self.at] != kind:
            return False
        self.at += 1
        return True

    def take(self, kind: str) -> str:
        """Read a token of a kind; return its text."""
        if self.kinds[self.at] != kind:
            raise Unsuited
        self.at += 1
        return self.texts[self.at - 1]

    def is_glued(self) -> bool:
        """Tell whether nothing stands between the token before and this one."""
        return self.starts[self.at] == self.ends[self.at - 1]

    # Terms

    def variable(self) -> Variable:
        """Read a variable."""
        return Variable(self.take("variable")[1:])

    def is_iri(self) -> bool:
        """Tell whether an IRI stands here, whole or with a prefix."""
        return self.kinds[self.at] in ("name", "iri")

    def iri(self) -> Term:
        """Read an IRI, whole or with a prefix."""
        kind, text = self.kinds[self.at], self.texts[self.at]
        self.at += 1
        if kind == "name":
            return Term(Kind.IRI, self._expanded(text))
        if kind == "iri":
            return Term(Kind.IRI, self._resolved(text[1:-1]))
        raise Unsuited

    def predicate(self) -> Term:
        """Read a predicate's IRI, or ``a``."""
        if self.kinds[self.at] == "A" and self.texts[self.at] == "a":
            self.at += 1
            return _A
        return self.iri()

    def is_number(self) -> bool:
        """Tell whether a number stands here, with a sign or without."""
        kind = self.kinds[self.at]
        if kind in ("-", "+"):
            following = self.at + 1
            return (
                self.kinds[following] == "number" and self.starts[following] == self.ends[self.at]
            )
        return kind == "number"

    def constant(self) -> Term:
        """Read an IRI or a literal."""
        kind = self.kinds[self.at]
        if kind in ("name", "iri"):
            return self.iri()
        if kind == "string":
            return self._literal()
        if kind in ("TRUE", "FALSE"):
            return self._boolean()
        if self.is_number():
            return self._number()
        raise Unsuited

    def node(self) -> Node:
        """Read a variable, the label of a blank node, an IRI or a literal."""
        kind = self.kinds[self.at]
        if kind == "variable":
            return self.variable()
        if kind == "blank":
            return Variable(self.take("blank"))
        return self.constant()

    # IRIs

    def _expanded(self, name: str) -> str:
        prefix, _, local = name.partition(":")
        namespace = self.prefixes.get(prefix)
        if namespace is None:
            raise Unsuited
        if "\\" in local:
            local = _LOCAL_ESCAPE.sub(r"\1", local)
        return _without_dots(namespace + local)

    def _resolved(self, iri: str) -> str:
        if "\\" in iri:
            iri = unescaped(iri)
        if _ABSOLUTE.match(iri):
            return _without_dots(iri)
        if self.base is None or not (_BASE.fullmatch(self.base) and _RELATIVE.fullmatch(iri)):
            raise Unsuited
        if not iri or iri[0] == "#":
            return _without_dots(self.base + iri)
        return _without_dots(self.base[: self.base.rindex("/") + 1] + iri)

    # Literals

    def string(self) -> str:
        """Read a string; return its value."""
        text = self.take("string")
        length = 3 if text[:3] in ('"""', "'''") else 1
        value = text[length:-length]
        return unescaped(value) if "\\" in value else value

    def _literal(self) -> Term:
        value = self.string()
        if self.kinds[self.at] == "language":
            return Term(Kind.LANGUAGE, value, self.take("language")[1:].lower())
        if self.takes("^^"):
            return _typed(value, self.iri().value)
        return Term(Kind.SIMPLE, value)

    def _boolean(self) -> Term:
        text = self.texts[self.at]
        self.at += 1
        if text == "true":
            return _TRUE
        if text == "false":
            return _FALSE
        raise Unsuited

    def _number(self) -> Term:
        sign = ""
        if self.kinds[self.at] != "number":
            sign = self.texts[self.at]
            self.at += 1
        text = self.take("number")
        if sign and len(text) > _MOST_DIGITS:
            raise Unsuited
        return Term(Kind.TYPED, sign + text, XSD + _datatype(text))


def unescaped(text: str) -> str:
    r"""Return a string's value, or an IRI's. Raises Unsuited for what no escape can be.

    >>> unescaped(r"\u00e5\"")
    'å"'
    """
    return _ESCAPE.sub(_character, text)


def _character(escape: re.Match[str]) -> str:
    digits = escape[1] or escape[2]
    if digits is None:
        if (found := _ESCAPED.get(escape[3])) is None:
            raise Unsuited
        return found
    code = int(digits, 16)
    if code > 0x10FFFF or 0xD800 <= code <= 0xDFFF:
        raise Unsuited
    return chr(code)


def _without_dots(iri: str) -> str:
    # Resolving takes segments away that are dots, and not everywhere.
    if "/." in iri and _DOTS.search(iri):
        raise Unsuited
    return iri


def _typed(value: str, datatype: str) -> Term:
    if datatype == f"{XSD}string":
        return Term(Kind.SIMPLE, value)
    if datatype in _TAGGED:
        raise Unsuited
    return Term(Kind.TYPED, value, datatype)


def _datatype(number: str) -> str:
    if "e" in number or "E" in number:
        return "double"
    return "decimal" if "." in number else "integer"
