"""Points in time, as the archive spells them: UTC, microseconds, so that texts sort by time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

_SWEDISH = {f"+0{hours}:00": timedelta(hours=hours) for hours in (1, 2)}


def to_utc(text: str) -> str:
    """Return a point in time in UTC, ``2024-05-01T09:30:00.250000Z``.

    Takes what ISO 8601 has and Libris sends: any offset, no or up to nine digits of fraction,
    seconds left out, a date alone for its first moment. Without an offset it is UTC already.
    Raises ValueError if it is none of that.

    >>> to_utc("2021-05-12T18:36:20.87+02:00")
    '2021-05-12T16:36:20.870000Z'
    >>> to_utc("2026-06-16T10:00Z")
    '2026-06-16T10:00:00.000000Z'
    """
    text = text.strip()
    try:
        return _convert_swedish(text) or _convert(text)
    except OverflowError as error:
        raise ValueError(f"{text} is in no year from 1 to 9999 in UTC") from error


def _convert_swedish(text: str) -> str | None:
    """Return in UTC what Libris writes, in two thirds of the time; None for anything else."""
    ahead = _SWEDISH.get(text[-6:])
    if ahead is None or len(text) < len("2021-05-12T18:36:20+02:00"):
        return None
    when = datetime.fromisoformat(text[:-6])
    return None if when.tzinfo else (when - ahead).isoformat("T", "microseconds") + "Z"


def _convert(text: str) -> str:
    when = datetime.fromisoformat(text)
    if when.tzinfo is None:
        when = when.replace(tzinfo=UTC)
    return spell_moment(when)


def read_moment(text: str | None) -> str | None:
    """Return a point in time in UTC, as ``to_utc`` does; None if it is none."""
    try:
        return to_utc(text or "")
    except ValueError:
        return None


def spell_request(text: str, *, up: bool = False) -> str:
    """Return a point in time as a provider is asked for it: a date, or UTC in whole seconds.

    up: round up what is finer, else down. A date alone stays one: what it means is the provider's
    to say. Raises ValueError, with a sentence for people, for anything else and without an offset.

    >>> spell_request("2026-01-31T12:00:00.5+01:00", up=True)
    '2026-01-31T11:00:01Z'
    """
    try:
        when = datetime.fromisoformat(text.strip())
    except ValueError:
        raise ValueError(f"{text} is no date: write 2026-01-31 or 2026-01-31T12:00:00Z") from None
    if len(text.strip()) == len("2026-01-31"):
        return text.strip()
    if when.tzinfo is None:
        raise ValueError(
            f"{text} has no offset: write {text.strip()}Z, or for Swedish winter time"
            f" {text.strip()}+01:00"
        )
    if up and when.microsecond:
        when += timedelta(seconds=1)
    return when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def spell_moment(when: datetime) -> str:
    """Return an aware datetime as the archive spells it."""
    return when.astimezone(UTC).isoformat("T", "microseconds")[:-6] + "Z"


def parse_moment(text: str) -> datetime:
    """Return what ``spell_moment`` was given."""
    return datetime.fromisoformat(text)


def now() -> str:
    """Return this moment."""
    return spell_moment(datetime.now(UTC))
