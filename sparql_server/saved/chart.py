"""Charts of results: their points, series and scale, whatever draws them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sparql_server.catalogue.saved_query import Chart
from sparql_server.engine.messages import Term
from sparql_server.saved.pickers import shorten_iri
from sparql_server.saved.table import Row, find_label_columns, number

KINDS = ("bars", "lines")
MOST_SERIES = 7  # that have a colour of their own
MOST_CATEGORIES = 30
_MOST_SLOTS = 1200  # years from the first to the last
_TIME = re.compile(r"(\d{4})(?:-(\d{2}))?")


@dataclass(frozen=True, slots=True)
class Series:
    """A line, or what has one colour in all bars. name: empty for the only one.

    others: whether it is the sum of those that have no colour of their own.
    """

    name: str
    values: Mapping[str, float]
    others: bool = False


@dataclass(frozen=True, slots=True)
class Data:
    """The data of a chart.

    slots: what stands on the axis, in order; of a chart over time also where nothing is counted.
    ongoing: whether the slots are years, decades or months. left_out: rows that can't be placed.
    hidden: categories beyond the first ``MOST_CATEGORIES``.
    """

    slots: tuple[str, ...]
    series: tuple[Series, ...]
    ongoing: bool
    left_out: int = 0
    hidden: int = 0


@dataclass(frozen=True, slots=True)
class _Point:
    slot: str
    series: str
    value: float


def make_chart_data(chart: Chart, variables: Sequence[str], rows: Sequence[Row]) -> Data | None:
    """Return what a chart of these rows shows; None if there is nothing to show."""
    points = _collect_points(chart, variables, rows)
    timed = [point for point in points if _TIME.fullmatch(point.slot)]
    if not points:
        return None
    ongoing = len(timed) >= 0.8 * len(points)
    kept = timed if ongoing else points
    slots = _list_times([point.slot for point in kept]) if ongoing else _list_categories(kept)
    return Data(
        tuple(slots[:MOST_CATEGORIES] if not ongoing else slots),
        tuple(_make_series(kept)),
        ongoing,
        left_out=len(rows) - len(kept),
        hidden=0 if ongoing else max(0, len(slots) - MOST_CATEGORIES),
    )


def _collect_points(chart: Chart, variables: Sequence[str], rows: Sequence[Row]) -> list[_Point]:
    where = {name: position for position, name in enumerate(variables)}
    slots = _list_names(chart.x, variables, rows)
    series = _list_names(chart.series, variables, rows) if chart.series else [""] * len(rows)
    found = []
    for row, slot, line in zip(rows, slots, series, strict=True):
        value = number(row[where[chart.y]])
        if value is not None and value >= 0 and slot:
            found.append(_Point(slot, line, value))
    return found


def _list_names(column: str, variables: Sequence[str], rows: Sequence[Row]) -> list[str]:
    """Return what a column says in each row: an IRI's label; with the IRI, where two have one."""
    labels = find_label_columns(variables, rows)
    iris = next((iri for iri, label in labels.items() if column in (iri, label)), None)
    if iris is None:
        return [_take_text(row[variables.index(column)]) for row in rows]
    subject, label = variables.index(iris), variables.index(labels[iris])
    owners: dict[str, set[str]] = {}
    for row in rows:
        owners.setdefault(_take_text(row[label]), set()).add(_take_text(row[subject]))
    return [_write_name(_take_text(row[subject]), _take_text(row[label]), owners) for row in rows]


def _write_name(iri: str, label: str, owners: Mapping[str, set[str]]) -> str:
    if not label:
        return shorten_iri(iri)
    return f"{label} ({shorten_iri(iri)})" if len(owners[label]) > 1 else label


def _take_text(term: Term | None) -> str:
    return str(term["value"]) if term else ""


def _list_times(slots: Sequence[str]) -> list[str]:
    """Return all years, decades or months from the first to the last; those there are, if odd."""
    there = sorted(set(slots))
    numbers = [_count(slot) for slot in there]
    if None in numbers:
        return there
    known = [number for number in numbers if number is not None]
    months = "-" in there[0]
    step = 10 if not months and len(known) > 1 and all(number % 10 == 0 for number in known) else 1
    span = range(known[0], known[-1] + 1, step)
    if len(span) > _MOST_SLOTS:
        return there
    return [_write_month(number) if months else f"{number:04}" for number in span]


def _count(slot: str) -> int | None:
    """Return years or months since the year 0; None where both kinds meet."""
    match = _TIME.fullmatch(slot)
    if not match:
        return None
    return int(match[1]) * 12 + int(match[2]) - 1 if match[2] else int(match[1])


def _write_month(count: int) -> str:
    return f"{count // 12:04}-{count % 12 + 1:02}"


def _list_categories(points: Sequence[_Point]) -> list[str]:
    """Return the categories, those with most first."""
    totals: dict[str, float] = {}
    for point in points:
        totals[point.slot] = totals.get(point.slot, 0) + point.value
    return sorted(totals, key=lambda slot: -totals[slot])


def _make_series(points: Sequence[_Point]) -> list[Series]:
    """Return the series, those with most first; the many small ones together as the last."""
    sums: dict[str, dict[str, float]] = {}
    for point in points:
        values = sums.setdefault(point.series, {})
        values[point.slot] = values.get(point.slot, 0) + point.value
    names = sorted(sums, key=lambda name: -sum(sums[name].values()))
    if len(names) <= MOST_SERIES + 1:
        return [Series(name, sums[name]) for name in names]
    shown = [Series(name, sums[name]) for name in names[:MOST_SERIES]]
    rest: dict[str, float] = {}
    for name in names[MOST_SERIES:]:
        for slot, value in sums[name].items():
            rest[slot] = rest.get(slot, 0) + value
    return [*shown, Series("", rest, others=True)]
