"""What the questions' times come to: sums, geometric means, the worst; and what to reach."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from engine_answers import Asked, Found
from measure import Figure
from questions import FORMS

_MANY = 20_000_000  # quads from which on the targets are those of a large release
_FLOOR = 1.0  # milliseconds: less than that is the request itself, and no growth
_COUNTED = "generic/count-everything"

# form, then the ratio of the sums, of the geometric means, and of the worst question
_TARGETS = {
    True: {"kb": ("1.0", "0.7", ""), "limit": ("1.0", "0.7", ""), "generic": ("", "0.4", "1.5")},
    False: {"kb": ("0.3", "0.5", ""), "limit": ("0.3", "0.5", ""), "generic": ("", "0.4", "1.5")},
}


@dataclass(frozen=True, slots=True)
class Measured:
    """What was measured on one set of quads."""

    quads: int
    found: Found
    figures: Sequence[Figure]


def summary(found: Found, quads: int) -> Iterator[Figure]:
    """Yield sums, geometric means and ratios, form by form.

    Ratios are over the questions to which the first engine and another give as many rows.
    """
    for form in FORMS:
        answers = [one for label, one in found.items() if _form(label) == form]
        for name in list(answers[0]) if answers else ():
            times = [one[name].milliseconds for one in answers if one[name].size is not None]
            if times:
                yield Figure(f"{form}: sum, {name}, of {len(times)}", sum(times), "ms")
                yield Figure(f"{form}: geometric mean, {name}", geometric(times), "ms")
    names = list(next(iter(found.values()))) if found else []
    for name in names[1:]:
        for form in FORMS:
            yield from _ratios(found, form, names[0], name, quads)


def _form(label: str) -> str:
    form, slash, _ = label.partition("/")
    return form if slash else "kb"


def _ratios(found: Found, form: str, one: str, other: str, quads: int) -> Iterator[Figure]:
    pairs = {
        label: (asked[one], asked[other])
        for label, asked in found.items()
        if _form(label) == form and _alike(asked[one], asked[other])
    }
    if not pairs:
        return
    sums, means, worst = "", "", ""
    if other == "virtuoso":
        sums, means, worst = _TARGETS[quads > _MANY].get(form, ("", "", ""))
    ratios = {label: a.milliseconds / b.milliseconds for label, (a, b) in pairs.items()}
    total = sum(a.milliseconds for a, _ in pairs.values())
    total /= sum(b.milliseconds for _, b in pairs.values())
    label = max(ratios, key=ratios.__getitem__)
    between = f"{one} / {other}"
    yield Figure(f"{form}: sum, {between}, of {len(pairs)}", total, target=_most(sums))
    yield Figure(f"{form}: geometric mean, {between}", geometric(ratios.values()), "", _most(means))
    yield Figure(f"{form}: worst, {between}: {label}", ratios[label], target=_most(worst))


def _most(target: str) -> str:
    return f"<= {target}" if target else ""


def _alike(one: Asked, other: Asked) -> bool:
    return one.size is not None and one.size == other.size


def geometric(values: Iterable[float]) -> float:
    """Return the geometric mean."""
    logs = [math.log(value) for value in values]
    return math.exp(sum(logs) / len(logs))


def growth(small: Measured, large: Measured) -> Iterator[Figure]:
    """Yield how many times as long questions take on more quads, the worst for each engine."""
    names = list(next(iter(large.found.values()))) if large.found else []
    for name in names:
        times = {
            label: _grown(small.found[label][name], asked[name])
            for label, asked in large.found.items()
            if name in small.found.get(label, {})
        }
        known = {label: times_more for label, times_more in times.items() if times_more}
        if known:
            label = max(known, key=known.__getitem__)
            target = "<= 12" if name == names[0] else ""
            yield Figure(f"growth, {name}, geometric mean", geometric(known.values()))
            yield Figure(f"growth, {name}, worst: {label}", known[label], target=target)


def _grown(small: Asked, large: Asked) -> float:
    if small.size is None or large.size is None:
        return 0.0
    return max(large.milliseconds, _FLOOR) / max(small.milliseconds, _FLOOR)


def counting(found: Found) -> Iterator[Figure]:
    """Yield how long the first engine takes to count everything."""
    for asked in list(found.get(_COUNTED, {}).items())[:1]:
        name, answer = asked
        yield Figure(f"counting everything, {name}", answer.milliseconds, "ms", "< 5")


def table(figures: Sequence[Figure]) -> str:
    """Return what is to be reached beside what is, as a table in Markdown."""
    rows = [figure for figure in figures if figure.target]
    lines = [f"| {row.name} | {row.value:,.2f} {row.unit} | {row.target} |" for row in rows]
    return "\n".join(["| | reached | to reach |", "|---|---|---|", *lines])
