"""Scores of candidates: by name, and by what was said beside the name.

A score is from 0 to 100: the likeness of the names, times 1 for each hint that agrees, 0.9 for one
of which nothing is known, and 0.5 for one that is contradicted.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from sparql_server.engine.text.storage.word_folding import loosen, words

_LOOSE = 0.95  # of names that are the same but for å, ä, ö
_NEAR = 0.9  # of others, times how much they have in common
_FACTORS = {True: 1.0, None: 0.9, False: 0.5}
_YEAR = re.compile(r"(?<!\d)\d{4}(?!\d)")
_LIFE = re.compile(r"[\s,(]*(?<!\d)\d{4}\s*[-–]\s*(?:\d{4})?\s*\)?\s*$")
_SUBTITLE = re.compile(r"\s*[:;/=.]\s.*", re.DOTALL)
_AHEAD = 10  # points by which a match is ahead of all others


@dataclass(frozen=True, slots=True)
class Candidate:
    """A thing that may be meant. agreed: by hint, whether it fits; None: nothing is known.

    exact: whether it is called so, or has this identifier, as it was written.
    """

    iri: str
    label: str
    kind: str
    kind_label: str
    detail: str
    uses: int
    likeness: float
    exact: bool
    identified: bool = False
    agreed: tuple[tuple[str, bool | None], ...] = ()

    @property
    def score(self) -> float:
        """The score, from 0 to 100."""
        score = 100 * self.likeness
        for _, agrees in self.agreed:
            score *= _FACTORS[agrees]
        return round(score, 1)


def compare_names(asked: str, name: str) -> float:
    """Return how alike two names are, from 0 to 1; the order of their words doesn't count.

    A name that has all the words that are asked for, and others, is nearer than one of its length
    with other words.

    >>> compare_names("Karin Boye", "Boye, Karin"), compare_names("Lagerlof", "Lagerlöf")
    (1.0, 0.95)
    """
    ours, theirs = sorted(words(asked)), sorted(words(name))
    if not ours or not theirs:
        return 0.0
    if ours == theirs:
        return 1.0
    loose, other = sorted(map(loosen, ours)), sorted(map(loosen, theirs))
    if loose == other:
        return _LOOSE
    ratio = SequenceMatcher(None, " ".join(loose), " ".join(other)).ratio()
    share = sum(map(len, loose)) / sum(map(len, other))
    whole = (1 + share) / 2 if set(loose) <= set(other) else 0.0
    return round(_NEAR * min(1, max(ratio, whole)), 3)


def split_life(text: str) -> tuple[str, str]:
    """Return a name without the years of life at its end, and these.

    >>> split_life("Boye, Karin, 1900-1941"), split_life("1984")
    (('Boye, Karin', '1900-1941'), ('1984', ''))
    """
    match = _LIFE.search(text)
    if match is None or not words(text[: match.start()]):
        return text, ""
    return text[: match.start()], match[0].strip(" ,()")


def drop_words(text: str, *, names_people: bool) -> list[str]:
    """Return what is left of a name as words are dropped, for where nothing has all of them.

    The family's name stays, and the title before a subtitle: most catalogues don't have the
    subtitles that others have, nor all forenames, or as initials.

    >>> drop_words("Karl Ivar Sköldén", names_people=True)
    ['Ivar Sköldén', 'Sköldén']
    >>> drop_words("Kallocain: roman från 2000-talet", names_people=False)
    ['Kallocain', 'Kallocain: roman från', 'Kallocain: roman']
    """
    parts = text.split()
    counts = {len(parts) - 1, 1 if names_people else (len(parts) + 1) // 2}
    is_inverted = not names_people or "," in text
    shorter = [
        " ".join(parts[:count] if is_inverted else parts[-count:])
        for count in sorted(counts, reverse=True)
        if 0 < count < len(parts)
    ]
    main = [] if names_people else [_SUBTITLE.sub("", text)]
    return list(dict.fromkeys(name for name in (*main, *shorter) if words(name) != words(text)))


def agree_years(asked: Iterable[str], known: Iterable[str]) -> bool | None:
    """Tell whether all years that are asked for are among those that are known."""
    wanted = {year for text in asked for year in _YEAR.findall(text)}
    there = {year for text in known for year in _YEAR.findall(text)}
    return wanted <= there if wanted and there else None


def agree_names(asked: Iterable[str], known: Iterable[str]) -> bool | None:
    """Tell whether a name that is asked for is among those that are known, or a part of one."""
    wanted = [_name_words(text) for text in asked]
    there = [_name_words(text) for text in known]
    if not any(wanted) or not any(there):
        return None
    return any(name <= other for name in wanted if name for other in there)


def _name_words(text: str) -> set[str]:
    return {loosen(word) for word in words(text) if not word.isdigit()}


def agree_values(asked: Iterable[str], known: Iterable[str]) -> bool | None:
    """Tell whether a value is among those that are known: a word, a name or an IRI."""
    wanted = {_fold(text) for text in asked} - {""}
    there = {_fold(text) for text in known} - {""}
    return not wanted.isdisjoint(there) if wanted and there else None


def _fold(text: str) -> str:
    return text if "://" in text else " ".join(words(text))


def find_match(ranked: Sequence[Candidate], *, controlled: bool, complete: bool) -> str | None:
    """Return the IRI of the candidate that is certainly meant, if there is one.

    That is one with the identifier that was asked for; or the only one that is called exactly so,
    if it is a term of a vocabulary, or something that was said beside its name agrees; and nothing
    that was said contradicts it. complete: whether all that are called so are among the candidates.
    """
    if not ranked:
        return None
    best, *others = ranked
    if best.identified:
        return None if any(other.identified for other in others) else best.iri
    agreed = [agrees for _, agrees in best.agreed]
    is_sure = best.exact and complete and False not in agreed and (controlled or True in agreed)
    is_ahead = all(best.score - other.score >= _AHEAD for other in others)
    return best.iri if is_sure and is_ahead else None
