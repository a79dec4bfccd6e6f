"""Requests a second and memory of running engines."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import replace
from http.client import HTTPException
from pathlib import Path

from engine_servers import JSON, Engine, Running, ask, running
from measure import MIB, Figure, Watch, cpu
from measure import memory as held
from questions import Question, numbered
from wrk import Load, wrk

_KBV = "https://id.kb.se/vocab/"
_THINGS = f"SELECT ?thing {{ ?thing <{_KBV}itemOf> ?of FILTER(ISIRI(?thing)) }} LIMIT 5000"
_ROW = f"SELECT ?of {{ <%s> <{_KBV}itemOf> ?of }}"


def memory(engine: Running, asked: Sequence[Question]) -> Iterator[Figure]:
    """Ask every question once more; look at the memory of all its processes before and meanwhile.

    Before: after the questions have been put, when nothing is under way.
    """
    idle = held(engine.pid)
    with Watch(engine.pid) as watch:
        for question in asked:
            with closing(engine.connect()) as connection, suppress(OSError, HTTPException):
                accept = engine.graphs if question.makes_graph else JSON
                ask(connection, engine.target(numbered(question.query)), accept)
    peak = max(watch.peak, held(engine.pid))
    yield Figure(f"memory idle, {engine.name}", idle / MIB, "MiB")
    yield Figure(f"peak memory while answering, {engine.name}", peak / MIB, "MiB")


class Lookups:
    """Queries of one row, five thousand different ones in turns."""

    def __init__(self, kept: Path, seconds: int, engine: Running) -> None:
        """Ask an engine what there is to look up. seconds: length of a measurement."""
        _, body = ask(engine.connect(), engine.target(_THINGS))
        rows = json.loads(body)["results"]["bindings"]
        self._queries = [_ROW % row["thing"]["value"] for row in rows]
        self._kept = kept
        self._seconds = seconds

    def measure(self, engine: Running, seconds: int = 0) -> Load:
        """Ask an engine as fast as four connections can, for other seconds if they are given."""
        targets = self._kept / "lookups.txt"
        lines = (engine.target(query) + "\n" for query in self._queries)
        targets.write_text("".join(lines), encoding="utf-8")
        return _busy(engine, engine.address, seconds or self._seconds, targets)

    def measure_fresh(self, engine: Engine, seconds: int = 0) -> Load:
        """Do the same with an engine that is started for it."""
        with running(engine, self._kept) as started:
            return self.measure(started, seconds)


def again(engine: Running, question: Question, seconds: int) -> Load:
    """Ask the same question again and again, after it has been answered once."""
    target = engine.target(question.query)
    status, body = ask(engine.connect(), target)
    if status != 200:
        raise SystemExit(f"{question.name}: {status} {body.decode(errors='replace')}")
    return _busy(engine, engine.address + target, seconds)


def _busy(engine: Running, url: str, seconds: int, targets: Path | None = None) -> Load:
    """Run wrk; add the processor time that the engine spent, which others can't disturb much."""
    before = cpu(engine.pid)
    load = wrk(url, seconds, targets, JSON)
    spent = (cpu(engine.pid) - before) * 1000
    return replace(load, cpu=spent / (load.per_second * seconds))
