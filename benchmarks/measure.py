"""What the benchmarks share: timing a command, the memory of its processes, showing figures."""

from __future__ import annotations

import json
import os
import platform
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

_EVERY = 0.1  # seconds between two looks at the memory
_LIBRARIES = ("pyoxigraph", "orjson", "flask", "waitress")
MIB = 2**20

median = statistics.median


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the table.

    target: what it has to reach, ``<= 1.35``; empty where there is none.
    """

    name: str
    value: float
    unit: str = ""
    target: str = ""


@dataclass(frozen=True, slots=True)
class Run:
    """seconds: wall-clock. peak: bytes, the largest sum over the tree. output: what it wrote."""

    seconds: float
    peak: int
    output: str


def python(*arguments: object) -> list[str]:
    """Return the command that runs this Python with arguments."""
    return [sys.executable, *map(str, arguments)]


def run(command: Sequence[str]) -> Run:
    """Run a command to its end; exit with what it wrote if it fails."""
    start = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    with Watch(process.pid) as watch:
        output, _ = process.communicate()
        seconds = time.monotonic() - start
    if process.returncode:
        sys.exit(f"{' '.join(command)}\n{output}exit code {process.returncode}")
    return Run(seconds, watch.peak, output)


class Watch(threading.Thread):
    """Samples the memory of a process and its descendants while a block runs.

    It sums the proportional set size: a page that several processes share counts once, an equal
    part for each. The sum of their resident sets would count it as often as there are processes,
    to the disadvantage of a tree of them. https://docs.kernel.org/filesystems/proc.html
    """

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self._pid = pid
        self._done = threading.Event()
        self.peak = 0

    def run(self) -> None:
        """Sample until the block ends."""
        while not self._done.wait(_EVERY):
            self.peak = max(self.peak, memory(self._pid))

    def __enter__(self) -> Watch:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self.join()


def memory(pid: int) -> int:
    """Return the bytes that a process and its descendants hold now."""
    return sum(map(_pss, tree(pid)))


def cpu(pid: int) -> float:
    """Return the seconds of processor time that a process and its descendants have spent."""
    return sum(map(_cpu, tree(pid))) / os.sysconf("SC_CLK_TCK")


def _cpu(pid: int) -> int:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0
    return int(fields[11]) + int(fields[12])  # utime, stime


def tree(pid: int) -> list[int]:
    """Return a process and its descendants."""
    found = [pid]
    for process in found:
        try:
            for task in Path(f"/proc/{process}/task").iterdir():
                found += map(int, (task / "children").read_text().split())
        except OSError:  # it has ended meanwhile
            continue
    return found


def _pss(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:")), 0)


def circumstances() -> dict[str, str]:
    """Return on what, when and with which versions the figures were measured."""
    installed = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return {
        "date": f"{datetime.now(UTC):%Y-%m-%dT%H:%MZ}",
        "cores": str(os.cpu_count()),
        "memory": f"{installed:.0f} GiB",
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
    } | {name: version(name) for name in _LIBRARIES}


def show(figures: Sequence[Figure], written: Path | None) -> None:
    """Print figures as a table under the circumstances; write both as JSON if a file is named."""
    around = circumstances()
    print(", ".join(f"{name} {value}" for name, value in around.items()))
    width = max(len(figure.name) for figure in figures)
    for figure in figures:
        value = f"{figure.value:>13,.{_decimals(figure.value)}f} {figure.unit:<9}"
        target = f"target {figure.target}" if figure.target else ""
        print(f"{figure.name:<{width}} {value} {target}".rstrip())
    if written:
        report = {**around, "figures": [asdict(figure) for figure in figures]}
        written.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")


def _decimals(value: float) -> int:
    return 2 if value < 100 and value != int(value) else 0
