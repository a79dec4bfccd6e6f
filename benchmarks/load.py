"""Measure loading, replacing and publishing, beside pyoxigraph's bulk loader on the same quads.

python benchmarks/load.py --titles 12500 --runs 3
"""

from __future__ import annotations

import argparse
import random
import re
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

import orjson
from measure import MIB, Figure, Run, median, python, run, show

_BASELINE = """
import sys, pyoxigraph
store = pyoxigraph.Store(sys.argv[2])
store.bulk_load(path=sys.argv[1], format=pyoxigraph.RdfFormat.N_QUADS)
store.optimize()
"""
_DUMP = """
import sys, pyoxigraph
store = pyoxigraph.Store.read_only(sys.argv[1])
store.dump(sys.argv[2], pyoxigraph.RdfFormat.N_QUADS)
print(len(store))
"""
_REPLACED = 1000


def loader(*arguments: object) -> Run:
    """Run a command of libris-loader."""
    return run(python("-m", "loader.cli", *arguments))


def measured(
    folder: Path, records: Path, runs: int, beside: Sequence[Path] = ()
) -> Iterator[Figure]:
    """Yield every figure; the data is left in the folder, for the endpoint's benchmark.

    beside: files that are loaded with the records, such as a vocabulary.
    """
    ours, theirs = [], []
    for number in range(runs):
        ours.append(_load_and_release(folder / "data", records, *beside))
        if number == 0:
            quads = int(run(python("-c", _DUMP, *_dumped(folder))).output)
        shutil.rmtree(folder / "baseline", ignore_errors=True)
        theirs.append(run(python("-c", _BASELINE, folder / "quads.nq", folder / "baseline")))
    shutil.rmtree(folder / "baseline")
    yield Figure("quads", quads)
    yield from _compared(ours, theirs)
    yield from _replacing(folder, records, runs)


def _dumped(folder: Path) -> tuple[Path, Path]:
    return folder / "data" / "current" / "store", folder / "quads.nq"


def _load_and_release(data: Path, *files: Path) -> Run:
    """Load into a fresh directory and publish, as one run."""
    shutil.rmtree(data, ignore_errors=True)
    loaded = loader("load", "--data", data, *files)
    released = loader("release", "--data", data)
    peak = max(loaded.peak, released.peak)
    return Run(loaded.seconds + released.seconds, peak, loaded.output)


def _compared(ours: list[Run], theirs: list[Run]) -> Iterator[Figure]:
    seconds, base_seconds = (median(run.seconds for run in runs) for runs in (ours, theirs))
    peak, base_peak = (median(run.peak for run in runs) for runs in (ours, theirs))
    yield Figure("load and release", seconds, "s")
    yield Figure("bulk_load and optimize", base_seconds, "s")
    yield Figure("time, ratio", seconds / base_seconds, target="<= 1.35")
    yield Figure("load and release, peak memory", peak / MIB, "MiB")
    yield Figure("bulk_load and optimize, peak memory", base_peak / MIB, "MiB")
    yield Figure("peak memory, ratio", peak / base_peak, target="<= 1.5")


def _replacing(folder: Path, records: Path, runs: int) -> Iterator[Figure]:
    data, changed = folder / "data", folder / "changed.jsonl"
    whole, stage, releases = [], [], []
    for number in range(runs):
        _change(records, changed, number)
        done = loader("load", "--data", data, changed)
        whole.append(_REPLACED / done.seconds)
        stage.append(_REPLACED / _applying(done.output))
        releases.append(loader("release", "--data", data).seconds)
    yield Figure("replacing 1,000, whole command", median(whole), "records/s", ">= 800")
    yield Figure("replacing 1,000, applying as reported", median(stage), "records/s", ">= 800")
    yield Figure("release, whole command", median(releases), "s", "< 1")


def _applying(output: str) -> float:
    """Return the seconds that a load says it took to apply documents to the store."""
    found = re.search(r"applied.* in ([\d.]+) s\.", output)
    if not found:
        raise SystemExit(f"no time of applying in what the loader reports:\n{output}")
    return float(found[1])


def _change(records: Path, changed: Path, number: int) -> None:
    """Write 1,000 records of all kinds with a new date and a new note."""
    chance = random.Random(number)
    with records.open("rb") as lines:
        count = sum(1 for _ in lines)
    chosen = set(chance.sample(range(count), _REPLACED))
    with records.open("rb") as lines, changed.open("wb") as out:
        for place, line in enumerate(lines):
            if place in chosen:
                record = orjson.loads(line)
                node, thing = record["@graph"]
                node["modified"] = f"2026-11-01T12:00:{number:02d}+01:00"
                note = {"@type": "Note", "label": [f"Replaced, run {number + 1}."]}
                thing.setdefault("hasNote", []).append(note)
                out.write(orjson.dumps(record, option=orjson.OPT_APPEND_NEWLINE))


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--titles", type=int, default=12_500, help="default: 12500, 2.7 M quads")
    parser.add_argument("--runs", type=int, default=3, help="alternating runs; medians are shown")
    parser.add_argument("--folder", type=Path, default=Path(__file__).with_name("out"))
    parser.add_argument(
        "--beside",
        type=Path,
        action="append",
        default=[],
        metavar="FILE",
        help="load this with the records, such as a vocabulary; may be repeated",
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures here too")
    arguments = parser.parse_args()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    records = arguments.folder / "records.jsonl"
    generate = Path(__file__).with_name("generate.py")
    subprocess.run(python(generate, arguments.titles, "--out", records), check=True)
    figures = [Figure("titles", arguments.titles)]
    figures += measured(arguments.folder, records, arguments.runs, arguments.beside)
    show(figures, arguments.json)


if __name__ == "__main__":
    main()
