"""Names of a thing, composed of what is said of it: a person's parts, title and subtitle."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from operator import itemgetter

from loader.text.naming_properties import Place, Role
from sparql_server.engine.text.storage.layout import Name

Row = tuple[int, int, int, int, str, str]
"""Thing, node, role, place, value, language."""

# Numbers, as statements have them: to compare those takes less time.
_NAME, _OTHER, _TITLE = map(int, (Role.NAME, Role.OTHER, Role.TITLE))
_NAMED_BY = frozenset(range(Role.NAME, Role.SUBTITLE + 1))
_AS_IT_IS = frozenset((_NAME, _TITLE))
_FIRST = frozenset(map(int, (Place.ITSELF, Place.TITLE)))


def list_names(rows: Sequence[Row]) -> tuple[dict[Name, None], dict[Name, None]]:
    """Return a thing's preferred names, and the others, in their order."""
    preferred: list[Name] = []
    others: list[Name] = []
    naming = [row for row in rows if row[2] in _NAMED_BY]
    for _, node in groupby(naming, itemgetter(1)):
        own = list(node)
        target = preferred if own[0][3] in _FIRST else others
        if len(own) == 1 and own[0][2] in _AS_IT_IS:
            target.append(Name(own[0][4], own[0][5]))
        else:
            _add_names(own, target, others)
    return _tidy(preferred), _tidy(others)


def _add_names(rows: Sequence[Row], target: list[Name], others: list[Name]) -> None:
    """Add the names that a node has. target: where its own go; others: those that it has, too."""
    said = gather_values(rows)
    target += _compose(said)
    target += [Name(row[4], row[5]) for row in rows if row[2] == _NAME]
    target += [Name(row[4], row[5]) for row in rows if row[2] == _TITLE]
    others += [Name(row[4], row[5]) for row in rows if row[2] == _OTHER]
    if subtitles := said.get(Role.SUBTITLE):
        titles = said.get(Role.TITLE, ())
        others += [Name(f"{title} : {sub}") for title in titles for sub in subtitles]


def _tidy(names: Sequence[Name]) -> dict[Name, None]:
    """Return names with single spaces, each once."""
    split = [(name.text.split(), name.language) for name in names]
    return {Name(" ".join(parts), language): None for parts, language in split if parts}


def _compose(said: Mapping[int, Sequence[str]]) -> list[Name]:
    """Return a person's name of its parts, as a catalogue has it: the family's first."""
    family, given = said.get(Role.FAMILY, ()), said.get(Role.GIVEN, ())
    numeration = said.get(Role.NUMERATION, ())
    parts = [", ".join([*family[:1], *given[:1]]), *numeration[:1]]
    name = " ".join(part for part in parts if part)
    alone = [f"{name} {numeration[0]}" for name in said.get(Role.NAME, ()) if numeration]
    return [Name(text) for text in ([name] if family or given else []) + alone]


def gather_values(rows: Sequence[Row]) -> dict[int, list[str]]:
    """Return what is said in each role, in the order of the rows."""
    values: dict[int, list[str]] = {}
    for row in rows:
        values.setdefault(row[2], []).append(row[4])
    return values
