"""Persons made up to evaluate links on, who only looks like them, and how else they are written.

All chance is seeded.
"""

from __future__ import annotations

import random
import unicodedata
from collections.abc import Iterator

from benchmarks.link_cases import Person, check_digit, split
from benchmarks.words import FAMILY, GIVEN
from loader.link.matching.score import has_common_surname
from loader.link.names.keys import fold

# Shares and sizes as counted among the 249 persons of the reference data, most of whom are Swedish:
# 184 without years, 56 with both; 28 with a common surname; 32 names of three words, 13 of more;
# 55 with one of the ten most frequent given names, 130 with one that nobody else has; 209 with a
# surname that nobody else has.
_YEARS = ((0, 184), (1, 9), (2, 56))
_COMMON = 0.11
_COMMON_NAMES = [name for name in FAMILY if has_common_surname(fold(name))]
_FREQUENT = 0.45  # of given names, those of a list; the ten most frequent are half of them
_WORDS = ((2, 204), (3, 32), (4, 13))
_NAMESAKES = {False: 0.0035, True: 0.027}  # by whether the surname is a common one
# Among 20,231 real items, those whose label another goes by who was born or died at another time.
_DATED_NAMESAKES = {False: 0.008, True: 0.16}
_FIRST = (
    "Ahl Alm Asp Björk Blom Bo Brand Dal Ed Ek En Fager Fors Frid Gran Grön Gull Hag Hall Hed "
    "Hjort Holm Häger Kall Klint Kron Kvarn Lager Lilje Lind Ljung Lund Löv Malm Mell Mo Nor "
    "Palm Ros Rud Sand Silver Sjö Sköld Sten Stjern Ström Sund Söder Tall Torn Var Wall Väster "
    "Åker Äng Öster"
).split()
_SECOND = (
    "blad bom borg bring dahl din ell en feldt fors gren hielm hoff kranz lin löf man mark ner "
    "quist rot skog stad stedt stierna svärd säter tin vik"
).split()
_BEGINNING = (
    "Alf Ag Ast Bern Brit Dag Ed El Emil Er Frid Ger Gud Gun Hed Hel Herm Hild Ing Isid Jos "
    "Leon Lyd Mat Mel Nor Olg Os Ott Ragn Ros Sig Solv Sunn Svan Thor Tyr Ulr Val Vend Vilm Yng"
).split()
_ENDING = "a ard borg e ena ert hild ie ina inda ine is mar olf rid ulf und vald wig y".split()


def generated(count: int, seed: int) -> list[Person]:
    """Return made-up persons who are named, and dated, as often as those of the reference data."""
    chance = random.Random(seed)
    found = []
    for number in range(count):
        isni = f"{seed:02}{number:013}"
        ids = {"isni": isni + check_digit(isni), "viaf": f"9{seed}{number:07}"}
        key, item = f"{seed}-{number}", f"Q{seed}{number:08}"
        found.append(Person(key, item, _name(chance), _life(chance), ids))
    return found


def _life(chance: random.Random) -> tuple[int | None, int | None]:
    (known,) = chance.choices(*zip(*_YEARS, strict=True))
    born = chance.randrange(1780, 1940)
    return (born if known else None, born + chance.randrange(30, 85) if known == 2 else None)


def _name(chance: random.Random) -> str:
    (words,) = chance.choices(*zip(*_WORDS, strict=True))
    given = dict.fromkeys(_given(chance) for _ in range(words - 1))
    is_common = chance.random() < _COMMON
    family = (
        chance.choice(_COMMON_NAMES)
        if is_common
        else chance.choice(_FIRST) + chance.choice(_SECOND)
    )
    return " ".join([*given, family])


def _given(chance: random.Random) -> str:
    if chance.random() < _FREQUENT:
        return chance.choice(GIVEN[:10] if chance.random() < 0.5 else GIVEN)
    return chance.choice(_BEGINNING) + chance.choice(_ENDING)


def distractors(
    person: Person, chance: random.Random, first: int, written: str = ""
) -> Iterator[Person]:
    """Yield somebody else of the name, a sibling, and somebody with a like name and other years.

    Of the siblings, some were born and died in the same years. Of those without years, some have a
    namesake of whom more is known, as many as among real items, and some one of whom no more is
    known: as many as in the Lahman database of baseball players, 2,005 names of it looked for among
    2,005 others.
    written: the name as the record has it, which the like name isn't: it would be a namesake's.
    """
    born, died = person.years
    shift = chance.choice((-40, -17, -6, -3, 3, 6, 17, 40))
    shifted = _shifted(person.years, shift, shift)
    a_little = _shifted(
        person.years, chance.choice((-4, -2, -1, 1, 2, 4)), chance.choice((-3, 2, 5))
    )
    strange = [name for name in GIVEN if name not in person.name]
    other_given = f"{chance.choice(strange)} {split(person.name)[0]}"
    is_twin = chance.random() < 0.1
    like = misspelt(person.name, chance)
    while like == written:
        like = misspelt(person.name, chance)
    variants = [(other_given, person.years if is_twin else a_little), (like, a_little)]
    kind, is_common = chance.random(), has_common_surname(fold(person.name))
    if born or died:
        variants.append((person.name, shifted))
    elif kind < _DATED_NAMESAKES[is_common]:
        variants.append((person.name, (1500 + first % 300, None)))
    elif kind > 1 - _NAMESAKES[is_common]:
        yield Person(f"{person.key}/n", f"Q{first + 9}", person.name)
    for number, (name, years) in enumerate(variants):
        if name != person.name or years != person.years:
            yield Person(f"{person.key}/{number}", f"Q{first + number}", name, years)


def _shifted(
    years: tuple[int | None, int | None], birth: int, death: int
) -> tuple[int | None, int | None]:
    born, died = years
    return (born + birth if born else None, died + death if died else None)


def misspelt(name: str, chance: random.Random) -> str:
    """Return a name with two neighbouring letters the wrong way round, or one left out."""
    places = [place for place in range(1, len(name) - 1) if name[place : place + 2].isalpha()]
    if not places:
        return name + "s"
    place = chance.choice(places)
    if chance.random() < 0.5:
        return name[:place] + name[place + 1 :]
    return name[:place] + name[place + 1] + name[place] + name[place + 2 :]


def spellings(name: str, chance: random.Random) -> dict[str, str]:
    """Return a name as other cataloguers may have written it, by what they did."""
    words = name.split()
    plain = unicodedata.normalize("NFKD", name)
    found = {
        "as it is": name,
        "without marks": "".join(
            character for character in plain if not unicodedata.combining(character)
        ),
        "initials": " ".join([*(f"{word[0]}." for word in words[:-1]), words[-1]]),
        "misspelt": misspelt(name, chance),
    }
    if len(words) > 2:
        found["a name less"] = f"{words[0]} {words[-1]}"
    return {how: text for how, text in found.items() if how == "as it is" or text != name}
