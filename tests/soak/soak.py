"""The soak: load, disturbance, and what must be true at its end."""

from __future__ import annotations

import multiprocessing
import os
import re
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from tests.server.conftest import Server, start, stop
from tests.server.http import request
from tests.server.processes import alive, children, wait_for
from tests.soak.clients import Tally, work
from tests.soak.disturbance import Disturbance
from tests.soak.world import OPTIONS, WORKERS, publish_numbered

PROCESSES = 2
THREADS = 6
WARM = 8  # seconds of load after which the server is as large as it need be
# What the end may have more than after the warm-up: files, threads, bytes (and a share of them).
MORE_FILES, MORE_THREADS, MORE_BYTES, MORE_SHARE = 12, 3, 40 << 20, 0.25


@dataclass(frozen=True)
class Size:
    """What the server's own process takes. memory: bytes, shared ones by share (PSS)."""

    memory: int
    files: int
    threads: int
    processes: int


@dataclass(frozen=True)
class Report:
    """What a soak has found. wrong: what must not be; empty if all is well."""

    seconds: float
    tally: Tally
    done: Counter[str]
    before: Size
    after: Size
    counted: int
    wrong: list[str]


def size(server: Server) -> Size:
    pid = server.process.pid
    rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
    memory = re.search(r"^Pss: +(\d+) kB", rollup, re.MULTILINE)
    assert memory is not None
    return Size(
        int(memory[1]) * 1024,
        len(os.listdir(f"/proc/{pid}/fd")),
        len(os.listdir(f"/proc/{pid}/task")),
        len(children(pid)),
    )


def load(port: int, seconds: float, seed: int) -> Tally:
    """Be clients for so many seconds."""
    context = multiprocessing.get_context("spawn")
    results = context.Queue()
    until = time.time() + seconds
    running = [
        context.Process(target=work, args=(port, THREADS, until, seed * 1000 + 100 * n, results))
        for n in range(PROCESSES)
    ]
    for process in running:
        process.start()
    whole = Tally()
    for _ in running:
        whole.add(results.get())
    for process in running:
        process.join()
    return whole


def settle(server: Server) -> None:
    """Wait until nothing is under way: one nursery, all workers, none busy."""

    def quiet() -> bool:
        health = request(server, "GET", "/health").json()
        return health["workers"] == {"busy": 0, "idle": WORKERS} and health["waiting"] == 0

    assert wait_for(quiet, 30), server.log[-2000:]
    wait_for(lambda: len(children(server.process.pid)) == WORKERS + 1, 15)


def counted(server: Server) -> Counter[str]:
    """Return the server's own count of queries by outcome."""
    text = request(server, "GET", "/metrics").text
    found = re.findall(r'^libris_queries_total\{.*outcome="(\w+)".*\} (\S+)$', text, re.MULTILINE)
    outcomes: Counter[str] = Counter()
    for outcome, number in found:
        outcomes[outcome] += int(float(number))
    return outcomes


def soak(data: Path, seconds: float, seed: int = 1) -> Report:
    """Run a server under load for so many seconds, warm-up apart; return what came of it."""
    publish_numbered(data, 1)
    server = start(data, *OPTIONS)
    try:
        tally = load(server.port, WARM, seed)
        settle(server)
        before = size(server)
        disturbance = Disturbance(server, seed)
        disturbance.start()
        tally.add(load(server.port, seconds, seed + 1))
        disturbance.over.set()
        disturbance.join()
        settle(server)
        after, outcomes = size(server), counted(server)
        family = children(server.process.pid)
        code = stop(server)
    finally:
        server.process.kill()
        server.process.wait()
    wrong = [
        *tally.wrong,
        *_leaks(before, after),
        *_miscounted(tally, outcomes, disturbance.done),
        *_end(server, code, family),
    ]
    return Report(seconds, tally, disturbance.done, before, after, outcomes.total(), wrong)


def _leaks(before: Size, after: Size) -> list[str]:
    found = []
    if after.memory > before.memory * (1 + MORE_SHARE) + MORE_BYTES:
        found.append(f"memory: {before.memory:,} bytes became {after.memory:,}")
    if after.files > before.files + MORE_FILES:
        found.append(f"files: {before.files} became {after.files}")
    if after.threads > before.threads + MORE_THREADS:
        found.append(f"threads: {before.threads} became {after.threads}")
    if after.processes != WORKERS + 1:
        found.append(f"{after.processes} processes, not {WORKERS + 1}")
    return found


def _miscounted(tally: Tally, outcomes: Counter[str], done: Counter[str]) -> list[str]:
    """Compare the server's counts with the clients': of those who left it may not have heard."""
    found = []
    if not tally.answered <= outcomes.total() <= tally.answered + tally.left:
        found.append(
            f"the server counts {outcomes.total()} queries, the clients {tally.answered}"
            f" and {tally.left} that they left"
        )
    if outcomes["unchanged"] != tally.statuses[304]:
        found.append(f"{outcomes['unchanged']} unchanged, for {tally.statuses[304]} clients")
    deaths = sum(number for (kind, _), number in tally.seen.items() if kind == "deep")
    deaths += done["workers killed"] + WORKERS * done["nurseries killed"]
    if tally.statuses[500] > deaths:
        found.append(f"{tally.statuses[500]} answers 500 for {deaths} deaths")
    return found


def _end(server: Server, code: int, family: list[int]) -> list[str]:
    found = [f"exit code {code}"] if code else []
    if not wait_for(lambda: not any(alive(pid) for pid in family)):
        found.append("processes outlive the server")
    if "Traceback" in server.log:
        place = server.log.index("Traceback")
        found.append("in the log: " + server.log[max(place - 300, 0) : place + 1500])
    return found


def table(report: Report) -> str:
    """Return the report as text."""
    outcomes = sorted({what for _, what in report.tally.seen})
    kinds = sorted({kind for kind, _ in report.tally.seen})
    lines = [f"{'':16}" + "".join(f"{what:>8}" for what in outcomes)]
    for kind in kinds:
        numbers = (report.tally.seen[kind, what] for what in outcomes)
        lines.append(f"{kind:16}" + "".join(f"{number or '':>8}" for number in numbers))
    total = report.tally.seen.total()
    done = ", ".join(f"{what} {number}" for what, number in sorted(report.done.items()))
    before, after = report.before, report.after
    return "\n".join(
        [
            *lines,
            "",
            f"{total} requests in {WARM + report.seconds:g} s; releases seen:"
            f" {len(report.tally.releases)}; {done}",
            f"the server counts {report.counted} queries, the clients {report.tally.answered}"
            f" answered and {report.tally.left} left",
            f"server process, warm and at the end: memory {before.memory / 2**20:.1f} and"
            f" {after.memory / 2**20:.1f} MiB, files {before.files} and {after.files},"
            f" threads {before.threads} and {after.threads},"
            f" other processes {before.processes} and {after.processes}",
            *(f"WRONG {what}" for what in report.wrong[:50]),
            "all is well" if not report.wrong else f"{len(report.wrong)} things are wrong",
        ]
    )
