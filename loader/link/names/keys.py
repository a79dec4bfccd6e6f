"""Keys of names and headings: the form that all spellings of one have in common.

A person's name has two keys, with the Swedish letters kept and folded to their ASCII cousins.
"""

from __future__ import annotations

import re
import unicodedata

_DASHES = re.compile(
    r"\s*(?:¡|‡\w?|\s[-\u2010-\u2015]\s|--+|(?<!\d)[\u2013\u2014]|[\u2013\u2014](?!\d))\s*"
)
_FOLDED = str.maketrans(
    {"ø": "o", "ł": "l", "æ": "ae", "œ": "oe", "ß": "ss", "đ": "d", "ð": "d", "þ": "th", "ı": "i"}
)
_NORDIC = str.maketrans({"ø": "ö", "æ": "ä"})


def label_key(text: str) -> str:
    """Return what two spellings of a subject heading have in common.

    >>> label_key("Art ¡ Study"), label_key("Cats - Food."), label_key("Crises, 2008-2009")
    ('art--study', 'cats--food', 'crises, 2008-2009')
    """
    key = unicodedata.normalize("NFC", text)
    while True:
        before = key
        key = _DASHES.sub("--", key)
        key = re.sub(r"\s+", " ", unicodedata.normalize("NFC", key.casefold())).strip(" .")
        key = re.sub(r"(?<=\d)[\u2013\u2014](?=\d)", "-", key).removeprefix("--").removesuffix("--")
        if key == before:
            return key


def fold(text: str) -> str:
    """Return a name in ASCII letters as far as it has them, in lower case, words apart.

    >>> fold("Lagerlöf, Selma"), fold("Kjærstad"), fold("Łódź")
    ('lagerlof selma', 'kjaerstad', 'lodz')
    """
    return _words(_ascii(unicodedata.normalize("NFC", text.casefold())))


def fold_but_swedish(text: str) -> str:
    """Return a name with å, ä and ö kept (ø and æ are theirs), in lower case, words apart.

    >>> fold_but_swedish("Lagerlöf, Selma"), fold_but_swedish("Bjørnson"), fold_but_swedish("Éva")
    ('lagerlöf selma', 'björnson', 'eva')
    """
    if text.isascii():
        return _words(text.lower())
    composed = unicodedata.normalize("NFC", text.casefold()).translate(_NORDIC)
    return _words(
        "".join(character if character in "åäö" else _ascii(character) for character in composed)
    )


def _ascii(text: str) -> str:
    if text.isascii():
        return text
    plain = unicodedata.normalize("NFKD", text.translate(_FOLDED)).casefold().translate(_FOLDED)
    return "".join(character for character in plain if not unicodedata.combining(character))


def _words(text: str) -> str:
    return " ".join(
        "".join(character if character.isalnum() else " " for character in text).split()
    )


def sort_words(text: str) -> str:
    """Return the words of a folded or kept name in an order of their own.

    >>> sort_words("selma lagerlof") == sort_words("lagerlof selma")
    True
    """
    return " ".join(sorted(text.split()))
