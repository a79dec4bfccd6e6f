"""Names of what is no person: keys, qualifiers in brackets, and terms in the singular."""

from __future__ import annotations

import re
from collections.abc import Iterator

from loader.link.names.keys import fold

_EXPANDED = {
    **{"kungl": "kungliga", "kgl": "kungliga", "kungl.": "kungliga", "kngl": "kungliga"},
    **{"univ": "universitet", "inst": "institutionen", "dept": "department", "st": "saint"},
    **{"sankt": "saint", "sankta": "saint"},
}
_SAYS_NOTHING = frozenset(("the", "and", "och", "i", "in", "of", "for"))
# Legal forms stand last, and some write them: Swedish, Nordic, English, German, French, Dutch.
_LEGAL_FORMS = frozenset(
    ("ab", "aktiebolag", "aktiebolaget", "hb", "kb", "publ", "as", "asa", "aps", "oy", "oyj")
    + ("inc", "incorporated", "ltd", "limited", "llc", "plc", "corp", "corporation", "co")
    + ("gmbh", "ag", "kg", "ev", "sa", "sarl", "sas", "spa", "srl", "nv", "bv")
)
_ABBREVIATED = re.compile(r"\b(\w)\.\s?(?=\w\.)")  # S.p.A., e. V.
_SAINT = re.compile(r"\bs:ta?\b", re.IGNORECASE)  # S:t Lucia, S:ta Birgitta
_QUALIFIER = re.compile(r"\s*\(([^()]*)\)")


def make_thing_key(name: str) -> str:
    """Return what spellings of an organization's, place's or meeting's name have in common.

    >>> make_thing_key("Kungl. Akademien"), make_thing_key("Kungliga akademien")
    ('kungliga akademien', 'kungliga akademien')
    >>> make_thing_key("Berga (Linköping)"), make_thing_key("Norstedts & Söner AB")
    ('berga', 'norstedts soner')
    >>> make_thing_key("Barilla S.p.A."), make_thing_key("The Inc.")
    ('barilla', 'inc')
    >>> make_thing_key("S:t Lucia") == make_thing_key("Saint Lucia") == make_thing_key("St. Lucia")
    True
    """
    written = _SAINT.sub("saint", _QUALIFIER.sub(" ", name))
    words = fold(_ABBREVIATED.sub(r"\1", written)).split()
    said = [_EXPANDED.get(word, word) for word in words if word not in _SAYS_NOTHING]
    while len(said) > 1 and said[-1] in _LEGAL_FORMS:
        said.pop()
    if len(said) > 1 and said[0] in ("ab", "aktiebolaget"):
        said = said[1:]
    return " ".join(said)


def list_telling_words(name: str) -> tuple[str, ...]:
    """Return the words of a name that say something, sorted: no legal forms, no qualifier.

    >>> list_telling_words("Norstedts & Söner AB"), list_telling_words("ab norstedts och soner")
    (('norstedts', 'soner'), ('norstedts', 'soner'))
    """
    words = make_thing_key(name).split()
    said = [word for word in words if word not in _LEGAL_FORMS]
    return tuple(sorted(said or words))


def split_qualifiers(name: str) -> list[str]:
    """Return what stands in brackets after a name, part by part, folded.

    >>> split_qualifiers("Berga (Linköping, Sverige)")
    ['linkoping', 'sverige']
    """
    parts = [part for text in _QUALIFIER.findall(name) for part in re.split("[,:;]", text)]
    return [folded for part in parts if (folded := fold(part))]


# Endings of a plural, and what they are in the singular; Swedish, then English. Which of several
# it is, an authority of the name tells.
_SINGULARS = (
    *(("or", ("a",)), ("klar", ("kel",)), ("plar", ("pel",)), ("drar", ("der",))),
    *(("ar", ("", "e")), ("ier", ("ium", "ie")), ("museer", ("museum",)), ("er", ("", "e"))),
    *(("r", ("",)), ("n", ("",)), ("bocker", ("bok",)), ("stader", ("stad",))),
    *(("lander", ("land",)), ("strander", ("strand",)), ("hander", ("hand",))),
    *(("tander", ("tand",)), ("natter", ("natt",)), ("rotter", ("rot",)), ("fotter", ("fot",))),
    *(("man", ("man",)), ("soner", ("son",)), ("dottrar", ("dotter",)), ("broder", ("bror",))),
    *(("ies", ("y",)), ("ves", ("f", "fe")), ("ses", ("s", "sis")), ("es", ("", "e"))),
    *(("s", ("",)), ("men", ("man",)), ("children", ("child",)), ("mice", ("mouse",))),
)
_SHORTEST = 3  # letters that remain


def list_singulars(term: str) -> list[str]:
    """Return what a term, folded, may be in the singular if it is a plural; not the term itself.

    Of several words, the last one is in the plural, and a Swedish adjective before it too. What
    stands in brackets after it is no part of it.

    >>> "byggnad" in list_singulars("Byggnader"), "blomma" in list_singulars("Blommor")
    (True, True)
    >>> "dike" in list_singulars("Dikes (Engineering)")
    True
    >>> list_singulars("Botanical gardens"), "treaty" in list_singulars("Treaties")
    (['botanical garden'], True)
    >>> "botanisk tradgard" in list_singulars("Botaniska trädgårdar")
    True
    """
    words = fold(_QUALIFIER.sub(" ", term)).split()
    if not words:
        return []
    *before, last = words
    singular = [word.removesuffix("a") if len(word) > _SHORTEST else word for word in before]
    forms = (
        " ".join((*words_before, form))
        for words_before in (before, singular)
        for form in _find_singulars(last)
    )
    return [form for form in dict.fromkeys(forms) if form != " ".join(words)]


def _find_singulars(word: str) -> Iterator[str]:
    for ending, replacements in _SINGULARS:
        stem = word.removesuffix(ending)
        if stem != word:
            yield from (stem + other for other in replacements if len(stem + other) >= _SHORTEST)
