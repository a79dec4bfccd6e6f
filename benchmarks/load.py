"""Loading, replacing and publishing, beside pyoxigraph's own bulk loader on the same quads.

python benchmarks/load.py --titles 30000 --runs 3
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path

import measure

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


def python(*arguments: object) -> list[str]:
    return [sys.executable, *map(str, arguments)]


def loader(*arguments: object) -> list[str]:
    return python("-m", "loader.cli", *arguments)


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--titles", type=int, default=30_000)
    parser.add_argument("--runs", type=int, default=3, help="alternating runs; medians are shown")
    parser.add_argument("--folder", type=Path, default=Path("benchmarks/out"))
    arguments = parser.parse_args()
    folder = arguments.folder
    folder.mkdir(parents=True, exist_ok=True)
    records = folder / "records.jsonl"
    generate = Path(__file__).with_name("generate.py")
    subprocess.run(python(generate, arguments.titles, "--out", records), check=True)
    print(measure.machine())
    bulk(folder, records, arguments.runs)
    replacement(folder, records)


def bulk(folder: Path, records: Path, runs: int) -> None:
    """Compare loading and publishing with the baseline."""
    data, nquads, plain = folder / "data", folder / "quads.nq", folder / "baseline"
    ours, theirs = [], []
    for number in range(runs):
        shutil.rmtree(data, ignore_errors=True)
        loaded = measure.run(loader("load", "--data", data, records))
        released = measure.run(loader("release", "--data", data))
        ours.append((loaded.seconds + released.seconds, max(loaded.peak, released.peak)))
        if number == 0:
            quads = subprocess.check_output(python("-c", _DUMP, data / "store", nquads), text=True)
        shutil.rmtree(plain, ignore_errors=True)
        base = measure.run(python("-c", _BASELINE, nquads, plain))
        theirs.append((base.seconds, base.peak))
    seconds, peak = (statistics.median(column) for column in zip(*ours, strict=True))
    base_seconds, base_peak = (statistics.median(column) for column in zip(*theirs, strict=True))
    print(f"{int(quads):,} quads, medians of {runs} runs")
    print(f"load and release  {seconds:7.1f} s   bulk_load and optimize {base_seconds:7.1f} s")
    print(f"ratio             {seconds / base_seconds:7.2f}     target 1.35")
    print(f"peak memory       {peak / 2**20:7.0f} MiB its own {base_peak / 2**20:.0f} MiB")
    print(f"ratio             {peak / base_peak:7.2f}     target 1.5")


def replacement(folder: Path, records: Path) -> None:
    """Replace 1,000 records of all kinds, and publish."""
    lines = records.read_text(encoding="utf-8").splitlines()
    changed = folder / "changed.jsonl"
    with open(changed, "w", encoding="utf-8") as out:
        for line in random.Random(7).sample(lines, 1000):
            record = json.loads(line)
            record["@graph"][0]["modified"] = "2026-11-01T12:00:00+01:00"
            record["@graph"][1].setdefault("hasNote", []).append(
                {"@type": "Note", "label": ["Replaced."]}
            )
            out.write(json.dumps(record) + "\n")
    data = folder / "data"
    start = time.monotonic()
    done = measure.run(loader("load", "--data", data, changed))
    print(f"replacing 1,000   {1000 / (time.monotonic() - start):7.0f} records/s, whole command")
    print(done.output.strip())
    released = measure.run(loader("release", "--data", data))
    print(f"release           {released.seconds:7.2f} s   target 1, whole command")


if __name__ == "__main__":
    main()
