"""How long linking takes, and how much memory, with as many agents as one likes.

Half of them have an ISNI and a VIAF id that an item has too, a tenth one of two, the rest nothing:
they are looked for by name. Archive, extract and index are made first, and kept with ``--folder``;
what is timed is what ``link`` does before it publishes, in one process: reading with
normalisation, the join with closure, and names.

    python -m benchmarks.link_scale --agents 1000000 --folder DIR
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import resource
import tempfile
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from benchmarks import link_cases as cases
from benchmarks.identifiers import record_identifier
from benchmarks.link_cases import Person
from benchmarks.words import FAMILY, GIVEN
from loader.archive.archive import Archive, Arrival, connect
from loader.link.entities.extraction import read_entities
from loader.link.extracts.extract_files import read_extract
from loader.link.extracts.link_database import Tables
from loader.link.matching.indexing import index_authorities
from loader.link.runs import STAGES
from loader.link.stages import find_links

_MOMENT = "2026-11-24T00:00:00Z"
_TOLD = 50_000


def people(count: int) -> Iterator[Person]:
    """Yield persons whose names and identifiers are spread as a catalogue's are."""
    chance = random.Random(count)
    for number in range(1, count + 1):
        family = chance.choice(FAMILY) + (f" {chance.choice(FAMILY)}" if number % 3 else "")
        name = f"{chance.choice(GIVEN)} {chance.choice(GIVEN)} {family}"
        born = chance.randrange(1750, 1995)
        digits = f"{number:015}"
        ids = {"libris": record_identifier("auth", number)}
        if number % 10 < 6:
            ids |= {"isni": digits + cases.check_digit(digits)}
        if number % 10 < 5:
            ids |= {"viaf": f"1{number:08}"}
        years = (born, born + 60 if born < 1960 else None)
        yield Person(str(number), f"Q{number}", name, years, ids)


def fill(archive: Archive, count: int) -> None:
    """Put the agents' records into an archive."""
    records = (cases.record(person) for person in people(count))
    with archive.transaction():
        source = archive.source("generated", "generated", _MOMENT)
    while page := list(islice(records, 5000)):
        arrivals = [
            Arrival(record["@graph"][0]["@id"], "jsonld", json.dumps(record).encode())
            for record in page
        ]
        with archive.transaction():
            archive.store(arrivals, source, _MOMENT)


def write_items(path: Path, count: int) -> None:
    """Write the items of agents as a dump, the tenth part of the agents left out."""
    with gzip.open(path, "wt", encoding="utf-8", compresslevel=1) as out:
        for person in people(count):
            if int(person.key) % 10 != 9:
                out.write(json.dumps(cases.item(person, ("libris",))) + "\n")


def memory() -> int:
    """Return the most memory that this process has had, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def quiet(count: int, note: str = "", /) -> None:
    pass


class Clock:
    """Prints how long each part took, on the wall and of a processor."""

    def __init__(self) -> None:
        self._start()
        self._done = 0

    def _start(self) -> None:
        self._wall, self._processor = time.monotonic(), time.process_time()

    def lap(self, what: str, count: int) -> tuple[float, float]:
        wall, processor = time.monotonic() - self._wall, time.process_time() - self._processor
        rate = count / max(processor, 0.001)
        print(
            f"{what}\t{wall:.1f} s\t{processor:.1f} s of processor\t{rate:,.0f} a second of it"
            f"\t{memory()} MB so far",
            flush=True,
        )
        self._start()
        return wall, processor

    def advance(self, count: int, note: str = "", /) -> None:
        """Print, every so often, how far a part has come."""
        former, self._done = self._done, self._done + count
        if self._done // _TOLD > former // _TOLD:
            processor = time.process_time() - self._processor
            print(f"({self._done:,}\t{processor:.1f} s of processor\t{memory()} MB", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--agents", type=int, default=1_000_000)
    parser.add_argument("--folder", type=Path, help="where what is made is kept, and found again")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        measure(arguments.folder or Path(folder), arguments.agents)


def measure(root: Path, count: int) -> None:
    """Make both sides, unless they are there, then time the stages."""
    root.mkdir(parents=True, exist_ok=True)
    archive = Archive(connect(root / "archive.sqlite"))
    tables = Tables(root / "links.sqlite")
    clock = Clock()
    if not (root / "made").exists():
        _make(archive, tables, root, count, clock)
    _link(archive, tables, count, clock)


def _make(archive: Archive, tables: Tables, root: Path, count: int, clock: Clock) -> None:
    fill(archive, count)
    write_items(root / "items.jsonl.gz", count)
    clock.lap("(making records and a dump", count)
    read_extract(tables, "wikidata", root / "items.jsonl.gz", quiet)
    clock.lap("extract: dump to tables", count)
    index_authorities(tables, quiet)
    clock.lap("extract: profiles and blocks", count)
    (root / "made").touch()


def _link(archive: Archive, tables: Tables, count: int, clock: Clock) -> None:
    read_entities(archive, tables, quiet)
    first = clock.lap("read and normalise", count)
    find_links(tables, {}, STAGES, clock.advance)
    second = clock.lap("join, closure and names", count)
    for stage, links in tables.connection.execute("SELECT stage, count(*) FROM found GROUP BY 1"):
        print(f"found\t{links} links by {stage}")
    (doubts,) = tables.connection.execute("SELECT count(*) FROM doubted").fetchone()
    print(
        f"found\t{doubts} doubts\nall\t{first[0] + second[0]:.1f} s of 900 s"
        f"\t{first[1] + second[1]:.1f} s of processor\t{memory()} MB of 2,048 MB"
    )


if __name__ == "__main__":
    main()
