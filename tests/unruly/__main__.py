"""Harvest from a number of unruly providers, one after the other: python -m tests.unruly 1000.

Prints the seeds that end with anything but the provider's records, and figures.
"""

from __future__ import annotations

import argparse
import logging
import sys
import tempfile
import time
import traceback
from collections import Counter
from pathlib import Path

from tests.unruly.harvests import outcome


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("count", type=int)
    parser.add_argument("--first", type=int, default=0, help="the first seed; default: 0")
    arguments = parser.parse_args()
    logging.disable()
    start, total = time.monotonic(), Counter[str]()
    for seed in range(arguments.first, arguments.first + arguments.count):
        with tempfile.TemporaryDirectory(prefix="libris-") as folder:
            try:
                total.update(outcome(seed, Path(folder)))
            except Exception:
                total["failed"] += 1
                print(f"seed {seed}:\n{traceback.format_exc()}", flush=True)  # noqa: T201
    for name, count in sorted(total.items()):
        print(f"{name}\t{count:,}")  # noqa: T201
    print(f"seconds\t{time.monotonic() - start:,.0f}")  # noqa: T201
    return 1 if total["failed"] else 0


if __name__ == "__main__":
    sys.exit(main())
