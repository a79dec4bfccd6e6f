"""Names of a thing, composed of what is said of it: a person's parts, title and subtitle."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from operator import itemgetter

from loader.text.naming_properties import Place, Role
from sparql_server.engine.text.storage.layout import Name

Row = tuple[int, int, int, int, str, str]
"""Thing, node, role, place, value, language."""


def list_names(rows: Sequence[Row]) -> tuple[dict[Name, None], dict[Name, None]]:
    """Return a thing's preferred names, and the others, in their order."""
    preferred: list[Name] = []
    others: list[Name] = []
    for _, node in groupby(rows, itemgetter(1)):
        own = list(node)
        said = gather_values(own)
        is_first = own[0][3] in (Place.ITSELF, Place.TITLE)
        target = preferred if is_first else others
        target += _compose(said)
        target += [Name(row[4], row[5]) for row in own if row[2] == Role.NAME]
        target += [Name(row[4], row[5]) for row in own if row[2] == Role.TITLE]
        others += [Name(row[4], row[5]) for row in own if row[2] == Role.OTHER]
        if subtitles := said.get(Role.SUBTITLE):
            titles = said.get(Role.TITLE, ())
            others += [Name(f"{title} : {sub}") for title in titles for sub in subtitles]
    return _tidy(preferred), _tidy(others)


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
