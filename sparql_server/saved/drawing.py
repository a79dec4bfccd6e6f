"""A chart's shapes: where each bar, line and label stands. The page turns them into SVG.

https://www.w3.org/TR/SVG2/ Lengths are SVG's user units; a page shows one as about a pixel.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from sparql_server.saved.chart import Data, Series

WIDTH = 860
_NARROWEST = 420
_SLOT = 64  # the width that a slot has where there are few
_HEIGHT = 340
_LEFT, _RIGHT, _TOP, _BOTTOM = 64, 16, 12, 34
_ROW = 26  # of a bar that lies
_NAMES = 250  # for the names beside such bars
_LETTERS = 32  # of a name that fits there
_LABELS = 14  # along the axis, at most


@dataclass(frozen=True, slots=True)
class Bar:
    """A rectangle. shade: number of its series. says: what it stands for."""

    x: float
    y: float
    width: float
    height: float
    shade: int
    says: str


@dataclass(frozen=True, slots=True)
class Line:
    """A line through points. shade: number of its series."""

    points: tuple[tuple[float, float, str], ...]
    shade: int

    @property
    def path(self) -> str:
        """The line's points as SVG's ``points`` attribute has them."""
        return " ".join(f"{x:.1f},{y:.1f}" for x, y, _ in self.points)


@dataclass(frozen=True, slots=True)
class Label:
    """A text at a place. anchor: SVG's ``text-anchor``."""

    x: float
    y: float
    text: str
    anchor: str = "middle"


Rule = tuple[float, float, float, float]
"""A line of the grid: x1, y1, x2, y2."""


@dataclass(frozen=True, slots=True)
class Drawing:
    """A chart as shapes: all that is to be drawn."""

    height: float
    bars: tuple[Bar, ...] = ()
    lines: tuple[Line, ...] = ()
    labels: tuple[Label, ...] = ()
    grid: tuple[Rule, ...] = ()
    width: float = WIDTH

    @property
    def narrow(self) -> bool:
        """Whether it fits a telephone, and need not fill a page."""
        return self.width < WIDTH * 2 / 3


def draw(data: Data, kind: str, others: str = "others") -> Drawing:
    """Return the drawing of a chart. kind: one of ``chart.KINDS``; others: what those are called.

    Categories, which have no order of their own, are always bars that lie.
    """
    if not data.ongoing:
        return _draw_lying(data, others)
    return _draw_lines(data, others) if kind == "lines" else _draw_standing(data, others)


def _says(slot: str, series: Series, others: str) -> str:
    name = others if series.others else series.name
    value = series.values.get(slot, 0)
    return f"{slot}{f', {name}' if name else ''}: {_write_figure(value)}"


def _write_figure(value: float) -> str:
    return f"{value:.0f}" if value == int(value) else f"{value:g}"


def choose_ticks(most: float) -> list[float]:
    """Return round numbers from 0 to at least the most.

    >>> choose_ticks(7), choose_ticks(130)
    ([0, 2, 4, 6, 8], [0, 50, 100, 150])
    """
    rough = max(most, 1) / 4
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(factor * power for factor in (1, 2, 5, 10) if factor * power >= rough)
    step = max(step, 1)
    return [number * int(step) for number in range(math.ceil(max(most, 1) / step) + 1)]


def _make_scale(most: float) -> tuple[list[float], float]:
    """Return the ticks, and units to one that is counted."""
    found = choose_ticks(most)
    return found, (_HEIGHT - _TOP - _BOTTOM) / found[-1]


def _measure_width(data: Data) -> float:
    return max(_NARROWEST, min(WIDTH, _LEFT + _RIGHT + len(data.slots) * _SLOT))


def _draw_axis(
    data: Data, figures: Sequence[float], scale: float
) -> tuple[list[Label], list[Rule]]:
    base, end = float(_HEIGHT - _BOTTOM), _measure_width(data) - _RIGHT
    grid = [(float(_LEFT), base - figure * scale, end, base - figure * scale) for figure in figures]
    labels = [
        Label(_LEFT - 8, base - figure * scale + 4, _write_figure(figure), "end")
        for figure in figures
    ]
    step = math.ceil(len(data.slots) / _LABELS)
    for number, slot in enumerate(data.slots):
        if number % step == 0:
            labels.append(Label(_find_middle(data, number), base + 20, slot))
    return labels, grid


def _measure_slot(data: Data) -> float:
    return (_measure_width(data) - _LEFT - _RIGHT) / len(data.slots)


def _find_middle(data: Data, number: int) -> float:
    return _LEFT + (number + 0.5) * _measure_slot(data)


def _draw_standing(data: Data, others: str) -> Drawing:
    most = max(sum(series.values.get(slot, 0) for series in data.series) for slot in data.slots)
    found, scale = _make_scale(most)
    bars: list[Bar] = []
    for number in range(len(data.slots)):
        bars += _draw_stack(data, number, scale, others)
    labels, grid = _draw_axis(data, found, scale)
    return Drawing(_HEIGHT, tuple(bars), (), tuple(labels), tuple(grid), _measure_width(data))


def _draw_stack(data: Data, number: int, scale: float, others: str) -> list[Bar]:
    """Return the bars of a slot, one on the other."""
    slot, whole = data.slots[number], _measure_slot(data)
    width = min(whole * 0.8, 48) if whole > 3 else whole
    y = float(_HEIGHT - _BOTTOM)
    bars = []
    for shade, series in enumerate(data.series):
        height = series.values.get(slot, 0) * scale
        if height:
            y -= height
            x = _find_middle(data, number) - width / 2
            bars.append(Bar(x, y, width, height, shade, _says(slot, series, others)))
    return bars


def _draw_lines(data: Data, others: str) -> Drawing:
    most = max(max(series.values.values()) for series in data.series)
    found, scale = _make_scale(most)
    lines = [
        Line(tuple(_point(data, n, series, scale, others) for n in range(len(data.slots))), shade)
        for shade, series in enumerate(data.series)
    ]
    labels, grid = _draw_axis(data, found, scale)
    return Drawing(_HEIGHT, (), tuple(lines), tuple(labels), tuple(grid), _measure_width(data))


def _point(
    data: Data, number: int, one: Series, scale: float, others: str
) -> tuple[float, float, str]:
    slot = data.slots[number]
    y = _HEIGHT - _BOTTOM - one.values.get(slot, 0) * scale
    return _find_middle(data, number), y, _says(slot, one, others)


def _draw_lying(data: Data, others: str) -> Drawing:
    most = max(sum(series.values.get(slot, 0) for series in data.series) for slot in data.slots)
    scale = (WIDTH - _NAMES - 70) / (most or 1)
    bars, labels = [], []
    for number, slot in enumerate(data.slots):
        x, y = float(_NAMES), _TOP + number * _ROW
        for shade, series in enumerate(data.series):
            width = series.values.get(slot, 0) * scale
            if width:
                bars.append(Bar(x, y + 3, width, _ROW - 6, shade, _says(slot, series, others)))
                x += width
        total = sum(series.values.get(slot, 0) for series in data.series)
        labels.append(Label(_NAMES - 8, y + _ROW / 2 + 4, _shorten_label(slot), "end"))
        labels.append(Label(x + 6, y + _ROW / 2 + 4, _write_figure(total), "start"))
    return Drawing(_TOP * 2 + len(data.slots) * _ROW, tuple(bars), (), tuple(labels))


def _shorten_label(name: str) -> str:
    return name if len(name) <= _LETTERS else f"{name[: _LETTERS - 1]}…"
