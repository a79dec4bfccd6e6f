"""RDF terms as SPARQL writes them, and whether a text is SPARQL at all."""

from __future__ import annotations

import re
from collections.abc import Mapping

import pyoxigraph as ox

# An escaped backslash and a u. A reader that decodes codepoint escapes before all else (SPARQL 1.1
# Query, 19.2) without minding pairs would take the second backslash for the beginning of one. The
# long form of escape is read alike by all, whatever follows.
_LIKE_AN_ESCAPE = re.compile(
    r"(?P<before>(?:[^\\]++|\\(?!\\[uU]).)*+)(?:\\\\(?P<letter>[uU])|\Z)", re.DOTALL
)
_SURROGATE = re.compile("[\ud800-\udfff]")


def iri(value: str) -> str:
    """Return an absolute IRI between angle brackets. Raises ValueError with what is wrong."""
    return str(ox.NamedNode(value))


def literal(value: str, datatype: str | None = None, language: str | None = None) -> str:
    r"""Return a literal with its quotation marks. Raises ValueError if RDF has no such literal.

    datatype: its IRI; None: a plain string, or one with a language.

    >>> print(literal('say "å"', language="sv"))
    "say \"å\""@sv
    """
    if _SURROGATE.search(value):
        raise ValueError("half a character (a surrogate)")
    kind = ox.NamedNode(datatype) if datatype else None
    return _sound(str(ox.Literal(value, datatype=kind, language=language)))


def _sound(written: str) -> str:
    return _LIKE_AN_ESCAPE.sub(_apart, written) if "\\\\" in written else written


def _apart(match: re.Match[str]) -> str:
    letter = match["letter"]
    return rf"{match['before']}\\\U{ord(letter):08X}" if letter else match[0]


def find_syntax_error(query: str, prefixes: Mapping[str, str]) -> str | None:
    """Return what the parser has against a query, or None. prefixes: known without declaration."""
    try:
        ox.Store().query(query, prefixes=dict(prefixes))
    except (SyntaxError, ValueError) as error:
        return getattr(error, "msg", None) or str(error)
    return None


def read_block(variable: str, block: str, prefixes: Mapping[str, str]) -> list[str]:
    """Return the terms of a VALUES data block, ``block`` being what stands between its braces.

    Raises ValueError if it doesn't hold terms.
    """
    query = f"SELECT ?{variable} {{ VALUES ?{variable} {{ {block} }} }}"
    try:
        results = ox.Store().query(query, prefixes=dict(prefixes))
    except (SyntaxError, ValueError) as error:
        raise ValueError(getattr(error, "msg", None) or str(error)) from error
    if not isinstance(results, ox.QuerySolutions):
        raise ValueError("not a data block")
    return [_sound(str(row[variable])) for row in results if row[variable]]
