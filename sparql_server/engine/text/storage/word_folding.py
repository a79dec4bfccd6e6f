"""Folding of words for the text index, the same for what is indexed and what is searched.

Case and accents go, as Swedish has them: å, ä and ö are letters, and stay; æ is ä, ø is ö. Loosely,
they go too, together with their spellings by two letters: ``lagerlof`` and ``Lagerloef`` are
``Lagerlöf``.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

_LONGEST = 64  # characters of a word, and words of a name that is found as a whole
_WHOLE = 40
BEGUN_WORDS = 4
"""Words of a name that is found by its beginning; a longer one is by its words."""

# Letters that have no accent to lose.
_LETTERS = {
    **{ord(letter): letter for letter in "åäö"},
    **dict(zip(map(ord, "æøłđðŋŧħı"), "äöldd" + "nthi", strict=True)),
    **{ord("þ"): "th", ord("œ"): "oe", ord("ß"): "ss", ord("ẞ"): "ss"},
}
# A word; each sign of Chinese and Japanese is one.
_SIGNS = "\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
_WORD = re.compile(rf"[{_SIGNS}]|[^\W_{_SIGNS}]+")
_BASE = str.maketrans("åäö", "aao")
_DOUBLE = re.compile("aa|ae|oe|ue")
_BETWEEN = re.compile(r"[\s‐-―-]+")
# An identifier behind the name of its kind, or as the last part of an address.
_NAMED = re.compile(
    r"<?(?:(?:urn:)?(?:isbn|issn|isni|ismn|isrc|orcid|viaf|doi|lccn|uri|libris|libris-?id|onr)[\s:]+"
    r"|isbn-?1[03][\s:]+|isbn(?=[0-9-]{9})|issn(?=[0-9]{4}-?[0-9]{3})|isni(?=[0-9]{15})"
    r"|(?:https?://|(?:[\w-]+\.)+[a-z]{2,}/)(?:\S+/)?)"
    r"(?P<identifier>[^/\s#?<>][^/#?<>]*)(?:\?\S*)?(?:#it)?/?>?",
    re.IGNORECASE,
)
_ISBN = re.compile(r"(?:978)?[0-9]{9}[0-9x]")


class _Folding(dict[int, str]):
    """Maps a letter to what stands for it, and remembers it."""

    def __missing__(self, letter: int) -> str:
        parts = unicodedata.normalize("NFKD", chr(letter))
        base = (part for part in parts if not unicodedata.combining(part))
        folded = "".join(_LETTERS.get(ord(part), part) for part in base)
        # Modifier letters are signs of transliteration: Solʹženicyn.
        folded = "" if unicodedata.category(chr(letter)) == "Lm" else folded
        self[letter] = folded
        return folded


_FOLDING = _Folding(_LETTERS)
_FOLDED = re.compile("[\0-\x7fåäö]*")  # what most texts are of
# Of the letters that ISO 8859-1 has, the same words as by ``_WORD``, in a fraction of the time.
_APART = bytes(n if _WORD.match(chr(n)) else ord(" ") for n in range(256))


def fold(text: str) -> str:
    """Return a text without case and accents.

    >>> fold("Selma LAGERLÖF, Ærøskøbing, Łódź, Müller, Čáhci")
    'selma lagerlöf, ärösköbing, lodz, muller, cahci'
    """
    folded = text.casefold()
    if folded.isascii():
        return folded
    composed = unicodedata.normalize("NFC", folded)
    return composed if _FOLDED.fullmatch(composed) else composed.translate(_FOLDING)


def words(text: str) -> list[str]:
    """Return the words of a text, folded.

    >>> words("Gösta Berlings saga; d'Artagnan 1891–92")
    ['gösta', 'berlings', 'saga', 'd', 'artagnan', '1891', '92']
    """
    split = _split(fold(text))
    is_short = len(text) < _LONGEST // 4  # folded, a letter may be several
    return split if is_short else [word[:_LONGEST] for word in split]


def _split(folded: str) -> list[str]:
    try:
        return folded.encode("latin-1").translate(_APART).decode("latin-1").split()
    except UnicodeEncodeError:
        return _WORD.findall(folded)


def loosen(word: str) -> str:
    """Return a folded word without the letters that other keyboards lack.

    >>> [loosen(word) for word in ("lagerlöf", "lagerloef", "lagerlof", "ångström")]
    ['lagerlof', 'lagerlof', 'lagerlof', 'angstrom']
    """
    return _DOUBLE.sub(lambda pair: pair[0][0], word.translate(_BASE))


def whole(parts: Sequence[str]) -> str:
    """Return what a name is found by as a whole: its words, whatever their order.

    >>> whole(words("Lagerlöf, Selma")) == whole(words("selma lagerlöf"))
    True
    """
    return " ".join(sorted(parts[:_WHOLE]))


def begin(parts: Sequence[str], *, loose: bool = False) -> str:
    """Return what a name is found by that ends, so far, with the last of these words.

    It says how many words the name has. loose: whether they are loosened.

    >>> begin(words("Wallin, Fredr")), begin(words("fredrik wal"))
    ('2 wallin fredr', '2 fredrik wal')
    """
    return " ".join([f"{len(parts)}{'~' * loose}", *sorted(parts[:-1]), parts[-1]])


def beginnings(parts: Sequence[str], *, loose: bool = False) -> list[str]:
    """Return what a name begins with, whichever of its words is typed last; none of a long one.

    >>> beginnings(words("Hansson, Per Albin"))
    ['3 albin hansson per', '3 albin per hansson', '3 hansson per albin']
    """
    if not 1 < len(parts) <= BEGUN_WORDS:
        return []
    number, listed = f"{len(parts)}{'~' * loose}", list(parts)
    others = (sorted(listed[:at] + listed[at + 1 :]) for at in range(len(listed)))
    begun = (" ".join([number, *rest, last]) for rest, last in zip(others, listed, strict=True))
    return sorted(set(begun))


def identifiers(text: str) -> list[str]:
    """Return the ways in which an identifier is written in the index; none if it is none.

    Hyphens and spaces go; an ISBN of ten digits is one of thirteen, too.

    >>> identifiers("91-0-055915-6"), identifiers("0000 0001 2148 3628")
    (['9100559156', '9789100559151'], ['0000000121483628'])
    """
    bare = _BETWEEN.sub("", text).casefold()
    if not bare or len(bare) > 2 * _LONGEST:
        return []
    if not _ISBN.fullmatch(bare):
        return [bare]
    middle = bare[-10:-1]
    return list(dict.fromkeys([bare, f"{middle}{_check_10(middle)}", _isbn_13(middle)]))


def typed_identifiers(text: str) -> list[str]:
    """Return what a text may mean as an identifier: also behind its kind, or ending an address.

    >>> typed_identifiers("ISBN 91-0-055915-6")
    ['isbn9100559156', '9100559156', '9789100559151']
    >>> typed_identifiers("http://libris.kb.se/bib/7149593")
    ['http://libris.kb.se/bib/7149593', '7149593']
    """
    match = _NAMED.fullmatch(text.strip())
    forms = [text, match["identifier"]] if match else [text]
    return list(dict.fromkeys(identifier for form in forms for identifier in identifiers(form)))


def _check_10(digits: str) -> str:
    """Return the check digit of an ISBN of ten (ISO 2108)."""
    rest = -sum(weight * int(digit) for weight, digit in zip(range(10, 1, -1), digits, strict=True))
    return "0123456789x"[rest % 11]


def _isbn_13(digits: str) -> str:
    whole_number = f"978{digits}"
    rest = -sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(whole_number))
    return f"{whole_number}{rest % 10}"
