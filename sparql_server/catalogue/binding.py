"""A request's values, bound to a saved query.

Values become RDF terms, and terms stand in the query's own VALUES data blocks and nowhere else, so
that no value can change what the query does.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sparql_server.catalogue.parameter_types import NotOfType, describe, make_term
from sparql_server.catalogue.saved_query import Parameter, SavedQuery
from sparql_server.catalogue.source import put_values
from sparql_server.errors import BadParameter

# How a query says which of two names a row has; on English pages the other comes first.
_SWEDISH_FIRST, _ENGLISH_FIRST = "COALESCE(?sv, ?en)", "COALESCE(?en, ?sv)"

MOST = 200  # values of one parameter
LONGEST_TOGETHER = 40_000  # characters of all of them


@dataclass(frozen=True, slots=True)
class BoundQuery:
    """A saved query with values.

    text: SPARQL, complete. values: parameter to values, as a request sends them; those left out
    aren't there. arguments: name and value of what a link to this very query has to say, in the
    order of the parameters; an empty value leaves a parameter out that has a default.
    """

    query: SavedQuery
    text: str
    values: Mapping[str, tuple[str, ...]]
    arguments: tuple[tuple[str, str], ...]


def bind(
    query: SavedQuery, values: Mapping[str, Sequence[str]], language: str = "sv"
) -> BoundQuery:
    """Bind values to a query. Raises BadParameter.

    language: in which names come where there are several.

    values: parameter to its values, as a form or an address has them. A parameter that is absent
    takes its default. One whose only value is empty is left out.
    """
    _refuse_unknown(query, values)
    given = {
        parameter.name: _read_given(parameter, values.get(parameter.name))
        for parameter in query.parameters
    }
    used = {name: chosen for name, chosen in given.items() if chosen}
    terms = {
        parameter.name: _make_terms(parameter, given[parameter.name])
        for parameter in query.parameters
    }
    text = put_values(query.source.with_parameters(used), terms)
    if language == "en":
        text = text.replace(_SWEDISH_FIRST, _ENGLISH_FIRST)
    return BoundQuery(query, text, used, tuple(_list_arguments(query, used)))


def are_too_many(values: Sequence[str]) -> bool:
    """Tell whether a parameter can't have these values because of their number or length."""
    return len(values) > MOST or sum(map(len, values)) > LONGEST_TOGETHER


def _refuse_unknown(query: SavedQuery, values: Mapping[str, Sequence[str]]) -> None:
    known = {parameter.name for parameter in query.parameters}
    for name in values:
        if name not in known:
            there = ", ".join(sorted(known)) or "none"
            raise BadParameter(f"There is no parameter {name}; there are: {there}.", parameter=name)


def _read_given(parameter: Parameter, values: Sequence[str] | None) -> tuple[str, ...]:
    """Return the values to take: those given, or the default; none: the parameter is left out."""
    if values is None:
        found = parameter.default
    else:
        found = tuple(dict.fromkeys(value for value in values if value.strip()))
    if not found and parameter.required:
        raise _make_refusal(parameter, "is missing")
    if len(found) > 1 and not parameter.multiple:
        raise _make_refusal(parameter, f"has {len(found)} values; it takes one")
    if len(found) > MOST:
        raise _make_refusal(parameter, f"has {len(found)} values; {MOST} are the most")
    size = sum(map(len, found))
    if size > LONGEST_TOGETHER:
        raise _make_refusal(parameter, f"has {size} characters; {LONGEST_TOGETHER} are the most")
    return found


def _make_terms(parameter: Parameter, values: Sequence[str]) -> tuple[str, ...]:
    """Return the terms, each once: a solution for every row would count them again."""
    return tuple(dict.fromkeys(_make_term(parameter, value) for value in values))


def _make_term(parameter: Parameter, value: str) -> str:
    try:
        # Whitespace around a value comes from copying; in a string it may be meant.
        return make_term(parameter, value if parameter.type == "string" else value.strip())
    except NotOfType as error:
        raise _make_refusal(parameter, f"is {_shorten_value(value)!r}: {error}") from error


def _shorten_value(value: str) -> str:
    return value if len(value) <= 100 else f"{value[:100]}…"


def _make_refusal(parameter: Parameter, what: str) -> BadParameter:
    takes = describe(parameter)
    return BadParameter(
        f"The parameter {parameter.name} {what}. It takes {takes}, such as {parameter.example}.",
        parameter=parameter.name,
        type=parameter.type,
        example=parameter.example,
    )


def _list_arguments(
    query: SavedQuery, used: Mapping[str, tuple[str, ...]]
) -> list[tuple[str, str]]:
    found = []
    for parameter in query.parameters:
        values = used.get(parameter.name) or (("",) if parameter.default else ())
        found += [(parameter.name, value) for value in values]
    return found
