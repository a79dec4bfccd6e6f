"""What happens to the server meanwhile: releases come and go, processes are killed."""

from __future__ import annotations

import os
import random
import signal
import threading
from collections import Counter
from contextlib import suppress

from tests.server.conftest import Server, point_to
from tests.server.processes import children, workers
from tests.soak.world import drop_old, publish_broken, publish_numbered

PAUSE = (0.5, 3.0)  # seconds between two of them


class Disturbance(threading.Thread):
    """Disturbs until it is told to stop. done: what, how often."""

    def __init__(self, server: Server, seed: int) -> None:
        super().__init__()
        self.done: Counter[str] = Counter()
        self.over = threading.Event()
        self._server = server
        self._chance = random.Random(seed)
        self._number = 1
        self._good = [1]

    def run(self) -> None:
        ways = [self.publish, self.publish, self.roll_back, self.break_, self.kill, self.kill]
        while not self.over.wait(self._chance.uniform(*PAUSE)):
            self._chance.choice([*ways, self.kill_nursery])()
        self.publish()

    def publish(self) -> None:
        self._number += 1
        publish_numbered(self._server.data, self._number)
        self._good.append(self._number)
        drop_old(self._server.data, set(self._good[-3:]))
        self.done["published"] += 1

    def roll_back(self) -> None:
        point_to(self._server.data, self._chance.choice(self._good[-3:]))
        self.done["rolled back"] += 1

    def break_(self) -> None:
        self._number += 1
        publish_broken(self._server.data, self._number)
        self.done["broken"] += 1

    def kill(self) -> None:
        there = workers(self._server)
        if there:
            self._end(self._chance.choice(there), "workers killed")

    def kill_nursery(self) -> None:
        nurseries = [
            pid
            for pid in children(self._server.process.pid)
            if parent(pid) == self._server.process.pid
        ]
        if nurseries:
            self._end(self._chance.choice(nurseries), "nurseries killed")

    def _end(self, pid: int, what: str) -> None:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
            self.done[what] += 1


def parent(pid: int) -> int:
    """Return the number of a process's parent; 0 if it is gone."""
    try:
        with open(f"/proc/{pid}/stat") as stat:
            return int(stat.read().rpartition(")")[2].split()[1])
    except OSError:
        return 0
