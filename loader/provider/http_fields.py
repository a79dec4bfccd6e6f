"""Fields of HTTP: dates, and the wait that Retry-After asks for.

RFC 9110, https://www.rfc-editor.org/rfc/rfc9110, sections 5.6.7 (dates) and 10.2.3 (Retry-After).
"""

from __future__ import annotations

import email.utils
from datetime import UTC, datetime

from loader.dates import spell_moment


def read_http_date(value: str | None) -> str | None:
    """Return a date of HTTP's as the archive spells it; None without one that can be read."""
    try:
        return spell_moment(email.utils.parsedate_to_datetime(value or "").replace(tzinfo=UTC))
    except (OverflowError, ValueError):
        return None


def read_retry_after(value: str | None) -> float | None:
    """Return the seconds that a Retry-After field asks for; None without one that can be read."""
    if not value:
        return None
    if value.strip().isdigit():
        return float(value)
    try:
        when = email.utils.parsedate_to_datetime(value)
    except ValueError:
        return None
    if when.tzinfo is None:
        when = when.replace(tzinfo=UTC)
    return max(0.0, (when - datetime.now(UTC)).total_seconds())
