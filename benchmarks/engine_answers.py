"""The same questions to several engines: who takes how long, and who says something else."""

from __future__ import annotations

import http.client
import json
import math
import re
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass

import pyoxigraph as ox
from engine_servers import JSON, Running, ask
from questions import Question, numbered

_WARM_UP = "SELECT ?s { ?s ?p ?o } LIMIT 1"
_LARGE = 16 * 2**20  # bytes of an answer of which rows are only counted
_ASK = "__ASK_RETVAL"  # Virtuoso answers ASK with a solution
_NEXT_ROW = re.compile(rb"\}\s*\}\s*,\s*\{")

Found = dict[str, dict[str, "Asked"]]
"""What came of each question, by engine."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What came of a question.

    milliseconds: the least of several times. size: how many solutions or triples; None where the
    engine refused the question, and refusal says why. rows: sorted, as text; None where only their
    number says something: of a large answer, and of one that is a part of what there is.
    """

    milliseconds: float
    size: int | None = None
    rows: tuple[str, ...] | None = None
    refusal: str = ""

    def is_like(self, other: Asked) -> bool:
        """Tell whether another engine has answered the same, as far as it can be told."""
        if self.size is None or self.size != other.size:
            return False
        return self.rows is None or other.rows is None or self.rows == other.rows


def put(engine: Running, question: Question) -> Asked:
    """Ask once, on a connection that has answered before; only the asking is timed.

    A connection that waits while other engines compute is closed by some, so that it is a new one.
    """
    with closing(engine.connect()) as connection:
        try:
            ask(connection, engine.target(_WARM_UP))
            return _timed(connection, engine, question)
        except (OSError, http.client.HTTPException) as error:
            return Asked(math.nan, refusal=f"no whole answer: {error!r}")


def _timed(connection: http.client.HTTPConnection, engine: Running, question: Question) -> Asked:
    target = engine.target(numbered(question.query))
    start = time.perf_counter()
    status, body = ask(connection, target, engine.graphs if question.makes_graph else JSON)
    milliseconds = (time.perf_counter() - start) * 1000
    if status != 200:
        return _refused(f"{status} ", body)
    try:
        size, rows = _graph(body) if question.makes_graph else _solutions(body)
    except (ValueError, KeyError, SyntaxError):
        return _refused("", body)
    return Asked(milliseconds, size, None if question.is_cut else rows)


def _refused(before: str, body: bytes) -> Asked:
    said = " ".join(body.decode(errors="replace").split())
    return Asked(math.nan, refusal=f"{before}{said[-200:]}")


def _solutions(body: bytes) -> tuple[int, tuple[str, ...] | None]:
    """Return how many solutions there are, and which, in no order; a blank node is like any."""
    if len(body) > _LARGE:
        return len(_NEXT_ROW.findall(body)) + 1, None
    answer = json.loads(body)
    if "boolean" in answer:
        return 1, (str(answer["boolean"]).lower(),)
    names = answer["head"]["vars"]
    bindings = answer["results"]["bindings"]
    if names == [_ASK]:
        values = [row[_ASK]["value"] for row in bindings]
        return 1, ("true" if values == ["1"] else "false",)
    rows = ("\t".join(_term(row.get(name)) for name in names) for row in bindings)
    return len(bindings), tuple(sorted(rows))


def _term(term: dict[str, str] | None) -> str:
    return "" if term is None else "_" if term["type"] == "bnode" else term["value"]


def _graph(body: bytes) -> tuple[int, tuple[str, ...] | None]:
    """Return how many triples there are, and which."""
    if len(body) > _LARGE:
        return body.count(b" .\n"), None
    triples = ox.parse(body, ox.RdfFormat.N_TRIPLES, lenient=True)
    rows = sorted("\t".join(map(_node, quad.triple)) for quad in triples)
    return len(rows), tuple(rows)


def _node(term: object) -> str:
    return "_" if isinstance(term, ox.BlankNode) else str(getattr(term, "value", term))


def compare(engines: Sequence[Running], asked: Sequence[Question], times: int) -> Found:
    """Ask every engine every question so many times, in turns; keep the least time."""
    found: Found = {}
    for question in asked:
        runs: dict[str, list[Asked]] = {engine.name: [] for engine in engines}
        for _ in range(times):
            for engine in engines:
                runs[engine.name].append(put(engine, question))
        found[question.label] = {name: _best(these) for name, these in runs.items()}
        print(line(question.label, list(found[question.label].values())), flush=True)
    return found


def _best(runs: list[Asked]) -> Asked:
    """Return the quickest run; a refused one if there is any."""
    refused = [run for run in runs if run.size is None]
    return refused[0] if refused else min(runs, key=lambda run: run.milliseconds)


def head(names: Sequence[str]) -> str:
    """Return the head of the table that ``line`` gives the lines of."""
    return f"{'milliseconds':<55}{''.join(f'{name:>11} ' for name in names)} {'rows':>9}"


def line(label: str, asked: Sequence[Asked]) -> str:
    """Return a line: milliseconds of each engine, a star at another answer, rows of the first."""
    first = asked[0]
    marks = [" " if answer is first or answer.is_like(first) else "*" for answer in asked]
    cells = [
        f"{'fails' if answer.size is None else f'{answer.milliseconds:,.1f}':>11}{mark}"
        for answer, mark in zip(asked, marks, strict=True)
    ]
    return f"{label:<55}{''.join(cells)} {first.size or 0:>9,}"


def differences(found: Found) -> list[str]:
    """Return a line for each answer that differs from the first engine's."""
    said = []
    for question, by_engine in found.items():
        (first, expected), *others = by_engine.items()
        if expected.size is None:
            said.append(f"{question}: {first} fails: {expected.refusal}")
        for name, answer in others:
            if answer.size is None:
                said.append(f"{question}: {name} fails: {answer.refusal}")
            elif expected.size is not None and not answer.is_like(expected):
                said.append(f"{question}: {_apart(name, answer, first, expected)}")
    return said


def _apart(name: str, answer: Asked, first: str, expected: Asked) -> str:
    if answer.rows is None or expected.rows is None:
        return f"{name} has {answer.size:,} rows, {first} {expected.size:,}"
    more, less = set(answer.rows) - set(expected.rows), set(expected.rows) - set(answer.rows)
    return f"{name} has {_shown(more)}; {first} has instead {_shown(less)}"


def _shown(rows: set[str]) -> str:
    sample = "; ".join(sorted(rows)[:2]).replace("\t", " | ") or "-"
    return f"{len(rows):,} rows ({sample[:120]})"
