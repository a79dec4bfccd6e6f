r"""fn:replace as XPath has it, for an engine that has its own replacement strings.

XPath Functions and Operators, 7.6.3, https://www.w3.org/TR/xpath-functions/#func-replace (SPARQL
1.1 Query, 17.4.3.15): ``$1`` is what the first group has matched, ``\$`` a dollar sign, ``\\`` a
backslash; all else after either is an error, and so is a pattern that matches no characters.
For Oxigraph, ``$1_`` is a group of that name, ``$$`` a dollar sign, and a backslash itself.
"""

from __future__ import annotations

import re

import pyoxigraph as ox

from sparql_server.memo import remembered
from sparql_server.sparql.namespaces import XSD

IRI = "http://www.w3.org/2005/xpath-functions#replace"
"""The function that stands for REPLACE where its arguments aren't known before."""

_PIECE = re.compile(r"\\([\\$])|\$([0-9]+)|([\\$])|([^\\$]+)", re.DOTALL)
_GROUPS = re.compile(r"\\.|\[(?:\\.|[^\]\\])*\]|(\((?!\?))", re.DOTALL)


class InvalidReplacement(ValueError):
    """A replacement string is none."""


def count_groups(pattern: str) -> int:
    r"""Return how many groups a pattern captures.

    >>> count_groups(r"(a)\([(](?:b)(c)")
    2
    """
    return sum(match[1] is not None for match in _GROUPS.finditer(pattern))


def translate_string(text: str, captured: int) -> str:
    r"""Return a replacement string as Oxigraph has it. captured: groups of the pattern.

    Raises InvalidReplacement.

    >>> translate_string(r"$1_$12\$", 1)
    '${1}_${1}2$$'
    """
    return "".join(_translate_piece(match, captured) for match in _PIECE.finditer(text))


def _translate_piece(match: re.Match[str], captured: int) -> str:
    escaped, digits, stray, plain = match.groups()
    if stray:
        raise InvalidReplacement(f"{stray} stands alone")
    if escaped:
        return "$$" if escaped == "$" else "\\"
    return plain or _translate_group(digits, captured)


def _translate_group(digits: str, captured: int) -> str:
    """Return what a number stands for: digits that make it too large are no part of it."""
    rest = ""
    while len(digits) > 1 and int(digits) > captured:
        digits, rest = digits[:-1], digits[-1] + rest
    return (f"${{{int(digits)}}}" if int(digits) <= captured else "") + rest


@remembered(256, 1000)
def translate_replacement(pattern: str, text: str, flags: str = "") -> str | None:
    """Return a replacement string as Oxigraph has it; None: the call is an error.

    It is one if the pattern matches what has no characters.
    """
    test = f'ASK {{ FILTER(!REGEX("", {ox.Literal(pattern)}, {ox.Literal(flags)})) }}'
    try:
        if not ox.Store().query(test):
            return None
        return translate_string(text, count_groups(pattern))
    except InvalidReplacement:
        return None


def replace(*terms: ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple) -> ox.Literal | None:
    """Return what fn:replace does: of a string, a pattern, a replacement and perhaps flags."""
    literals = [term for term in terms if isinstance(term, ox.Literal)]
    if (
        len(literals) != len(terms)
        or len(terms) not in (3, 4)
        or not all(map(_is_plain, literals[1:]))
    ):
        return None
    pattern, text, *flags = [literal.value for literal in literals[1:]]
    new = translate_replacement(pattern, text, *flags)
    if new is None:
        return None
    quoted = ", ".join(str(ox.Literal(text)) for text in (pattern, new, *flags))
    query = f"SELECT (REPLACE({literals[0]}, {quoted}) AS ?r) {{}}"
    return next((row[0] for row in ox.Store().query(query)), None)  # type: ignore[union-attr]


def _is_plain(literal: ox.Literal) -> bool:
    return literal.datatype.value == f"{XSD}string"
