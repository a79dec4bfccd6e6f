r"""fn:replace as XPath has it, for an engine that has its own replacement strings.

XQuery 1.0 and XPath 2.0 Functions and Operators, 7.6.3, https://www.w3.org/TR/xpath-functions/#func-replace
(SPARQL 1.1 Query, 17.4.3.15): ``$1`` is what the first group has matched, ``\$`` a dollar sign, ``\\`` a
backslash; all else after either of them is an error, and so is a pattern that matches nothing at all.
For Oxigraph, ``$1_`` is a group of that name, ``$$`` a dollar sign, and a backslash itself.
"""

from __future__ import annotations

import re

_PIECE = re.compile(r"\\([\\$])|\$([0-9]+)|([\\$])|([^\\$]+)", re.DOTALL)
_GROUPS = re.compile(r"\\.|\[(?:\\.|[^\]\\])*\]|(\((?!\?))", re.DOTALL)


class Invalid(ValueError):
    """A replacement string is none."""


def groups(pattern: str) -> int:
    r"""Return how many groups a pattern captures.

    >>> groups(r"(a)\([(](?:b)(c)")
    2
    """
    return sum(match[1] is not None for match in _GROUPS.finditer(pattern))


def replacement(text: str, captured: int) -> str:
    r"""Return a replacement string as Oxigraph has it. captured: groups of the pattern.

    Raises Invalid.

    >>> replacement(r"$1_$12\$", 1)
    '${1}_${1}2$$'
    """
    return "".join(_piece(match, captured) for match in _PIECE.finditer(text))


def _piece(match: re.Match[str], captured: int) -> str:
    escaped, digits, stray, plain = match.groups()
    if stray:
        raise Invalid(f"{stray} stands alone")
    if escaped:
        return "$$" if escaped == "$" else "\\"
    return plain or _group(digits, captured)


def _group(digits: str, captured: int) -> str:
    """Return what a number stands for: digits that make it too large are no part of it."""
    rest = ""
    while len(digits) > 1 and int(digits) > captured:
        digits, rest = digits[:-1], digits[-1] + rest
    return ("${%d}" % int(digits) if int(digits) <= captured else "") + rest
