"""Write any number of records of the shapes that Libris has, with a realistic spread.

python benchmarks/generate.py 30000 --out records.jsonl
"""

from __future__ import annotations

import argparse
import random
import sys
from collections.abc import Iterator

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
    with out:
        for record in records(arguments.titles, arguments.seed):
            out.write(orjson.dumps(record) + b"\n")


if __name__ == "__main__":
    main()
