"""Write any number of titles with their persons, subjects and holdings, shaped as in Libris.

A title has 127 quads on average (median 111), a holding 35 (30) and an authority 60 (53), so that
12,500 titles give some 2.7 million quads in all.

python benchmarks/generate.py 12500 --out records.jsonl
"""

from __future__ import annotations

import argparse
import random
import sys
from collections.abc import Iterator
from contextlib import suppress

import orjson
from authorities import agent_record, scale, term_record
from holdings import holdings
from shapes import Node
from titles import title_iri, title_record


def records(titles: int, seed: int) -> Iterator[Node]:
    """Yield terms, agents, and titles with their holdings; the same for the same seed."""
    rng, sizes = random.Random(seed), scale(titles)
    for index in range(sizes.terms):
        yield term_record(rng, index, sizes)
    for index in range(sizes.agents):
        yield agent_record(rng, index)
    for index in range(titles):
        yield title_record(rng, index, sizes)
        yield from holdings(rng, index, title_iri(index))


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("titles", type=int, help="number of titles")
    parser.add_argument("--out", default="-", help="file to write; - is standard output")
    parser.add_argument("--seed", type=int, default=1, help="another seed, other records")
    arguments = parser.parse_args()
    out = sys.stdout.buffer if arguments.out == "-" else open(arguments.out, "wb")
    with suppress(BrokenPipeError), out:  # a reader may have enough
        for record in records(arguments.titles, arguments.seed):
            out.write(orjson.dumps(record) + b"\n")


if __name__ == "__main__":
    main()
