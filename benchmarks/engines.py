"""Measure engines side by side on the same triples: ours from disk and in memory, and others.

python benchmarks/engines.py --titles 30000 --json engines.json
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path

import wrk
from dataset import VOCABULARY, folder, published, quads
from engine_answers import Found, compare, differences, head, summary
from engine_rates import Lookups, again, memory
from engine_servers import BIN, Engine, Running, ours, oxigraph, running, virtuoso
from measure import Figure, circumstances, show
from questions import questions

_NAMES = ("disk", "columns", "memory", "oxigraph", "virtuoso")
_COLUMNS = 500  # bytes a quad, which columns fit into and the whole release doesn't
_OURS = ("disk", "columns", "memory")
_AGAIN = "books-in-sweden-per-year"  # a result of some kilobytes


def engines(names: Sequence[str], program: str, quads: int) -> list[Engine]:
    """Return the engines of these names that can be measured here; say why others can't."""
    known = {
        "disk": ours("disk", program, memory="off", cache="0"),
        "columns": ours("columns", program, memory=str(_COLUMNS * quads), cache="0"),
        "memory": ours("memory", program, memory="auto", cache="0"),
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
    for name in [name for name in _OURS if name in loads]:
        for other in [other for other in (limited.name, unlimited.name) if other in loads]:
            ratio = loads[name].per_second / loads[other].per_second
            yield Figure(f"lookups a second, {name} / {other}", ratio, target=">= 0.33")


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
    question = next(question for question in questions() if question.name == _AGAIN)
    with running(engine, kept) as started:
        loads = [again(started, question, seconds) for _ in range(rounds)]
    yield from _load("cached answers", wrk.middle(loads), ">= 1500", "< 1.5")


def measure(arguments: argparse.Namespace) -> tuple[Found, list[Figure]]:
    """Run everything; return what came of the questions, and the figures."""
    vocabulary = VOCABULARY if VOCABULARY.exists() else None
    kept = folder(arguments.out, arguments.titles, vocabulary)
    published(kept, arguments.titles, vocabulary)
    with quads(kept).open("rb") as lines:
        size = sum(1 for _ in lines)
    figures = [Figure("quads", size)]
    asked = [question for question in questions() if arguments.only in question.name]
    with ExitStack() as stack:
        chosen = engines(arguments.engines, arguments.program, size)
        started = [stack.enter_context(running(engine, kept)) for engine in chosen]
        print(head([engine.name for engine in started]))
        found = compare(started, asked, arguments.times)
        figures += summary(found)
        for server in started:
            target = "< 2" if server.name in _OURS else ""
            figures.append(
                Figure(f"start to first answer, {server.name}", server.seconds, "s", target)
            )
        figures += [memory(server, asked) for server in started]
        if wrk.available():
            figures += lookups(started, kept, arguments.rounds, arguments.seconds)
    if wrk.available():
        figures += cached(arguments.program, kept, arguments.rounds, arguments.seconds)
    return found, figures


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--titles", type=int, default=30_000, help="default: 30000, 6.7 M quads")
    parser.add_argument(
        "--engines",
        type=lambda value: [name for name in _NAMES if name in value.split(",")],
        default=list(_NAMES),
        metavar="A,B",
        help=f"default: {','.join(_NAMES)}",
    )
    parser.add_argument(
        "--only", default="", metavar="WORD", help="questions with it in their name"
    )
    parser.add_argument("--times", type=int, default=3, help="each question; the least is shown")
    parser.add_argument("--rounds", type=int, default=3, help="of requests; the median is shown")
    parser.add_argument("--seconds", type=int, default=2, help="of requests in a round")
    parser.add_argument("--program", default=f"{BIN}/libris-sparql", help="our server")
    parser.add_argument("--out", type=Path, default=Path("benchmarks/out/engines"))
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures here too")
    arguments = parser.parse_args()
    found, figures = measure(arguments)
    print("\n".join(differences(found)) or "All engines give the same answers.")
    show(figures, None)
    if arguments.json:
        _write(arguments.json, found, figures)


def _write(path: Path, found: Found, figures: Sequence[Figure]) -> None:
    by_question = {
        question: {
            name: {
                "ms": answers.milliseconds,
                "rows": answers.rows and len(answers.rows),
                "said": answers.refusal,
            }
            for name, answers in by_engine.items()
        }
        for question, by_engine in found.items()
    }
    report = circumstances() | {
        "questions": by_question,
        "differences": differences(found),
        "figures": [asdict(figure) for figure in figures],
    }
    path.write_text(json.dumps(report, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
