"""Requests a second, by wrk: https://github.com/wg/wrk."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

_ITERATE = """
local targets, turn = {}, 0
for line in io.lines("%s") do targets[#targets + 1] = line end
request = function()
  turn = turn %% #targets + 1
  return wrk.format("GET", targets[turn])
end
"""


@dataclass(frozen=True, slots=True)
class Load:
    """per_second: requests answered. median, p99: latency in milliseconds.

    bad: what wrk says of answers with another status than 2xx and of broken connections, or "".
    cpu: milliseconds of processor time that the server spent on a request; 0 if not measured.
    """

    per_second: float
    median: float
    p99: float
    bad: str = ""
    cpu: float = 0


def available() -> bool:
    """Tell whether wrk is installed; say how to get it if it isn't."""
    there = shutil.which("wrk") is not None
    if not there:
        print("wrk is not installed: apt-get install wrk")
    return there


def wrk(url: str, seconds: int, targets: Path | None = None, accept: str = "*/*") -> Load:
    """Have four kept-alive connections ask as fast as they can.

    targets: file with a path and query on each line, asked for in turns instead of the address's.
    """
    script: list[str] = []
    if targets:
        lua = targets.with_suffix(".lua")
        lua.write_text(_ITERATE % targets, encoding="utf-8")
        script = ["-s", str(lua)]
    command = ["wrk", "-t1", "-c4", f"-d{seconds}s", "--latency", "-H", f"Accept: {accept}"]
    output = subprocess.run([*command, *script, url], capture_output=True, text=True).stdout
    rate = re.search(r"Requests/sec:\s*([\d.]+)", output)
    if not rate:
        raise SystemExit(f"{url}: {output}")
    bad = ", ".join(re.findall(r"Non-2xx.*|Socket errors.*", output))
    return Load(float(rate[1]), _latency(output, 50), _latency(output, 99), bad)


def middle(loads: Sequence[Load]) -> Load:
    """Return the measurement with the median rate."""
    return sorted(loads, key=lambda load: load.per_second)[len(loads) // 2]


def _latency(output: str, percent: int) -> float:
    found = re.search(rf"{percent}%\s+([\d.]+)(us|ms|s)", output)
    assert found, output
    return float(found[1]) * {"us": 0.001, "ms": 1, "s": 1000}[found[2]]
