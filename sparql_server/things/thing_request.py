"""A request for a thing: what its parameters say, and in which format it is wanted."""

from __future__ import annotations

from dataclasses import dataclass

from sparql_server.catalogue.parameter_types import expand
from sparql_server.errors import BadParameter, NotAcceptable
from sparql_server.sparql.formats import (
    EXPANDED,
    GRAPHS,
    Format,
    choose,
    find_format,
    list_available,
)
from sparql_server.sparql.protocol import Parameters, read_format
from sparql_server.things.addresses import find_fault
from sparql_server.things.document_queries import Path
from sparql_server.things.incoming import FIRST, STEPS
from sparql_server.things.profiles.lenses import FULL, PROFILES, choose_profile, find_profile

KEPT = frozenset(("format", "lang", "incoming", "class", "offset", "limit", "profile"))
"""Parameters that go along where a request is sent to another address."""

_KNOWN = KEPT | {"iri"}
PAGE = Format("html", ("text/html", "application/xhtml+xml", "text/x-html+tr"))
"""Stands among formats for the page of a thing."""

FORMATS = (*GRAPHS, EXPANDED, PAGE)
"""The formats that things are described in."""

PART = 100
"""Things that point by a path, where nobody asks for more or less."""

MOST_PART = 5000
"""Things that point by a path, of which there may be so many in one answer."""

_FARTHEST = 10_000_000


@dataclass(frozen=True, slots=True)
class Wanted:
    """A request for a thing.

    incoming: only what points to it by this path, ``limit`` things from ``offset``. profile: one of
    ``lenses.PROFILES``. kind: only things of a class, by its IRI; kinds: it and those below it.
    """

    incoming: Path = ()
    offset: int = 0
    limit: int = PART
    profile: str = FULL
    kind: str = ""
    kinds: tuple[str, ...] = ()


def choose_format(suffix: str | None, parameters: Parameters, accept: str | None) -> Format:
    """Return the format of a thing that is wanted, by suffix, parameter or Accept; or ``PAGE``.

    Of formats that are wanted alike, the first of ``FORMATS``. Raises NotAcceptable, and
    BadParameter where suffix and parameter say different things.
    """
    named = read_format(parameters)
    if suffix is None and named is None:
        chosen = choose(accept, FORMATS)
    else:
        chosen = find_format(suffix or named or "", FORMATS)
        if suffix and named and find_format(named, FORMATS) != chosen:
            message = f"The address ends in .{suffix}, and the parameter format says {named}."
            raise BadParameter(message, parameter="format")
    if chosen is None:
        there = list_available(FORMATS)
        wanted = f"There is no format {named}" if named else "There is nothing that Accept lists"
        raise NotAcceptable(f"{wanted}; there is {', '.join(there)}.", available=there)
    return chosen


def read_wanted(parameters: Parameters, accept_profile: str | None = None) -> Wanted:
    """Return what a request wants. accept_profile: its header. Raises BadParameter."""
    for name, values in parameters.items():
        if name not in _KNOWN:
            there = ", ".join(sorted(_KNOWN))
            raise BadParameter(f"There is no parameter {name}; there are {there}.", parameter=name)
        if len(values) > 1:
            raise BadParameter(f"{name} stands {len(values)} times; once is right.", parameter=name)
    path = _read_path(parameters.get("incoming", [""])[0])
    offset = _read_number(parameters, "offset", 0, _FARTHEST)
    limit = _read_number(parameters, "limit", PART, MOST_PART)
    kind = _read_class(parameters)
    for name, value in (("offset", offset), ("limit", limit - PART), ("class", kind)):
        if value and not path:
            raise BadParameter(f"{name} goes with incoming, which says of what.", parameter=name)
    if not limit:
        raise BadParameter("limit is at least 1.", parameter="limit")
    profile = _read_profile(parameters, accept_profile)
    return Wanted(path, offset, limit, profile, kind, (kind,) if kind else ())


def _read_class(parameters: Parameters) -> str:
    kind = expand(parameters.get("class", [""])[0].strip())
    if kind and find_fault(kind):
        raise BadParameter(
            "class is the IRI of a class, or a name with a predefined prefix.",
            parameter="class",
            example="kbv:Instance",
        )
    return kind


def _read_profile(parameters: Parameters, accept: str | None) -> str:
    text = parameters.get("profile", [""])[0].strip()
    profile = find_profile(text) if text else choose_profile(accept)
    if profile is None:
        names = ", ".join(PROFILES)
        raise BadParameter(f"There is no profile {text}; there are {names}.", parameter="profile")
    return profile


def _read_number(parameters: Parameters, name: str, default: int, most: int) -> int:
    text = parameters.get(name, [str(default)])[0]
    is_number = text.isascii() and text.isdigit() and len(text) < 9
    if not is_number or int(text) > most:
        raise BadParameter(f"{name} is a number up to {most:,}.", parameter=name)
    return int(text)


def _read_path(text: str) -> Path:
    path = tuple(expand(each) for each in text.split())
    in_lists = path.count(FIRST)
    if len(path) > STEPS + in_lists or in_lists > 1 or any(map(find_fault, path)):
        raise BadParameter(
            f"incoming is a property, or up to {STEPS} with spaces between: kbv:itemOf. One more"
            " may be rdf:first, after that of a list.",
            parameter="incoming",
        )
    return path
