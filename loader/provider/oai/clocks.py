"""Clocks: the time at a provider, and the moment from which it has to be asked again.

Four things tell: the responseDate of its answers, the Date of HTTP, the datestamps of its records,
and this machine's clock. Any of them can be wrong. The earliest one loses nothing.
https://www.openarchives.org/OAI/openarchivesprotocol.html, sections 2.7.1 and 3.3
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from loader import dates

OVERLAP = timedelta(hours=1)
"""The time before the last run that is asked for again: clocks and transactions differ."""

DAYS = "YYYY-MM-DD"
"""The granularity of a provider whose datestamps are days; any other one's are in seconds."""

_DELAY = timedelta(hours=24)  # till a change is listed: time zones, exports by night
_SKEW = timedelta(minutes=5)  # less is not worth a word


def find_earliest(*moments: str | None) -> str:
    """Return the earliest of these moments, as the archive spells them; one has to be known."""
    return min(moment for moment in moments if moment)


def find_skews(own: str, response_date: str | None, http_date: str | None) -> Iterator[str]:
    """Yield sentences about clocks that differ from this machine's."""
    if response_date is None:
        yield "the answer has no responseDate that can be read"
    for name, moment in (("responseDate", response_date), ("HTTP's Date", http_date)):
        ahead = dates.parse_moment(moment) - dates.parse_moment(own) if moment else timedelta(0)
        if abs(ahead) > _SKEW:
            side = "ahead of" if ahead > timedelta(0) else "behind"
            yield f"{name} is {_spell_span(abs(ahead))} {side} this machine's clock"


def _spell_span(span: timedelta) -> str:
    if span.days:
        return f"{span.days:,} days"
    hours, seconds = divmod(span.seconds, 3600)
    return f"{hours} h {seconds // 60} min" if hours else f"{seconds // 60} min"


def complete_before(started: str, newest: str | None) -> str:
    """Return the moment before which everything has come.

    started: when the list was begun. newest: the latest datestamp in it, which is of the past. A
    change may be listed some time after it was dated: so it is the newest that counts, for a day.
    """
    delayed = dates.spell_moment(dates.parse_moment(started) - _DELAY)
    return min(started, max(newest or "", delayed))


def begin_after(moment: str, granularity: str) -> str:
    """Return the ``from`` of a request for what has changed since a moment, with an overlap."""
    when = dates.parse_moment(moment)
    if granularity == DAYS:
        return (when - timedelta(days=1)).strftime("%Y-%m-%d")
    return spell_seconds(when - OVERLAP)


def spell_seconds(moment: datetime) -> str:
    """Return a point in time as OAI-PMH's finest granularity has it."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
