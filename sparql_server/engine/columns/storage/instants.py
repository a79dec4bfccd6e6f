"""The instants of literals of xsd:dateTime, https://www.w3.org/TR/xmlschema11-2/#dateTime."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from sparql_server.engine.columns.storage.byte_strings import Texts

DATE_TIME = b"http://www.w3.org/2001/XMLSchema#dateTime"

UNKNOWN = int(np.iinfo(np.int64).min)
"""The instant of what has none that is known."""

# As far as Python's datetime goes.
_INSTANT = re.compile(
    rb"[0-9]{4}-[0-9]{2}-[0-9]{2}T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]{1,6})?"
    rb"(?:Z|[+-](?:0[0-9]|1[0-3]):[0-5][0-9]|[+-]14:00)"
)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def read_instant(value: bytes) -> int:
    """Return the microseconds since 1970 of an xsd:dateTime that has a time zone."""
    if not _INSTANT.fullmatch(value):
        return UNKNOWN
    try:
        return (datetime.fromisoformat(value.decode()) - _EPOCH) // _MICROSECOND
    except ValueError:  # the thirtieth of February, the year 0
        return UNKNOWN


Integers = NDArray[np.int64]

_AT_ONCE = 100_000  # values whose characters are looked at together
_DIGITS = (0, 1, 2, 3, 5, 6, 8, 9, 11, 12, 14, 15, 17, 18)
_OFFSET_DIGITS = (20, 21, 23, 24)
_SEPARATORS = {4: "-", 7: "-", 10: "T", 13: ":", 16: ":"}
_WITH_Z, _WITH_OFFSET = 20, 25  # characters of what has no fraction
_DAYS = np.array([0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])


def read_instants(texts: Texts) -> Integers:
    """Return the instants of many values, as ``read_instant`` does of one.

    What most are, whole seconds, is read all at once.
    """
    found = np.full(len(texts), UNKNOWN, np.int64)
    for begin in range(0, len(texts), _AT_ONCE):
        places = np.arange(begin, min(begin + _AT_ONCE, len(texts)))
        for length in (_WITH_Z, _WITH_OFFSET):
            plain = places[texts.lengths[places] == length]
            found[plain] = _read_plain(texts.take(plain), length)
        others = places[found[places] == UNKNOWN].tolist()
        found[others] = [read_instant(texts.bytes_at(place)) for place in others]
    return found


def _read_plain(texts: Texts, length: int) -> Integers:
    """Return the instants of values of a length; ``UNKNOWN`` for what isn't plain."""
    characters = texts.blob[texts.starts[:, None] + np.arange(length)]
    good, pairs = _read_pairs(
        characters, _DIGITS if length == _WITH_Z else (*_DIGITS, *_OFFSET_DIGITS)
    )
    for place, separator in _SEPARATORS.items():
        good &= characters[:, place] == ord(separator)
    year = pairs[0] * 100 + pairs[1]
    month, day, hour, minute, second = pairs[2:7]
    good &= (month >= 1) & (month <= 12) & (day >= 1) & (year >= 1)
    good &= (hour <= 23) & (minute <= 59) & (second <= 59)
    good &= day <= _DAYS[np.where(good, month, 1)]  # a leap day is left to read_instant
    year, month = np.where(good, year, 1970), np.where(good, month, 1)
    months = (year - 1970) * 12 + month - 1
    days = months.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64) + day - 1
    minutes = (days * 24 + hour) * 60 + minute
    if length == _WITH_OFFSET:
        good &= (characters[:, 22] == ord(":")) & (pairs[7] <= 13) & (pairs[8] <= 59)
        sign = np.where(characters[:, 19] == ord("-"), -1, 1)
        good &= (characters[:, 19] == ord("+")) | (sign < 0)
        minutes -= sign * (pairs[7] * 60 + pairs[8])
    else:
        good &= characters[:, 19] == ord("Z")
    return np.where(good, (minutes * 60 + second) * 1_000_000, UNKNOWN)


def _read_pairs(
    characters: NDArray[np.uint8], places: tuple[int, ...]
) -> tuple[NDArray[np.bool_], Integers]:
    """Tell which values have digits at these places; return what two at a time say."""
    digits = characters[:, places].astype(np.int64) - ord("0")
    pairs = digits.reshape(-1, len(places) // 2, 2) @ np.array([10, 1])
    are_digits = (digits >= 0) & (digits <= 9)
    return np.logical_and.reduce(are_digits, axis=1), pairs.T
