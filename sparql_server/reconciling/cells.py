"""Cells of a table that is extended: a value as the specification has it.

The forms that there are: https://reconciliation-api.github.io/specs/0.2/, appendix, Data Extension
Response Schema.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from typing import Any

from sparql_server.sparql.namespaces import KBV
from sparql_server.things.profiles.property_order import find_place

Cell = dict[str, Any]

_XSD = "http://www.w3.org/2001/XMLSchema#"
_WHOLE = frozenset(f"{_XSD}{name}" for name in ("integer", "int", "long", "nonNegativeInteger"))
_BROKEN = frozenset(f"{_XSD}{name}" for name in ("decimal", "double", "float"))
_MOMENT = re.compile(
    r"-?\d{4,}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d"
    r"(?:\.\d+)?(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)?",
    re.ASCII,
)
_NAMES = frozenset(f"{KBV}{name}" for name in ("prefLabel", "label", "name", "mainTitle"))


def make_cell(value: Mapping[str, str], names: Mapping[str, str]) -> Cell:
    """Return a term of SPARQL's JSON results as a cell. names: of things.

    >>> make_cell({"type": "literal", "value": "2", "datatype": f"{_XSD}integer"}, {})
    {'int': 2}
    """
    text, datatype = value["value"], value.get("datatype", "")
    if value["type"] == "uri":
        return {"id": text, "name": names.get(text, text)}
    if datatype == f"{_XSD}dateTime" and _MOMENT.fullmatch(text):
        return {"date": text}
    return _make_number(text, datatype) or {"str": text}


def _make_number(text: str, datatype: str) -> Cell | None:
    try:
        if datatype in _WHOLE:
            return {"int": int(text)}
        number = float(text) if datatype in _BROKEN else math.nan
    except ValueError:
        return None
    return {"float": number} if math.isfinite(number) else None


def join_parts(parts: Iterable[tuple[str, str]]) -> str:
    """Return what is said of a blank node in a line; where it has a name, that.

    parts: property and text.

    >>> join_parts([(f"{KBV}year", "1940"), (f"{KBV}place", "Stockholm")])
    'Stockholm, 1940'
    """
    ordered = sorted(set(parts), key=lambda part: (find_place(part[0]), *part))
    named = [text for property_, text in ordered if property_ in _NAMES]
    return named[0] if named else ", ".join(dict.fromkeys(text for _, text in ordered))
