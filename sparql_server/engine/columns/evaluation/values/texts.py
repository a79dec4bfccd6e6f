"""Arguments of functions on strings: strings in another case, and patterns to match them with."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from sparql_server.engine.columns.algebra import Expression

Test = Callable[[str], bool]
"""Tells whether a string is as wanted."""

_CASES: dict[str, Callable[[str], str]] = {"LCASE": str.lower, "UCASE": str.upper}

# Patterns that XPath, Rust and Python read alike, and that take no more time than strings are long:
# characters, classes of them and groups; no repetition of a group.
_CHARACTER = r"[^\\^$.|?*+()\[\]{}\x00-\x1f]|\\[.|?*+()\[\]{}\-^$\\]"
_CLASS = r"\[\^?(?:[^\W_](?:-[^\W_])?|[ _.,:;'/])+\]"
_PIECE = rf"(?:{_CHARACTER}|\.|{_CLASS})[?*+]?"
_BRANCH = rf"(?:{_PIECE})*"
_GROUP = rf"\((?:{_BRANCH})(?:\|{_BRANCH})*\)(?![?*+{{])"
_WHOLE = rf"\^?(?:{_PIECE}|{_GROUP})*\$?"
_ALIKE = re.compile(rf"{_WHOLE}(?:\|{_WHOLE})*")
_LONGEST = 200  # characters of a pattern
_MOST_REPEATED = 3  # repetitions: each may be tried from any place


@dataclass(frozen=True, slots=True)
class Text:
    """A string that is tested: of an argument, or its string form, in another case or as it is."""

    argument: Expression
    is_str: bool = False
    change: Callable[[str], str] | None = None


def read_text(expression: Expression) -> Text:
    """Return what an expression makes of its argument's string."""
    change = _CASES.get(expression.operator)
    if change is not None:
        expression = expression.arguments[0]
    if expression.operator == "STR":
        return Text(expression.arguments[0], True, change)
    return Text(expression, False, change)


@lru_cache(maxsize=64)
def make_regex_test(pattern: str, flags: str) -> Test | None:
    """Return what tells whether a pattern matches; None for what others may read otherwise.

    17.4.3.14, https://www.w3.org/TR/sparql11-query/#func-regex
    """
    if flags not in ("", "i") or len(pattern) > _LONGEST or not _ALIKE.fullmatch(pattern):
        return None
    if sum(map(pattern.count, "*+")) > _MOST_REPEATED:
        return None
    end = re.sub(r"(?<!\\)\$", r"\\Z", pattern)
    found = re.compile(end, re.IGNORECASE if flags else 0)
    return lambda text: found.search(text) is not None
