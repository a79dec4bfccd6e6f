"""Reads a query's terms: IRIs, literals, blank nodes and variables.

SPARQL 1.1 Query Language, 4.1, https://www.w3.org/TR/sparql11-query/#QSynTerms
"""

from __future__ import annotations

import re

from sparql_server.engine.columns.algebra import Kind, Node, Term, Unsuited, Variable
from sparql_server.engine.columns.syntax.token_reader import TokenReader
from sparql_server.sparql.namespaces import RDF, XSD

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


def read_variable(tokens: TokenReader) -> Variable:
    """Read a variable."""
    return Variable(tokens.take("variable")[1:])


def read_iri(tokens: TokenReader) -> Term:
    """Read an IRI, whole or with a prefix."""
    kind, text = tokens.kinds[tokens.at], tokens.texts[tokens.at]
    tokens.at += 1
    if kind == "name":
        return Term(Kind.IRI, _expand(tokens, text))
    if kind == "iri":
        return Term(Kind.IRI, _resolve(tokens, text[1:-1]))
    raise Unsuited


def read_predicate(tokens: TokenReader) -> Term:
    """Read a predicate's IRI, or ``a``."""
    if tokens.kinds[tokens.at] == "A" and tokens.texts[tokens.at] == "a":
        tokens.at += 1
        return _A
    return read_iri(tokens)


def read_constant(tokens: TokenReader) -> Term:
    """Read an IRI or a literal."""
    kind = tokens.kinds[tokens.at]
    if kind in ("name", "iri"):
        return read_iri(tokens)
    if kind == "string":
        return _read_literal(tokens)
    if kind in ("TRUE", "FALSE"):
        return _read_boolean(tokens)
    if tokens.is_number():
        return _read_number(tokens)
    raise Unsuited


def read_node(tokens: TokenReader) -> Node:
    """Read a variable, the label of a blank node, an IRI or a literal."""
    kind = tokens.kinds[tokens.at]
    if kind == "variable":
        return read_variable(tokens)
    if kind == "blank":
        return Variable(tokens.take("blank"))
    return read_constant(tokens)


# IRIs


def _expand(tokens: TokenReader, name: str) -> str:
    prefix, _, local = name.partition(":")
    namespace = tokens.prefixes.get(prefix)
    if namespace is None:
        raise Unsuited
    if "\\" in local:
        local = _LOCAL_ESCAPE.sub(r"\1", local)
    return _remove_dots(namespace + local)


def _resolve(tokens: TokenReader, iri: str) -> str:
    if "\\" in iri:
        iri = unescape(iri)
    if _ABSOLUTE.match(iri):
        return _remove_dots(iri)
    if tokens.base is None or not (_BASE.fullmatch(tokens.base) and _RELATIVE.fullmatch(iri)):
        raise Unsuited
    if not iri or iri[0] == "#":
        return _remove_dots(tokens.base + iri)
    return _remove_dots(tokens.base[: tokens.base.rindex("/") + 1] + iri)


# Literals


def read_string(tokens: TokenReader) -> str:
    """Read a string; return its value."""
    text = tokens.take("string")
    length = 3 if text[:3] in ('"""', "'''") else 1
    value = text[length:-length]
    return unescape(value) if "\\" in value else value


def _read_literal(tokens: TokenReader) -> Term:
    value = read_string(tokens)
    if tokens.kinds[tokens.at] == "language":
        return Term(Kind.LANGUAGE, value, tokens.take("language")[1:].lower())
    if tokens.takes("^^"):
        return _make_typed(value, read_iri(tokens).value)
    return Term(Kind.SIMPLE, value)


def _read_boolean(tokens: TokenReader) -> Term:
    text = tokens.texts[tokens.at]
    tokens.at += 1
    if text == "true":
        return _TRUE
    if text == "false":
        return _FALSE
    raise Unsuited


def _read_number(tokens: TokenReader) -> Term:
    sign = ""
    if tokens.kinds[tokens.at] != "number":
        sign = tokens.texts[tokens.at]
        tokens.at += 1
    text = tokens.take("number")
    if sign and len(text) > _MOST_DIGITS:
        raise Unsuited
    return Term(Kind.TYPED, sign + text, XSD + _find_datatype(text))


def unescape(text: str) -> str:
    r"""Return a string's value, or an IRI's. Raises Unsuited for what no escape can be.

    >>> unescape(r"\u00e5\"")
    'å"'
    """
    return _ESCAPE.sub(_decode, text)


def _decode(escape: re.Match[str]) -> str:
    digits = escape[1] or escape[2]
    if digits is None:
        if (found := _ESCAPED.get(escape[3])) is None:
            raise Unsuited
        return found
    code = int(digits, 16)
    if code > 0x10FFFF or 0xD800 <= code <= 0xDFFF:
        raise Unsuited
    return chr(code)


def _remove_dots(iri: str) -> str:
    # Resolving takes segments away that are dots, and not everywhere.
    if "/." in iri and _DOTS.search(iri):
        raise Unsuited
    return iri


def _make_typed(value: str, datatype: str) -> Term:
    if datatype == f"{XSD}string":
        return Term(Kind.SIMPLE, value)
    if datatype in _TAGGED:
        raise Unsuited
    return Term(Kind.TYPED, value, datatype)


def _find_datatype(number: str) -> str:
    if "e" in number or "E" in number:
        return "double"
    return "decimal" if "." in number else "integer"
