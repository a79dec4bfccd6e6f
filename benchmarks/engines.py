"""Measure engines side by side on the same triples: ours, and others.

python benchmarks/engines.py --titles 13600 --titles 136000 --json engines.json
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import asdict, replace
from pathlib import Path

import engine_release
import wrk
from dataset import VOCABULARY, folder, published, quads
from engine_answers import compare, differences, head
from engine_rates import Lookups, again, memory
from engine_servers import BIN, Engine, Running, ours, oxigraph, running, virtuoso
from engine_targets import Measured, counting, growth, summary, table
from measure import Figure, circumstances, show
from questions import FORMS, Question, questions

_OURS = "ours"
_NAMES = (_OURS, "oxigraph", "virtuoso")
_TITLES = 30_000
_AGAIN = "books-in-sweden-per-year"  # a result of some kilobytes


def engines(names: Sequence[str], program: str) -> list[Engine]:
    """Return the engines of these names that can be measured here; say why others can't."""
    known = {
        _OURS: ours(_OURS, program, cache="0"),
        "oxigraph": oxigraph("oxigraph", "--timeout-s", "60"),
        "virtuoso": virtuoso(),
    }
    return [known[name] for name in names if _there(known[name])]


def _there(engine: Engine) -> bool:
    if engine.missing:
        print(f"{engine.name} is left out: {engine.missing}")
    return not engine.missing


def lookups(started: Sequence[Running], kept: Path, rounds: int, seconds: int) -> Iterator[Figure]:
    """Measure uncached queries of one row, in turns.

    The oxigraph server is measured with its time limit and without: with it, it keeps a thread
    for each query until the limit has passed, and so is started anew each time, for a second.
    """
    several = Lookups(kept, seconds, started[0])
    limited, unlimited = oxigraph("oxigraph", "--timeout-s", "60"), oxigraph("oxigraph unlimited")
    found: dict[str, list[wrk.Load]] = {}
    for _ in range(rounds):
        for engine in started:
            if engine.name != "oxigraph":
                found.setdefault(engine.name, []).append(several.measure(engine))
            else:
                found.setdefault(limited.name, []).append(several.measure_fresh(limited, 1))
                found.setdefault(unlimited.name, []).append(several.measure_fresh(unlimited))
    loads = {name: wrk.middle(these) for name, these in found.items()}
    for name, load in loads.items():
        yield from _load(f"one-row lookups, {name}", load)
    for other in [name for name in (limited.name, unlimited.name) if {name, _OURS} <= loads.keys()]:
        ratio = loads[_OURS].per_second / loads[other].per_second
        yield Figure(f"lookups a second, {_OURS} / {other}", ratio, target=">= 0.33")


def _load(name: str, load: wrk.Load, rate: str = "", median: str = "") -> Iterator[Figure]:
    if load.bad:
        print(f"{name}: {load.bad}")
    yield Figure(name, load.per_second, "/s", rate)
    yield Figure(f"{name}, median", load.median, "ms", median)
    yield Figure(f"{name}, 99th percentile", load.p99, "ms")
    yield Figure(f"{name}, processor time of each", load.cpu, "ms")


def cached(program: str, kept: Path, rounds: int, seconds: int) -> Iterator[Figure]:
    """Measure answers out of the result cache."""
    engine = ours("cached", program, cache="256M")
    if not _there(engine):
        return
    question = next(one for one in questions() if one.name == _AGAIN)
    with running(engine, kept) as started:
        loads = [again(started, question, seconds) for _ in range(rounds)]
    yield from _load("cached answers", wrk.middle(loads), ">= 1500", "< 1.5")


def measure(arguments: argparse.Namespace, kept: Path) -> Measured:
    """Measure everything on the data in a folder."""
    with quads(kept).open("rb") as lines:
        size = sum(1 for _ in lines)
    figures = [Figure("quads", size), *engine_release.sizes(kept, size)]
    asked = [one for one in questions(arguments.forms) if arguments.only in one.label]
    with ExitStack() as stack:
        chosen = engines(arguments.engines, arguments.program)
        started = [stack.enter_context(running(engine, kept)) for engine in chosen]
        print(f"{size:,} quads in {kept}\n{head([engine.name for engine in started])}")
        found = compare(started, asked, arguments.times)
        figures += [*summary(found, size), *counting(found)]
        for one in started:
            figures += _running(one, asked)
        if arguments.rounds and wrk.available():
            figures += lookups(started, kept, arguments.rounds, arguments.seconds)
    if arguments.rounds and wrk.available():
        figures += cached(arguments.program, kept, arguments.rounds, arguments.seconds)
    if arguments.loading:
        figures += engine_release.loading(kept, arguments.loading)
    return Measured(size, found, figures)


def _running(engine: Running, asked: Sequence[Question]) -> Iterator[Figure]:
    """Yield how long an engine took to start, and what it holds in memory."""
    target = "< 2" if engine.name == _OURS else ""
    yield Figure(f"start to first answer, {engine.name}", engine.seconds, "s", target)
    yield Figure(f"start to full speed, {engine.name}", engine.full, "s", target)
    idle, peak = memory(engine, asked)
    if engine.name == _OURS:
        idle = replace(idle, target="<= 300")
        peak = replace(peak, target=f"<= {idle.value + 2 * 1024:,.0f}")
    yield from (idle, peak)


def folders(arguments: argparse.Namespace) -> list[Path]:
    """Return where the data is, having made what is to be made."""
    vocabulary = VOCABULARY if VOCABULARY.exists() else None
    made = []
    for titles in arguments.titles or ([] if arguments.data else [_TITLES]):
        made.append(folder(arguments.out, titles, vocabulary))
        published(made[-1], titles, vocabulary)
    return [*arguments.data, *made]


def arguments_of(command: Sequence[str] | None = None) -> argparse.Namespace:
    """Return what the command line says."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add = parser.add_argument
    several = {"action": "append", "default": []}
    add(
        "--titles", type=int, metavar="N", **several, help="default: 30000, 6.7 M quads; repeatable"
    )
    add("--data", type=Path, metavar="DIR", **several, help="made earlier, instead; repeatable")
    add(
        "--engines",
        type=_chosen(_NAMES),
        default=list(_NAMES),
        metavar="A,B",
        help=",".join(_NAMES) + "; default: " + ",".join(list(_NAMES)),
    )
    add("--forms", type=_chosen(FORMS), default=FORMS, metavar="A,B", help=",".join(FORMS))
    add("--only", default="", metavar="WORD", help="questions with it in form/name")
    add("--times", type=int, default=3, help="each question; the least is shown")
    add("--rounds", type=int, default=3, help="of requests; the median is shown; 0: none")
    add("--seconds", type=int, default=2, help="of requests in a round")
    add("--loading", type=int, default=0, metavar="RUNS", help="load and publish anew, too")
    add("--program", default=f"{BIN}/libris-sparql", help="our server")
    add("--out", type=Path, default=Path(__file__).with_name("out") / "engines")
    add("--json", type=Path, metavar="FILE", help="write the figures here too")
    return parser.parse_args(command)


def _chosen(known: Sequence[str]) -> Callable[[str], list[str]]:
    return lambda value: [name for name in known if name in value.split(",")]


def main() -> None:
    """Run the command line."""
    arguments = arguments_of()
    runs = [measure(arguments, kept) for kept in folders(arguments)]
    runs.sort(key=lambda run: run.quads)
    between = list(growth(runs[0], runs[-1])) if len(runs) > 1 else []
    for run in runs:
        print(f"\n{run.quads:,} quads")
        print("\n".join(differences(run.found)) or "All engines give the same answers.")
        show(run.figures, None)
        print(table(run.figures))
    if between:
        show(between, None)
        print(table(between))
    if arguments.json:
        _write(arguments.json, runs, between)


def _write(path: Path, runs: Sequence[Measured], between: Sequence[Figure]) -> None:
    report = circumstances() | {
        "runs": [_described(run) for run in runs],
        "growth": [asdict(figure) for figure in between],
    }
    path.write_text(json.dumps(report, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def _described(run: Measured) -> dict[str, object]:
    return {
        "quads": run.quads,
        "questions": {
            label: {
                name: {"ms": answer.milliseconds, "rows": answer.size, "said": answer.refusal}
                for name, answer in by_engine.items()
            }
            for label, by_engine in run.found.items()
        },
        "differences": differences(run.found),
        "figures": [asdict(figure) for figure in run.figures],
    }


if __name__ == "__main__":
    main()
