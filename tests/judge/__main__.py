"""Puts random queries to two judges and says where they differ: ``python -m tests.judge 1000 7``.

The first number is how many queries, the second with which the random numbers begin. Exit code 1
if there is a difference that isn't settled.
"""

from __future__ import annotations

import logging
import sys

from tests.judge.comparing import compare


def main(count: int, seed: int) -> int:
    """Compare so many answers; return the exit code."""
    logging.disable(logging.WARNING)
    outcomes, unsettled = compare(count, seed)
    for query in unsettled:
        sys.stdout.write(f"{query}\n")
    for outcome, times in outcomes.most_common():
        sys.stdout.write(f"{times:9,} {outcome}\n")
    return 1 if unsettled else 0


if __name__ == "__main__":
    given = [int(argument) for argument in sys.argv[1:]]
    sys.exit(main(given[0] if given else 1000, given[1] if len(given) > 1 else 1))
