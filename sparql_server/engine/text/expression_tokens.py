"""Tokens of search expressions: words, phrases, brackets and what stands between them."""

from __future__ import annotations

import re
from dataclasses import dataclass

_WORD = r"""(?:[^\s()"'&|]|(?<=\w)'(?=\w))+"""  # an apostrophe may be within one: d'Artagnan
_TOKEN = re.compile(
    rf"""\s*(?:(?P<quoted>"[^"]*"|'[^']*')|(?P<mark>&&?|\|\|?|[()!+-])|(?P<word>{_WORD}))"""
)
_SUFFIX = re.compile(
    r"(?P<tilde>~(?P<apart>[0-9]{0,4}))?(?:\^(?P<boost>[0-9]{1,4}(?:\.[0-9]{1,4})?))?"
)
_OPERATORS = {"&": "AND", "|": "OR", "!": "NOT", "+": "MUST", "-": "NOT", "(": "(", ")": ")"}
_OPERATOR_WORDS = frozenset(("AND", "OR", "NOT", "NEAR"))
_MOST_LETTERS = 2  # that may be wrong in a word: tantivy's most
FARTHEST = 100  # words that may be between those of a phrase
_HEAVIEST = 1000.0  # times what another part of the expression is worth

RIGHT = "\"'selma lagerlöf' AND saga*\""
"""An expression as it should be, in a query."""


class Malformed(Exception):
    """An expression can't be searched for; the text says why, and what is right."""


@dataclass(frozen=True, slots=True)
class Token:
    """A token. kind: an operator, a bracket, ``phrase`` or ``word``; end: nothing comes any more.

    apart: letters that may be wrong in a word, or words that may be between those of a phrase.
    boost: times what it is worth.
    """

    kind: str
    text: str = ""
    apart: int = 0
    boost: float = 1.0


def malformed(reason: str) -> Malformed:
    """Return the error that says what is wrong with an expression, and shows the right one."""
    return Malformed(f"The search expression is malformed: {reason}. Right is, say, {RIGHT}.")


def split_expression(text: str, *, lucene: bool) -> list[Token]:
    """Return the tokens of an expression, and one that is its end. Raises Malformed.

    lucene: whether it is one of Lucene, whose words may have ``~`` and ``^`` behind them.
    """
    tokens: list[Token] = []
    place = 0
    while text[place:].strip():
        match = _TOKEN.match(text, place)
        if match is None:
            raise malformed(f"a quotation mark at character {place + 1} has no partner")
        place = match.end()
        suffix = _SUFFIX.match(text, place) if lucene and match["quoted"] else None
        place = suffix.end() if suffix else place
        tokens += _token(match, suffix[0] if suffix else "", lucene)
    return [*tokens, Token("end")]


def _token(match: re.Match[str], suffix: str, lucene: bool) -> list[Token]:
    if match["quoted"]:
        return [_lucene_token("phrase", match["quoted"][1:-1], suffix)]
    if match["mark"]:
        kind = _OPERATORS[match["mark"][0]]
        return [Token(kind)] if kind != "MUST" or lucene else []
    word = match["word"]
    if word.upper() in _OPERATOR_WORDS:
        return [Token(word.upper())]
    return [_lucene_word(word) if lucene else Token("word", word)]


def _lucene_word(word: str) -> Token:
    """Return a word of Lucene's, whose syntax has more than words. Raises Malformed."""
    if word[0] in "[{/":
        raise malformed(f"{word[0]} begins a range or a pattern of Lucene, and there are none here")
    bare = re.sub(r"[~^].*", "", word, flags=re.DOTALL)
    if ":" in bare:
        raise malformed(
            f"{bare!r} names a field: name the property before the expression instead, or put the"
            " word in quotation marks"
        )
    return _lucene_token("word", bare, word[len(bare) :])


def _lucene_token(kind: str, text: str, suffix: str) -> Token:
    """Return a word or a phrase with what stands behind it: ``~2``, ``^3`` or both."""
    match = _SUFFIX.fullmatch(suffix)
    if match is None:
        raise malformed(f"behind {text!r} stands {suffix}, not ~1 or ^2")
    apart = int(match["apart"] or _MOST_LETTERS) if match["tilde"] else 0
    most = _MOST_LETTERS if kind == "word" else FARTHEST
    boost = float(match["boost"] or 1)
    if apart > most or not 0 < boost <= _HEAVIEST:
        raise malformed(f"behind {text!r} stands at most ~{most} and ^{_HEAVIEST:g}")
    return Token(kind, text, apart, boost)
