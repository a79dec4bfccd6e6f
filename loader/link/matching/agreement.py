"""Agreement of names: how the names of two profiles agree at best, and in which words."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from rapidfuzz import fuzz

from loader.link.matching.profiles import Profile
from loader.link.names.keys import NUMERAL, PARTICLES, make_sound_key

SAME = ("exact", "folded", "spelt")
_CLOSE, _SIMILAR = 92, 85  # of 100, how alike two spellings are


@dataclass(frozen=True, slots=True)
class Agreement:
    """The best agreement of two profiles' names.

    how: ``exact`` with its marks; ``folded`` without them; ``spelt`` in the ways of other times
    (Carl, Karl); ``initials`` where one has initials for the other's words; ``shorter`` where one
    has words less; ``close`` and ``similar`` by letters; ``partly``, ``foreign``, or ``unknown``
    where scripts differ. words: those in which they agree. initials: how many stand for words.
    extra: words, and extra_initials: initials, that one of them has more.
    """

    how: str
    words: tuple[str, ...] = ()
    initials: int = 0
    extra: int = 0
    extra_initials: int = 0


def compare_names(one: Profile, other: Profile) -> str:
    """Return how the names of two profiles agree at best, as in ``Agreement``."""
    return find_agreement(one, other).how


def find_agreement(one: Profile, other: Profile) -> Agreement:
    """Return the best agreement of two profiles' names."""
    if not one.folded or not other.folded:
        return Agreement("unknown")
    if same := _find_same(one, other):
        return same
    pairs = [(name.split(), theirs.split()) for name in one.folded for theirs in other.folded]
    aligned = [found for pair in pairs if (found := align_words(*pair)) is not None]
    if aligned:
        return max(aligned, key=lambda found: (len(found.words), found.initials, -found.extra))
    return _compare_letters(one, other)


def _find_same(one: Profile, other: Profile) -> Agreement | None:
    shared = [name for name in one.folded if name in other.folded]
    if not one.kept.isdisjoint(other.kept):
        return Agreement("exact", tuple((shared or one.folded)[0].split()))
    if shared:
        return Agreement("folded", tuple(shared[0].split()))
    if not one.joined.isdisjoint(other.joined):
        return Agreement("folded", tuple(one.folded[0].split()))
    sounds = {make_sound_key(name) for name in other.folded}
    spelt = next(
        (name for name in one.folded if " " in name and make_sound_key(name) in sounds), ""
    )
    return Agreement("spelt", tuple(spelt.split())) if spelt else None


def align_words(one: list[str], other: list[str]) -> Agreement | None:
    """Return how far two names agree if nothing in them contradicts, else None.

    Two words must be shared, or one and an initial; what is more may be on one side alone.
    """
    if not _may_align(one, other) or _must_differ(one, other):
        return None
    common = Counter(one) & Counter(other)
    words = tuple(word for word in common.elements() if len(word) > 1)
    if not words or max(map(len, words)) < 3:
        return None
    mine, theirs = _rest(one, common), _rest(other, common)
    matched = _match_initials(mine, theirs) + _match_initials(theirs, mine)
    matched += sum(len(word) == 1 for word in common.elements())
    if (mine and theirs) or len(words) + min(matched, 1) < 2:
        return None
    more = mine or theirs
    initials = sum(len(word) == 1 for word in more)
    if any(NUMERAL.fullmatch(word) for word in more):
        return None
    how = "initials" if matched else "shorter"
    return Agreement(how, words, matched, len(more) - initials, initials)


def _may_align(one: list[str], other: list[str]) -> bool:
    """Tell quickly whether two names share two words, or one while one of them has initials."""
    shared = sum(len(word) > 1 and word in other for word in one)
    return shared > 1 or (shared == 1 and any(len(word) == 1 for word in (*one, *other)))


def _must_differ(one: list[str], other: list[str]) -> bool:
    """Tell quickly whether both have words that the other lacks, and no initials for them."""
    if any(len(word) == 1 for word in (*one, *other)):
        return False
    return _has_more(one, other) and _has_more(other, one)


def _has_more(name: list[str], other: list[str]) -> bool:
    return any(word not in other and word not in PARTICLES for word in name)


def _rest(name: list[str], common: Counter[str]) -> list[str]:
    rest = Counter(name) - common
    return [word for word in rest.elements() if word not in PARTICLES]


def _match_initials(short: list[str], long: list[str]) -> int:
    """Take initials out of one list, and the words they stand for out of the other."""
    count = 0
    for initial in [word for word in short if len(word) == 1]:
        word = next((word for word in long if word[0] == initial), "")
        if word:
            short.remove(initial)
            long.remove(word)
            count += 1
    return count


def _compare_letters(one: Profile, other: Profile) -> Agreement:
    best, name = max((_closest(name, other.folded), name) for name in one.folded)
    if best >= _SIMILAR:
        return Agreement("close" if best >= _CLOSE else "similar", tuple(name.split()))
    if not _scripts(one) & _scripts(other):
        return Agreement("unknown")
    theirs = {word for name in other.folded for word in name.split() if len(word) > 2}
    is_shared = any(word in theirs for name in one.folded for word in name.split())
    return Agreement("partly" if is_shared else "foreign")


def _closest(name: str, others: tuple[str, ...]) -> float:
    """Return how alike a name and the likest of others are; numbers of regents must be the same."""
    best, plain = 0.0, _without_particles(name)
    for other in others:
        alike = fuzz.ratio(plain, _without_particles(other), score_cutoff=_SIMILAR)
        if alike > best and _numerals(name) == _numerals(other):
            best = alike
    return best


def _without_particles(name: str) -> str:
    return " ".join(word for word in name.split() if word not in PARTICLES)


def _numerals(name: str) -> list[str]:
    return [word for word in name.split() if NUMERAL.fullmatch(word)]


def _scripts(made: Profile) -> set[bool]:
    """Return whether the profile has names in Latin script, and whether it has others."""
    return {name[:1].isascii() for name in made.folded if name}
