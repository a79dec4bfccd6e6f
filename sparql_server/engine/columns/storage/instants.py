"""The instants of literals of xsd:dateTime, https://www.w3.org/TR/xmlschema11-2/#dateTime."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import numpy as np

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
