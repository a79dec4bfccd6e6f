"""Blocks: the keys under which candidates for a name are looked for."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from loader.link.matching.profiles import Profile
from loader.link.names.keys import PARTICLES, make_sound_key, put_in_natural_order
from loader.link.names.lifespans import Life, Years
from loader.link.names.thing_names import list_singulars, make_thing_key

_SHORTEST = 3  # letters of a word that candidates are looked for by
_MANY_YEARS = 12
_PAIRS = 4  # of a given name and the surname, per name
_UNKNOWN = Life()


def list_block_keys(made: Profile, names: Iterable[str]) -> set[int]:
    """Return the keys under which a profile is found. names: as they are written.

    A person is also counted under ``w`` and each word of its labels, for ``rarity``.
    """
    keys = {f"f {name}" for name in made.folded} | {f"c {name}" for name in made.joined}
    words = {word for name in made.folded for word in name.split() if len(word) >= _SHORTEST}
    born = _list_births(made.life.birth, 0)
    keys |= {f"t {word} {year}" for word in words for year in born or ("",)}
    keys |= {f"s {make_sound_key(name)}" for name in made.folded if " " in name}
    if made.kind != "person":
        keys |= list_thing_keys(names)
    if made.kind not in ("person", ""):
        return {hash_key(key) for key in keys}
    for name in map(put_in_natural_order, names):
        keys |= {f"p {pair}" for pair in _pair_names(name)} | {
            f"i {pair}" for pair in _pair_initial(name)
        }
        keys |= {f"y {pair} {year}" for pair in _pair_names(name) for year in born}
    if made.kind == "person":
        keys |= {"w", *(f"w {word}" for name in made.labels for word in name.split())}
    return {hash_key(key) for key in keys}


def list_search_keys(made: Profile, names: Iterable[str]) -> tuple[list[int], list[int]]:
    """Return the keys under which candidates for a profile are looked for: narrow, then wide."""
    narrow = [f"f {name}" for name in made.folded] + [f"c {name}" for name in made.joined]
    narrow += [f"s {make_sound_key(name)}" for name in made.folded if " " in name]
    words = {word for name in made.folded for word in name.split() if len(word) >= _SHORTEST}
    born = _list_births(made.life.birth, 1)
    for name in names:
        narrow += [f"y {pair} {year}" for pair in _pair_names(name) for year in born]
        narrow += [f"p {pair}" for pair in _pair_names(name)]
        narrow += [f"i {pair}" for pair in _pair_initial(name) if len(name.split()[0]) == 1]
    wide = [f"t {word} {year}" for word in sorted(words) for year in ("", *born)]
    if made.life == _UNKNOWN:
        wide += [f"w {word}" for word in sorted(words)]
    return list(map(hash_key, dict.fromkeys(narrow))), list(map(hash_key, wide))


def list_thing_keys(names: Iterable[str]) -> set[str]:
    """Return the keys under which something that is no person is found.

    ``o`` and a name; ``e`` and what it is in the singular, if it may be a plural.
    """
    several = list(names)
    keys = {f"o {thing}" for name in several if (thing := make_thing_key(name))}
    return keys | {f"e {make_thing_key(form)}" for name in several for form in list_singulars(name)}


def list_thing_search_keys(names: Iterable[str], *, terms: bool) -> set[str]:
    """Return the keys under which candidates for something that is no person are looked for.

    terms: it is a term, which may be in the plural on one side and in the singular on the other.
    """
    several = list(names)
    same = {thing for name in several if (thing := make_thing_key(name))}
    keys = {f"o {thing}" for thing in same}
    if terms:
        keys |= {f"e {thing}" for thing in same}
        keys |= {f"o {make_thing_key(form)}" for name in several for form in list_singulars(name)}
    return keys


def _pair_names(name: str) -> list[str]:
    """Return each of the first words of a name with its last one."""
    *given, family = [word for word in name.split() if word not in PARTICLES] or [""]
    pairs = [" ".join(sorted((word, family))) for word in given if len(word) > 1]
    return list(dict.fromkeys(pairs))[:_PAIRS]


def _pair_initial(name: str) -> list[str]:
    words = name.split()
    return [f"{words[0][0]} {words[-1]}"] if len(words) > 1 else []


def _list_births(birth: Years | None, margin: int) -> list[int]:
    """Return the years of a birth, if they are few."""
    if birth is None or birth.high - birth.low > _MANY_YEARS:
        return []
    return list(range(birth.low - margin, birth.high + margin + 1))


def hash_key(key: str) -> int:
    """Return a key as a number of 63 bits; the odd collision costs a comparison."""
    return int.from_bytes(hashlib.blake2b(key.encode(), digest_size=8).digest(), "big") >> 1
