"""A request to the service: a batch of queries, or of properties to extend with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sparql_server.catalogue.parameter_types import expand
from sparql_server.engine.terms import iri
from sparql_server.errors import BadParameter
from sparql_server.json_text import read_json
from sparql_server.sparql.iri import is_absolute

MOST_QUERIES = 100
"""Queries to a batch."""

MOST_IDS = 200
"""Things, and properties times ten, that are extended at once."""

LONGEST = 200
"""Characters of a name that are looked at."""

_MOST_HINTS = 10
_LIMIT = 10
_MOST = 25  # candidates to a query


@dataclass(frozen=True, slots=True)
class Query:
    """A name to reconcile. types: ids. hints: property to values. limit: of candidates."""

    text: str
    types: tuple[str, ...] = ()
    hints: tuple[tuple[str, tuple[str, ...]], ...] = ()
    limit: int = _LIMIT


@dataclass(frozen=True, slots=True)
class Extension:
    """Things, and the properties of which they are to have the values. limits: of values each."""

    ids: tuple[str, ...]
    properties: tuple[tuple[str, int], ...]


def read_batch(text: str) -> dict[str, Query]:
    """Return the queries of a batch by their names (4.3). Raises BadParameter."""
    batch = _decode(text, "queries")
    if len(batch) > MOST_QUERIES:
        raise _bad("queries", f"A batch has {MOST_QUERIES} queries at most.")
    return {name: _read_query(name, said) for name, said in batch.items()}


def _read_query(name: str, said: Any) -> Query:
    if not isinstance(said, dict) or not isinstance(said.get("query", ""), str):
        raise _bad("queries", f"{name[:50]} has no query that is a string.")
    limit = said.get("limit", _LIMIT)
    is_number = isinstance(limit, int | float) and not isinstance(limit, bool)
    if not is_number or limit < 1:
        raise _bad("queries", f"The limit of {name[:50]} is a number from 1.")
    properties = said.get("properties", [])
    if not isinstance(properties, list) or len(properties) > _MOST_HINTS:
        raise _bad("queries", f"{name[:50]} has {_MOST_HINTS} properties in a list at most.")
    types = tuple(_read_types(name, said.get("type", [])))
    hints = tuple(_read_hint(name, each) for each in properties)
    return Query(said.get("query", "")[:LONGEST], types, hints, int(min(limit, _MOST)))


def _read_types(name: str, said: Any) -> Iterator[str]:
    listed = said if isinstance(said, list) else [said]
    if len(listed) > _MOST_HINTS:
        raise _bad("queries", f"{name[:50]} has {_MOST_HINTS} types at most.")
    for type_ in listed:
        found = type_.get("id") if isinstance(type_, dict) else type_
        if not isinstance(found, str):
            raise _bad("queries", f"The type of {name[:50]} is no string.")
        if found:
            yield read_iri(found, "queries")


def _read_hint(name: str, said: Any) -> tuple[str, tuple[str, ...]]:
    if not isinstance(said, dict) or not isinstance(said.get("pid"), str):
        raise _bad("queries", f"A property of {name[:50]} has no pid.")
    values = said.get("v", [])
    listed = values if isinstance(values, list) else [values]
    return said["pid"], tuple(filter(None, map(_read_value, listed[:_MOST_HINTS])))


def _read_value(value: Any) -> str:
    if isinstance(value, dict):
        value = value.get("id", "")
    return "" if isinstance(value, (list, dict)) or value is None else str(value)[:LONGEST]


def read_extension(text: str) -> Extension:
    """Return what is to be extended, and with what (7). Raises BadParameter."""
    said = _decode(text, "extend")
    ids, properties = said.get("ids", []), said.get("properties", [])
    if not isinstance(ids, list) or not isinstance(properties, list):
        raise _bad("extend", "ids and properties are lists.")
    if len(ids) > MOST_IDS or len(properties) > MOST_IDS // 10:
        raise _bad("extend", f"{MOST_IDS} ids and {MOST_IDS // 10} properties are the most.")
    return Extension(
        tuple(read_iri(thing, "extend") for thing in ids), tuple(map(_read_property, properties))
    )


def _read_property(said: Any) -> tuple[str, int]:
    if not isinstance(said, dict) or not isinstance(said.get("id"), str):
        raise _bad("extend", "A property has an id.")
    settings = said.get("settings")
    limit = settings.get("limit", 0) if isinstance(settings, dict) else 0
    try:
        return said["id"], max(int(limit), 0)
    except (TypeError, ValueError) as error:
        raise _bad("extend", "The setting limit is a number.") from error


def read_iri(value: Any, parameter: str) -> str:
    """Return an IRI that may be written with a predefined prefix. Raises BadParameter."""
    found = expand(value) if isinstance(value, str) else ""
    if not is_iri(found):
        raise _bad(parameter, f"{str(value)[:100]} is no id: an id is an IRI.")
    return found


def is_iri(text: str) -> bool:
    """Tell whether a text is an absolute IRI, and none that is too long to be one of a thing.

    >>> is_iri("https://libris.kb.se/x"), is_iri("http://["), is_iri("x")
    (True, False, False)
    """
    try:
        return is_absolute(text) and len(text) <= 10 * LONGEST and bool(iri(text))
    except ValueError:
        return False


def _decode(text: str, parameter: str) -> Mapping[str, Any]:
    try:
        found = read_json(text)
    except ValueError as error:
        raise _bad(parameter, f"{parameter} is no JSON: {error}.") from error
    if not isinstance(found, dict):
        raise _bad(parameter, f"{parameter} is a JSON object.")
    return found


def _bad(parameter: str, detail: str) -> BadParameter:
    return BadParameter(detail, parameter=parameter)
