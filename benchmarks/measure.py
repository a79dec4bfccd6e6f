"""Running a command with its wall-clock time and the peak memory of its whole process tree."""

from __future__ import annotations

import os
import platform
import subprocess
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

_EVERY = 0.1  # seconds between two looks at the memory


@dataclass(frozen=True, slots=True)
class Run:
    """seconds: wall-clock. peak: bytes, the largest sum over the tree. output: what it wrote."""

    seconds: float
    peak: int
    output: str


def run(command: Sequence[str]) -> Run:
    """Run a command to its end; raise CalledProcessError if it fails."""
    start = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    watch = Watch(process.pid)
    watch.start()
    output, _ = process.communicate()
    seconds = time.monotonic() - start
    watch.stop()
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command, output)
    return Run(seconds, watch.peak, output)


class Watch(threading.Thread):
    """Samples the memory of a process and its descendants.

    The proportional set size (PSS) counts a page shared by two processes once, half for each.
    https://docs.kernel.org/filesystems/proc.html
    """

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self._pid = pid
        self._done = threading.Event()
        self.peak = 0

    def run(self) -> None:
        while not self._done.wait(_EVERY):
            self.peak = max(self.peak, sum(map(_pss, tree(self._pid))))

    def stop(self) -> None:
        self._done.set()
        self.join()


def tree(pid: int) -> list[int]:
    """Return a process and its descendants."""
    found = [pid]
    for one in found:
        try:
            tasks = Path(f"/proc/{one}/task").iterdir()
            for task in tasks:
                found += map(int, (task / "children").read_text().split())
        except OSError:
            continue
    return found


def _pss(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:")), 0)


def machine() -> str:
    """Return on what, when and with which versions figures were measured."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (
        f"{os.cpu_count()} cores, {memory:.0f} GiB, Python {platform.python_version()},"
        f" pyoxigraph {version('pyoxigraph')}, {datetime.now(UTC):%Y-%m-%d}"
    )
