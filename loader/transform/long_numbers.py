"""JSON whose numbers are kept as they were written, where a machine's numbers are too short.

Integers beyond 64 bits and decimals with more digits than a double has. JSON-LD makes doubles of
such decimals, and of integers from 10^21 on, which would be other numbers
(https://www.w3.org/TR/json-ld11-api/#data-round-tripping); so they are written as the
``xsd:decimal`` or ``xsd:integer`` that they are.
"""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import orjson

_TYPED = '{"@type":"http://www.w3.org/2001/XMLSchema#%s","@value":"%s"}'
# Digits and dots to zeros: a number of so many may not fit, a shorter one does.
_ZEROS = bytes.maketrans(b"123456789.", b"0000000000")
_LONG = b"0" * 17
_EXACT_BELOW = 10**20  # what the parser makes an integer of, however it is written


def loads(text: bytes) -> Any:
    """Decode JSON; numbers that a machine's don't hold come as ``orjson.Fragment``.

    Raises ValueError if it is not well-formed, or nested too deep.
    """
    try:
        document = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        if "infinity" not in str(error):
            raise
        return _load_exactly(text)
    return _load_exactly(text) if _has_long_numbers(text) else document


def _has_long_numbers(text: bytes) -> bool:
    """Tell whether there may be a number in JSON that a machine's numbers are too short for."""
    return _LONG in text.translate(_ZEROS)


def _load_exactly(text: bytes) -> Any:
    try:
        document = json.loads(
            text.decode(),
            parse_int=_integer,
            parse_float=_decimal,
            parse_constant=_refuse,
            object_hook=_with_typed_value,
        )
    except RecursionError as error:
        raise ValueError("nested too deep") from error
    except ArithmeticError as error:
        raise ValueError("a number with an exponent that no number has") from error
    _expect_characters(document)
    return document


def _expect_characters(document: object) -> None:
    """Raise ValueError for half a surrogate pair, which Python's reader takes and UTF-8 has not."""
    try:
        orjson.dumps(document)
    except orjson.JSONEncodeError as error:
        if "surrogate" in str(error):
            raise ValueError("half a surrogate pair in a string") from error


def _integer(digits: str) -> int | orjson.Fragment:
    if len(digits) < 19:
        return int(digits)
    exact = Decimal(digits)
    if -(2**63) <= exact < 2**64:
        return int(exact)
    if exact.copy_abs() < _EXACT_BELOW:
        return orjson.Fragment(digits.encode())
    return _typed("integer", digits)


def _decimal(digits: str) -> float | orjson.Fragment:
    number = float(digits)
    if Decimal(digits) == Decimal(repr(number)):
        return number
    has_exponent = "e" in digits or "E" in digits
    return orjson.Fragment(digits.encode()) if has_exponent else _typed("decimal", digits)


def _typed(datatype: str, digits: str) -> orjson.Fragment:
    return orjson.Fragment((_TYPED % (datatype, digits)).encode())


def _with_typed_value(node: dict[str, object]) -> dict[str, Any]:
    """Return a node whose ``@value`` is no value object in its turn."""
    value = node.get("@value")
    if isinstance(value, orjson.Fragment):
        typed = orjson.loads(orjson.dumps(value))
        if isinstance(typed, dict):
            return {"@type": typed["@type"]} | node | {"@value": typed["@value"]}
    return node


def _refuse(name: str) -> None:
    raise ValueError(f"{name} is no number")
