"""The things of a release: every IRI that has a name, with its names, class and uses.

What is said of a thing is gathered from columns by arrays, and put together thing by thing, so
many at a time: memory grows by some bytes a term, not with what they say.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from operator import itemgetter
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from loader.text.classes import Classes
from loader.text.composed_names import Row, gather_values, list_names
from loader.text.credits import Credits
from loader.text.naming_properties import LINKS, MAIN_ENTITY, ROLES, Place, Role
from loader.text.triples import Numbers, Triples, find
from sparql_server.engine.columns.algebra import Kind
from sparql_server.engine.text.storage.layout import Shown

_TOGETHER = 100_000  # statements that are put together at a time
_NAMES = 40  # of a thing that are shown, and all others are found by
_DEEP = 2  # links from a thing to a node that says something of it: a variant's title
_NAMING = frozenset((Role.NAME, Role.OTHER, Role.FAMILY, Role.GIVEN, Role.TITLE))


@dataclass(frozen=True, slots=True)
class Thing:
    """A thing. number: of its IRI. also: words that aren't of its names. classes: with those above.

    shown: what a hit says of it. names: all of them. credits: who has part in it.
    """

    number: int
    shown: Shown
    names: tuple[str, ...]
    also: tuple[str, ...]
    credits: tuple[str, ...]
    identifiers: tuple[str, ...]
    classes: tuple[str, ...]
    uses: int


class _Said(NamedTuple):
    """Statements about things: whose, by which node, as what, and in which place."""

    owner: Numbers
    node: Numbers
    role: Numbers
    place: Numbers
    value: Numbers


class Things:
    """Gathers the things of a release."""

    def __init__(self, triples: Triples) -> None:
        self._triples = triples
        self._classes = Classes(triples)
        self._owner, self._place = _belongings(triples)

    @cached_property
    def uses(self) -> NDArray[np.int64]:
        """How often each node is an object; whose things are only told apart need not know."""
        return self._triples.count_uses([self._triples.number(MAIN_ENTITY)])

    @cached_property
    def _credits(self) -> Credits:
        """Contributors of things; a schema has no use for them."""
        return Credits(self._triples)

    def all(self) -> Iterator[Thing]:
        """Yield all things that have a name, in the order of their numbers."""
        return self._things(self._gather())

    def some(self, numbers: NDArray[np.int64]) -> dict[int, Thing]:
        """Return those of these nodes that are things with a name."""
        return {thing.number: thing for thing in self._things(self._gather(numbers))}

    def owners(self, nodes: Numbers, subjects: Numbers) -> NDArray[np.int64]:
        """Return the IRIs, by number, that nodes are or belong to, and those that subjects tell of.

        subjects: of which something is said; works and agents tell of the things they belong to.
        """
        owners = self._owner[nodes]
        credited = self._credits.things_of(subjects)
        return np.unique(np.concatenate([owners[owners >= 0], credited])).astype(np.int64)

    def _gather(self, only: NDArray[np.int64] | None = None) -> _Said:
        """Return what is said of things, sorted by thing and node."""
        parts = [self._with_role(iri, only) for iri in ROLES]
        parts.append(self._with_credits(only))
        said = _Said(*(np.concatenate(arrays) for arrays in zip(*parts, strict=True)))
        order = np.lexsort((said.place, said.node, said.owner))
        return _Said(*(array[order] for array in said))

    def _with_role(self, iri: str, only: NDArray[np.int64] | None) -> _Said:
        """Return what a property says of things."""
        role, places = ROLES[iri]
        subjects, objects = self._triples.of(iri)
        fits = np.isin(self._place[subjects], places) & (objects >= self._triples.nodes)
        if only is not None:
            fits &= np.isin(self._owner[subjects], only)
        subjects, objects = subjects[fits], objects[fits]
        roles = np.full(len(subjects), role, np.int32)
        return _Said(
            self._owner[subjects], subjects, roles, self._place[subjects].astype(np.int32), objects
        )

    def _with_credits(self, only: NDArray[np.int64] | None) -> _Said:
        """Return who has part in things."""
        things, names = self._credits.names()
        if only is not None:
            fits = np.isin(things, only)
            things, names = things[fits], names[fits]
        roles = np.full(len(things), Role.CREDIT, np.int32)
        return _Said(things, things, roles, np.full(len(things), Place.ITSELF, np.int32), names)

    def _things(self, said: _Said) -> Iterator[Thing]:
        named = self._named(said)
        for begin, end in _pieces(said.owner):
            yield from self._put_together(_Said(*(array[begin:end] for array in said)), named)

    def _named(self, said: _Said) -> NDArray[np.bool_]:
        """Tell which nodes have a name of any kind."""
        named = np.zeros(self._triples.nodes, np.bool_)
        named[said.owner[np.isin(said.role, list(_NAMING))]] = True
        return named

    def _put_together(self, said: _Said, named: NDArray[np.bool_]) -> Iterator[Thing]:
        kept = named[said.owner]
        said = _Said(*(array[kept] for array in said))
        terms = self._triples.terms
        rows = zip(
            said.owner.tolist(),
            said.node.tolist(),
            said.role.tolist(),
            said.place.tolist(),
            terms.values(said.value),
            self._languages(said.value),
            strict=True,
        )
        owners = np.unique(said.owner)
        classes = self._classes.of(owners)
        for owner, own in groupby(rows, itemgetter(0)):
            yield self._thing(owner, list(own), classes.get(owner, ()))

    def _languages(self, numbers: Numbers) -> list[str]:
        """Return the languages of literals; empty of those that have none."""
        terms, languages = self._triples.terms, [""] * len(numbers)
        tagged, typed = terms.bounds[Kind.LANGUAGE], terms.bounds[Kind.TYPED]
        for place in np.flatnonzero((numbers >= tagged) & (numbers < typed)).tolist():
            languages[place] = terms.tag(int(numbers[place]))
        return languages

    def _thing(self, number: int, rows: Sequence[Row], kinds: tuple[int, ...]) -> Thing:
        iri = self._triples.terms.value(number)
        preferred, others = list_names(rows)
        first = len(preferred)
        names = tuple({**preferred, **others})
        values = gather_values(rows)
        detail = next(iter([*values.get(Role.LIFE, ()), *values.get(Role.YEAR, ())]), "")
        kind = self._classes.name(kinds[0]) if kinds else ""
        also = [*values.get(Role.LIFE, ()), *values.get(Role.YEAR, ())]
        also += values.get(Role.SUBTITLE, ())
        own = iri.removesuffix("#it").rstrip("/").rpartition("/")[2]
        return Thing(
            number,
            Shown(iri, names[:_NAMES], min(first, _NAMES), kind, detail),
            tuple(name.text for name in names),
            tuple(also),
            tuple(values.get(Role.CREDIT, ())),
            (own, *values.get(Role.IDENTIFIER, ())),
            self._classes.with_broader(kinds),
            int(self.uses[number]),
        )


def _belongings(triples: Triples) -> tuple[Numbers, NDArray[np.int8]]:
    """Return to which thing each node belongs, and its place there."""
    owner = np.full(triples.nodes, -1, np.int32)
    place = np.zeros(triples.nodes, np.int8)
    first = triples.terms.bounds[Kind.IRI]
    owner[first:] = np.arange(first, triples.nodes, dtype=np.int32)
    place[first:] = Place.ITSELF
    for _ in range(_DEEP):
        for iri, where in LINKS.items():
            subjects, objects = triples.of(iri)
            fits = (objects < first) & np.isin(place[subjects], (Place.ITSELF, Place.VARIANT))
            subjects, objects = subjects[fits], objects[fits]
            as_variant = place[subjects] == Place.VARIANT
            owner[objects] = owner[subjects]
            place[objects] = np.where(as_variant, Place.VARIANT, where)
    subjects, objects = triples.of(MAIN_ENTITY)
    fits = triples.is_iri(objects)
    owner[subjects[fits]] = objects[fits]
    place[subjects[fits]] = Place.RECORD
    for iri in (iri for iri, where in LINKS.items() if where == Place.IDENTIFIER):
        subjects, objects = triples.of(iri)  # of records: what they were called in other systems
        fits = (objects < first) & (place[subjects] == Place.RECORD)
        owner[objects[fits]] = owner[subjects[fits]]
        place[objects[fits]] = Place.IDENTIFIER
    return owner, place


def _pieces(owners: Numbers) -> Iterator[tuple[int, int]]:
    """Yield where pieces of an array begin and end; no thing is in two of them."""
    begin = 0
    while begin < len(owners):
        last = owners[min(begin + _TOGETHER, len(owners)) - 1]
        end = int(find(owners, last, "right"))
        yield begin, end
        begin = end
