"""Arguments of functions on strings: strings in another case, and patterns to match them with."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache, partial

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
_TOKEN = re.compile(
    rf"(?P<character>{_CHARACTER})(?P<times>[?*+])?|(?P<branch>\|)|(?:\.|{_CLASS})[?*+]?|{_GROUP}|."
)
_LONGEST = 200  # characters of a pattern
_TELLING = 2  # characters that are in few enough strings
_ASCII = re.compile("[\\x00-\\x7f]{2,}")
# Python takes these two for i in another case, simple case folding doesn't: in strings they become
# characters that are no letters; patterns with them, or with ranges they may be in, are declined.
_APART = str.maketrans("ıİ", "\ue000\ue001")
_UNLIKE = re.compile(r"[ıİ]|\[[^\]]*[^\x00-\x7f]")
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


@dataclass(frozen=True, slots=True)
class Needles:
    """Strings of which one at least is in all that a test holds of. any_case: in either case."""

    texts: tuple[str, ...]
    any_case: bool


@dataclass(frozen=True, slots=True)
class Contains:
    """Tells whether a string contains another."""

    wanted: str

    def __call__(self, text: str) -> bool:
        """Tell whether this string does."""
        return self.wanted in text


def starts(wanted: str, text: str) -> bool:
    """Tell whether a string begins with another."""
    return text.startswith(wanted)


def _ends(wanted: str, text: str) -> bool:
    return text.endswith(wanted)


TESTS: Mapping[str, Callable[[str], Test]] = {
    "STRENDS": lambda wanted: partial(_ends, wanted),
    "CONTAINS": Contains,
}
"""What tests a string with another, by the names of functions."""


@dataclass(frozen=True, slots=True)
class Matches:
    """Tells whether a pattern matches a string."""

    pattern: re.Pattern[str]
    needles: Needles | None

    def __call__(self, text: str) -> bool:
        """Tell whether it matches this one."""
        if self.pattern.flags & re.IGNORECASE and ("ı" in text or "İ" in text):
            text = text.translate(_APART)
        return self.pattern.search(text) is not None


def find_needles(test: Test, change: Callable[[str], str] | None) -> Needles | None:
    """Return what strings must contain that a test holds of once they are changed; None: unknown.

    >>> find_needles(Contains("sj\u00f6skogen"), str.lower)
    Needles(texts=('skogen',), any_case=True)
    """
    if isinstance(test, Matches):
        needles = test.needles
    else:
        needles = Needles((test.wanted,), False) if isinstance(test, Contains) else None
    if change is None or needles is None:
        return needles
    if change is not str.lower:
        return None  # many a character is a letter of ASCII in upper case
    texts = tuple(max(_ASCII.findall(text), key=len, default="") for text in needles.texts)
    return Needles(texts, True) if all(texts) else None


@lru_cache(maxsize=64)
def make_regex_test(pattern: str, flags: str) -> Test | None:
    """Return what tells whether a pattern matches; None for what others may read otherwise.

    17.4.3.14, https://www.w3.org/TR/sparql11-query/#func-regex
    """
    if flags not in ("", "i") or len(pattern) > _LONGEST or not _ALIKE.fullmatch(pattern):
        return None
    if sum(map(pattern.count, "*+")) > _MOST_REPEATED or (flags and _UNLIKE.search(pattern)):
        return None
    end = re.sub(r"(?<!\\)\$", r"\\Z", pattern)
    found = re.compile(end, re.IGNORECASE if flags else 0)
    return Matches(found, _read_needles(pattern, any_case=bool(flags)))


def _read_needles(pattern: str, *, any_case: bool) -> Needles | None:
    """Return the longest string that each branch of a pattern wants as it is."""
    branches = [[""]]
    for token in _TOKEN.finditer(pattern):
        character = (token["character"] or "")[-1:]
        if token["branch"]:
            branches.append([""])
        elif (
            not character or token["times"] in ("?", "*") or (any_case and not character.isascii())
        ):
            branches[-1].append("")
        else:
            branches[-1][-1] += character.lower() if any_case else character
            branches[-1] += [""] * bool(token["times"])
    texts = tuple(max(branch, key=len) for branch in branches)
    return Needles(texts, any_case) if all(len(text) >= _TELLING for text in texts) else None
