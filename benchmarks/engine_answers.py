"""The same questions to several engines: who takes how long, and who says something else."""

from __future__ import annotations

import http.client
import json
import math
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass

from engine_servers import Running, ask
from measure import Figure
from questions import Question

_WARM_UP = "SELECT ?s { ?s ?p ?o } LIMIT 1"

Found = dict[str, dict[str, "Asked"]]
"""What came of each question, by engine."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What came of a question. milliseconds: the least of several times. rows: sorted, as text.

    rows is None where the engine refused the question; refusal says why.
    """

    milliseconds: float
    rows: tuple[str, ...] | None
    refusal: str = ""


def put(engine: Running, query: str) -> Asked:
    """Ask once, on a connection that has answered before; only the asking is timed.

    A connection that waits while other engines compute is closed by some, so that it is a new one.
    """
    with closing(engine.connect()) as connection:
        ask(connection, engine.target(_WARM_UP))
        return _timed(connection, engine.target(query))


def _timed(connection: http.client.HTTPConnection, target: str) -> Asked:
    start = time.perf_counter()
    try:
        status, body = ask(connection, target)
    except (OSError, http.client.HTTPException) as error:
        return Asked(math.nan, None, f"no whole answer: {error!r}")
    milliseconds = (time.perf_counter() - start) * 1000
    if status == 200:
        with suppress(json.JSONDecodeError):
            return Asked(milliseconds, _rows(body))
    said = " ".join(body.decode(errors="replace").split())
    return Asked(math.nan, None, f"{status} {said[-200:]}")


def _rows(body: bytes) -> tuple[str, ...]:
    """Return what was found, in no order; a blank node is like any other."""
    found = json.loads(body)
    names = found["head"]["vars"]
    rows = ([_term(row.get(name)) for name in names] for row in found["results"]["bindings"])
    return tuple(sorted("\t".join(row) for row in rows))


def _term(term: dict[str, str] | None) -> str:
    return "" if term is None else "_" if term["type"] == "bnode" else term["value"]


def compare(engines: Sequence[Running], asked: Sequence[Question], times: int) -> Found:
    """Ask every engine every question so many times, in turns; keep the least time."""
    found: Found = {}
    for question in asked:
        runs: dict[str, list[Asked]] = {engine.name: [] for engine in engines}
        for _ in range(times):
            for engine in engines:
                runs[engine.name].append(put(engine, question.query))
        found[question.name] = {name: _best(these) for name, these in runs.items()}
        print(line(question.name, list(found[question.name].values())), flush=True)
    return found


def _best(runs: list[Asked]) -> Asked:
    """Return the quickest run; a refused one if there is any."""
    refused = [run for run in runs if run.rows is None]
    return refused[0] if refused else min(runs, key=lambda run: run.milliseconds)


def head(names: Sequence[str]) -> str:
    """Return the head of the table that ``line`` gives the lines of."""
    return f"{'milliseconds':<45}{''.join(f'{name:>11} ' for name in names)} {'rows':>7}"


def line(name: str, asked: Sequence[Asked]) -> str:
    """Return a line: milliseconds of each engine, a star at another answer, rows of the first."""
    first = asked[0].rows
    marks = [" " if answer.rows == first else "*" for answer in asked]
    cells = [
        f"{'fails' if answer.rows is None else f'{answer.milliseconds:,.1f}':>11}{mark}"
        for answer, mark in zip(asked, marks, strict=True)
    ]
    return f"{name:<45}{''.join(cells)} {len(first or ()):>7,}"


def differences(found: Found) -> list[str]:
    """Return a line for each answer that differs from the first engine's."""
    said = []
    for question, by_engine in found.items():
        (first, expected), *others = by_engine.items()
        for name, asked in others:
            if asked.rows is None:
                said.append(f"{question}: {name} fails: {asked.refusal}")
            elif asked.rows != expected.rows:
                more, less = _apart(asked.rows, expected.rows or ())
                said.append(f"{question}: {name} has {more}; {first} has instead {less}")
    return said


def _apart(these: Sequence[str], those: Sequence[str]) -> tuple[str, str]:
    one, other = set(these) - set(those), set(those) - set(these)
    shown = ("; ".join(sorted(rows)[:2]).replace("\t", " | ") or "-" for rows in (one, other))
    of_these, of_those = shown
    return f"{len(these):,} rows ({of_these[:120]})", f"{len(those):,} ({of_those[:120]})"


_PAIRS = (
    ("memory", "disk", "<= 0.33"),
    ("memory", "virtuoso", "<= 1.2"),
    ("memory", "oxigraph", ""),
    ("disk", "oxigraph", ""),
    ("disk", "virtuoso", ""),
)


def summary(found: Found) -> list[Figure]:
    """Return geometric means, and ratios over the questions to which two give as many rows."""
    names = list(next(iter(found.values())))
    figures = []
    for name in names:
        answered = [answers[name] for answers in found.values() if answers[name].rows is not None]
        if answered:
            mean = _geometric(asked.milliseconds for asked in answered)
            label = f"geometric mean, {name}, of {len(answered)} questions"
            figures.append(Figure(label, mean, "ms"))
    for mine, other, target in _PAIRS:
        if {mine, other} <= set(names):
            figures += _ratio(found, mine, other, target)
    if {"memory", "disk"} <= set(names):
        figures.append(_worst(found))
    return figures


def _ratio(found: Found, one: str, other: str, target: str) -> Iterator[Figure]:
    pairs = [(asked[one], asked[other]) for asked in found.values()]
    alike = [(these, those) for these, those in pairs if _alike(these, those)]
    if alike:
        ratio = _geometric(these.milliseconds / those.milliseconds for these, those in alike)
        yield Figure(f"{one} / {other}, of {len(alike)} questions", ratio, target=target)


def _alike(one: Asked, other: Asked) -> bool:
    return None not in (one.rows, other.rows) and len(one.rows or ()) == len(other.rows or ())


def _geometric(values: Iterable[float]) -> float:
    logs = [math.log(value) for value in values]
    return math.exp(sum(logs) / len(logs))


def _worst(found: Found) -> Figure:
    ratios = {
        name: answers["memory"].milliseconds / answers["disk"].milliseconds
        for name, answers in found.items()
        if _alike(answers["memory"], answers["disk"])
    }
    name = max(ratios, key=ratios.__getitem__)
    return Figure(f"worst memory / disk: {name}", ratios[name], target="<= 1.1")
