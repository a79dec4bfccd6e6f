"""JSON as text: read, and spelt so that equal content has equal bytes.

RFC 8259, https://www.rfc-editor.org/rfc/rfc8259
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import orjson

from loader.errors import TransformError
from loader.transform import long_numbers
from loader.transform.gate import shortened

_DEEPEST = 1100  # levels that are written: what can be read, and what is put around it


def decode_json(payload: bytes, where: str) -> Any:
    """Decode JSON; raise TransformError, with ``where`` for a name, if it is not well-formed."""
    try:
        return long_numbers.loads(payload)
    except ValueError as error:
        raise TransformError(where, f"not JSON: {error}") from error


def decode_document(payload: bytes, where: str) -> Any:
    """Decode JSON in which no object has a key twice, of which one value would be lost.

    Raises TransformError, with ``where`` for a name.
    """
    value = decode_json(payload, where)
    expect_unique_keys(payload, value, where)
    return value


def expect_unique_keys(
    payload: bytes, value: object, where: str, encoded: bytes | None = None
) -> None:
    """Raise TransformError, with ``where`` for a name, if an object in JSON has a key twice.

    value: the payload, decoded. encoded: the value as JSON, where that has been made already.
    """
    if encoded is None:
        encoded = encode_json(value, where)
    # A value that is lost takes a colon with it: its key's. Only an escape can make up for that.
    if payload.count(b":") != encoded.count(b":") or b"\\u003" in payload:
        with _allow_recursion(_DEEPEST):
            json.loads(
                payload,
                object_pairs_hook=lambda pairs: _check_unique(pairs, where),
                parse_int=str,  # which has no limit of digits
                parse_float=str,
            )


def _check_unique(pairs: list[tuple[str, object]], where: str) -> None:
    keys = [key for key, _ in pairs]
    if len(set(keys)) < len(keys):
        twice = next(key for key in keys if keys.count(key) > 1)
        raise TransformError(where, f"an object has the key {shortened(twice)!r} twice")


def encode_canonically(value: object, where: str = "record") -> bytes:
    """Encode so that equal content gives equal bytes: keys sorted, no white space.

    Raises TransformError, with ``where`` for a name, if it is nested too deep.
    """
    try:
        return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
    except orjson.JSONEncodeError:  # beyond 254 levels
        return _encode_deep(value, where)


def encode_json(value: object, where: str = "record") -> bytes:
    """Encode as it comes; raise TransformError, with ``where``, if it is nested too deep."""
    try:
        return orjson.dumps(value)
    except orjson.JSONEncodeError:
        return _encode_deep(value, where)


def _encode_deep(value: object, where: str) -> bytes:
    if _measure_depth(value) > _DEEPEST:
        raise TransformError(where, f"JSON that is nested more than {_DEEPEST:,} levels deep")
    with _allow_recursion(_DEEPEST):
        text = json.dumps(
            value,
            sort_keys=True,
            separators=(",", ":"),
            ensure_ascii=False,
            default=_restore_long_number,
        )
    return text.encode()


def _restore_long_number(number: object) -> Any:
    """Return a number that ``numbers`` has kept as text, as the other encoder takes it."""
    return json.loads(orjson.dumps(number))


@contextmanager
def _allow_recursion(levels: int) -> Iterator[None]:
    """Allow so many levels more than there are usually, within the block."""
    usual = sys.getrecursionlimit()
    sys.setrecursionlimit(usual + levels)
    try:
        yield
    finally:
        sys.setrecursionlimit(usual)


def _measure_depth(value: object) -> int:
    """Return how many levels of arrays and objects a value has."""
    depth, level = 0, _list_nested([value])
    while level:
        depth += 1
        level = [inner for outer in level for inner in _list_nested(outer)]
    return depth


def _list_nested(value: Any) -> list[Any]:
    members = value.values() if isinstance(value, dict) else value
    return [member for member in members if isinstance(member, dict | list)]
