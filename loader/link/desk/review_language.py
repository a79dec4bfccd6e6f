"""Swedish for the pages of review: their own words, evidence, and reasons.

What the rest of ``link`` says is English; here it is looked up, whole or by its beginning.
"""

from __future__ import annotations

from importlib import resources

import orjson

LANGUAGES = ("en", "sv")
_SWEDISH: dict[str, str] = orjson.loads(
    resources.files("loader.link.desk").joinpath("swedish.json").read_bytes()
)
_ENDS = (": ", " (", ",")


def translate(text: str, language: str) -> str:
    """Return a text in a language; as it is if no translation is known.

    >>> translate("births differ: 1885, 1883", "sv"), translate("same name", "en")
    ('födelseår skiljer sig: 1885, 1883', 'same name')
    """
    if language == "en":
        return text
    if text in _SWEDISH:
        return _SWEDISH[text]
    for end in _ENDS:
        beginning, mark, rest = text.partition(end)
        if mark and beginning in _SWEDISH:
            return f"{_SWEDISH[beginning]}{mark}{rest}"
    return text
