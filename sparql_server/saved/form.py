"""The form of a saved query: a field for each parameter, with what it has and what it may have."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sparql_server.answering.answer import Visitor
from sparql_server.catalogue.choices import has_choices
from sparql_server.catalogue.parameter_types import expand
from sparql_server.catalogue.saved_query import Parameter, SavedQuery
from sparql_server.errors import BadParameter
from sparql_server.saved.pickers import Listing, Lists, Pick


@dataclass(frozen=True, slots=True)
class Field:
    """A field of the form: a parameter, its values and those to pick from.

    picks: the values it has. listing: those to pick from, or the first of them; None: there is no
    list, or it was too slow. wrong: whether the request's value was refused.
    """

    parameter: Parameter
    picks: tuple[Pick, ...]
    listing: Listing | None = None
    wrong: bool = False
    _iris: frozenset[str] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_iris", frozenset(expand(pick.value) for pick in self.picks))

    @property
    def name(self) -> str:
        """The parameter's name."""
        return self.parameter.name

    @property
    def kind(self) -> str:
        """The kind of field: select, search (values that a list has), number, date or text."""
        if self.listing and not self.listing.more and not self._outside():
            return "several" if self.parameter.multiple else "select"
        if has_choices(self.parameter):
            return "search"
        return {"integer": "number", "date": "date"}.get(self.parameter.type, "text")

    def _outside(self) -> bool:
        """Whether it has a value that the list hasn't."""
        assert self.listing is not None
        return not self._iris.issubset(expand(pick.value) for pick in self.listing.picks)

    def has(self, pick: Pick) -> bool:
        """Tell whether a value of the list is one that the field has."""
        return expand(pick.value) in self._iris

    @property
    def rows(self) -> tuple[Pick, ...]:
        """The values of the fields of text: one empty, or one more if several may be."""
        empty = () if self.picks and not self.parameter.multiple else (Pick("", {}),)
        return (*self.picks, *empty)

    def now(self, language: str) -> str:
        """Return what its values are called."""
        return "; ".join(pick.label(language) for pick in self.picks)


def fill_fields(
    query: SavedQuery, values: Mapping[str, Sequence[str]], lists: Lists, who: Visitor
) -> list[Field]:
    """Return the fields of a query's form, filled with the values that are bound."""
    return [
        Field(
            parameter,
            tuple(lists.labelled(parameter, values.get(parameter.name, ()), who)),
            lists.of(parameter, who),
        )
        for parameter in query.parameters
    ]


def refill_fields(
    query: SavedQuery,
    values: Mapping[str, Sequence[str]],
    lists: Lists,
    who: Visitor,
    error: BadParameter,
) -> list[Field]:
    """Return the fields filled as the request had them, with a mark where it was wrong."""
    wrong = error.members.get("parameter")
    found = []
    for parameter in query.parameters:
        given = [value for value in values.get(parameter.name, parameter.default) if value.strip()]
        picks = (
            [Pick(value, {}) for value in given]
            if parameter.name == wrong
            else lists.labelled(parameter, given, who)
        )
        found.append(
            Field(parameter, tuple(picks), lists.of(parameter, who), parameter.name == wrong)
        )
    return found
