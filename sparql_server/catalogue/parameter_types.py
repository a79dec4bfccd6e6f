"""The types of parameters: from what a request sends to an RDF term, or what is wrong with it.

Literals are XML Schema's, https://www.w3.org/TR/xmlschema11-2/. A year is a plain string of four
digits, since that is what KBV has: ``:year "1950"``. So is a moment, that begins like the times it
is compared with.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sparql_server.catalogue.saved_query import Parameter, Type
from sparql_server.engine.prefixes import predefined
from sparql_server.engine.terms import iri, literal
from sparql_server.sparql.namespaces import XSD

LONGEST = 2000  # characters of a string or an IRI


class NotOfType(ValueError):
    """A value is not what its parameter takes; the message says what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Datatype:
    """A type of parameter. description: of its values. datatype: its IRI, or None.

    canonical: from a value that matches the pattern to the spelling to bind.
    """

    description: str
    pattern: re.Pattern[str]
    comparable: Callable[[str], Any]
    datatype: str | None = None
    canonical: Callable[[str], str] = str


def _write_whole(value: str) -> str:
    return str(int(value))


def _write_truth(value: str) -> str:
    return "true" if value in ("true", "1") else "false"


DATATYPES: Mapping[Type, Datatype] = {
    "integer": Datatype(
        "a whole number", re.compile(r"[+-]?[0-9]{1,18}"), int, f"{XSD}integer", _write_whole
    ),
    "decimal": Datatype(
        "a number, with a point before its decimals",
        re.compile(r"[+-]?[0-9]{1,15}(\.[0-9]{1,15})?"),
        Decimal,
        f"{XSD}decimal",
    ),
    "year": Datatype("a year of four digits", re.compile(r"[0-9]{4}"), int),
    "date": Datatype(
        "a date, year-month-day",
        re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}"),
        date.fromisoformat,
        f"{XSD}date",
    ),
    "moment": Datatype(
        "a date, or a date with a time: 2026-01-31T12:00",
        re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9]{2}:[0-9]{2}(:[0-9]{2})?)?"),
        datetime.fromisoformat,
    ),
    "boolean": Datatype(
        "true or false", re.compile(r"true|false|1|0"), _write_truth, f"{XSD}boolean", _write_truth
    ),
}
_DESCRIPTIONS: Mapping[Type, str] = {
    "string": "a text",
    "iri": "an IRI, or a name with a predefined prefix",
}


def describe(parameter: Parameter) -> str:
    """Say what a parameter takes: ``a year of four digits, from 1450 to 2100``."""
    known = DATATYPES.get(parameter.type)
    said = known.description if known else _DESCRIPTIONS[parameter.type]
    if parameter.minimum is not None and parameter.maximum is not None:
        return f"{said}, from {parameter.minimum} to {parameter.maximum}"
    if parameter.minimum is not None:
        return f"{said}, {parameter.minimum} or more"
    if parameter.maximum is not None:
        return f"{said}, {parameter.maximum} or less"
    return said


def make_term(parameter: Parameter, value: str) -> str:
    """Return the RDF term that a value stands for, as SPARQL writes it. Raises NotOfType."""
    if len(value) > LONGEST:
        raise NotOfType(f"it has {len(value)} characters; {LONGEST} are the most")
    try:
        made = _term(parameter, value)
    except ValueError as error:
        raise NotOfType(str(error)) from error
    if parameter.choices and made not in {
        _term(parameter, choice.value) for choice in parameter.choices
    }:
        allowed = ", ".join(choice.value for choice in parameter.choices)
        raise NotOfType(f"it is not one of those allowed: {allowed}")
    return made


def _term(parameter: Parameter, value: str) -> str:
    if parameter.type == "string":
        return literal(value, language=parameter.language)
    if parameter.type == "iri":
        return iri(expand(value))
    known = DATATYPES[parameter.type]
    if not known.pattern.fullmatch(value):
        raise NotOfType(f"it is not {known.description}")
    _check_range(parameter, known.comparable, value)
    return literal(known.canonical(value), known.datatype)


def _check_range(parameter: Parameter, comparable: Callable[[str], Any], value: str) -> None:
    found = comparable(value)
    if parameter.minimum is not None and found < comparable(parameter.minimum):
        raise NotOfType(f"it is less than {parameter.minimum}")
    if parameter.maximum is not None and found > comparable(parameter.maximum):
        raise NotOfType(f"it is more than {parameter.maximum}")


def expand(value: str) -> str:
    """Return the IRI that a prefixed name with a predefined prefix stands for; others as they are.

    >>> expand("lge:swe")
    'https://id.kb.se/language/swe'
    """
    prefix, colon, local = value.partition(":")
    namespace = predefined().get(prefix) if colon and not local.startswith("//") else None
    return f"{namespace}{local}" if namespace else value
