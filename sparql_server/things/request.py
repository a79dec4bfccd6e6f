"""A request for a thing: what its parameters say."""

from __future__ import annotations

from dataclasses import dataclass

from sparql_server.catalogue.types import expand
from sparql_server.engine.terms import iri
from sparql_server.errors import BadParameter
from sparql_server.sparql.iri import is_absolute
from sparql_server.sparql.protocol import Parameters
from sparql_server.things.facts import LONGEST
from sparql_server.things.patterns import Path

_KNOWN = frozenset(("iri", "format", "lang", "incoming", "offset"))
_LONGEST = 3  # properties of a path
_FARTHEST = 10_000_000


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is wanted of a thing. incoming: only what points to it by this path, from ``offset``."""

    incoming: Path = ()
    offset: int = 0


def read_wanted(parameters: Parameters) -> Wanted:
    """Return what a request wants. Raises BadParameter."""
    for name, values in parameters.items():
        if name not in _KNOWN:
            there = ", ".join(sorted(_KNOWN))
            raise BadParameter(f"There is no parameter {name}; there are {there}.", parameter=name)
        if len(values) > 1:
            raise BadParameter(f"{name} stands {len(values)} times; once is right.", parameter=name)
    path = _read_path(parameters.get("incoming", [""])[0])
    offset = parameters.get("offset", ["0"])[0]
    is_number = offset.isascii() and offset.isdigit() and len(offset) < 9
    if not is_number or int(offset) > _FARTHEST:
        raise BadParameter("offset is the number of things left out before.", parameter="offset")
    if int(offset) and not path:
        raise BadParameter("offset goes with incoming, which says of what.", parameter="offset")
    return Wanted(path, int(offset))


def _read_path(text: str) -> Path:
    path = tuple(expand(each) for each in text.split())
    if len(path) > _LONGEST or not all(map(_is_iri, path)):
        raise BadParameter(
            "incoming is a property, or up to three with spaces between: kbv:itemOf.",
            parameter="incoming",
        )
    return path


def _is_iri(text: str) -> bool:
    try:
        return is_absolute(text) and len(text) <= LONGEST and bool(iri(text))
    except ValueError:
        return False
