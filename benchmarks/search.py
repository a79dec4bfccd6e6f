"""Search by name: 200 questions with known answers, and how long people who type wait.

Names are drawn from a release's own text index, persons, titles and headings, and asked for as
people write them: turned round, without å, ä and ö, with a letter missing, not to their end. An
answer is right if it is the thing, or one of exactly the same name. Then so many clients type
names, letter by letter, at a server. ``--persons`` publishes real names first, beside generated
titles.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import json
import random
import statistics
import subprocess
import sys
import threading
import time
import unicodedata
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import tantivy
from measure import Figure, memory, python, run, show

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from sparql_server.engine.text.index import TextIndex
from sparql_server.engine.text.storage.layout import Shown
from sparql_server.engine.text.things import Wanted

KBV = "https://id.kb.se/vocab/"
CLASSES = ("Person", "PhysicalResource", "Topic")
_LETTERS = 2  # typed before the first search


@dataclass(frozen=True)
class Question:
    """What is typed, in which way, and the thing that is meant."""

    typed: str
    way: str
    meant: Shown


def turned(name: str, _: random.Random) -> str:
    """Selma Lagerlöf for Lagerlöf, Selma; of a title, its last word first."""
    parts = name.replace(",", " ").split()
    return " ".join(parts[1:] + parts[:1] if "," in name else parts[-1:] + parts[:-1])


def plain(name: str, _: random.Random) -> str:
    folded = unicodedata.normalize("NFD", name.casefold())
    return "".join(letter for letter in folded if not unicodedata.combining(letter))


def without_a_letter(name: str, chance: random.Random) -> str:
    longest = max(name.replace(",", " ").split(), key=len)
    if len(longest) < 4:
        return name
    place = name.index(longest) + chance.randrange(1, len(longest) - 1)
    return name[:place] + name[place + 1 :]


def begun(name: str, _: random.Random) -> str:
    return name[: max(len(name) - 2, 4)]


WAYS: tuple[Callable[[str, random.Random], str], ...] = (
    lambda name, _: name,
    turned,
    plain,
    without_a_letter,
    begun,
)
NAMES = ("as it is", "turned", "plain", "a letter missing", "begun")


def things(index: TextIndex) -> Iterator[Shown]:
    """Yield the things of the classes that are asked for, with names of two words or more."""
    schema, searcher = index.index.schema, index.searcher
    for kind in CLASSES:
        query = tantivy.Query.term_query(schema, "class", KBV + kind, index_option="basic")
        for _, address in searcher.search(query, 1_000_000, count=False).hits:
            shown = Shown.unpack(bytes(searcher.doc(address).get_first("thing")))
            if len(shown.names[0].text) > 5:
                yield shown


def questions(index: TextIndex, count: int, seed: int) -> list[Question]:
    """Return questions: as many of each class and way."""
    chance = random.Random(seed)
    by_class: dict[str, list[Shown]] = {}
    for shown in things(index):
        by_class.setdefault(shown.kind, []).append(shown)
    found = []
    for number in range(count):
        meant = chance.choice(by_class[list(by_class)[number % len(by_class)]])
        way = number // len(by_class) % len(WAYS)
        found.append(Question(WAYS[way](meant.names[0].text, chance), NAMES[way], meant))
    return found


def is_right(hit: dict[str, object], meant: Shown) -> bool:
    return hit["iri"] == meant.iri or hit["label"] == meant.names[0].text


def precision(index: TextIndex, asked: list[Question], verbose: bool) -> list[Figure]:
    """Return how many questions are answered by the first hit, and by ten."""
    first, ten, times = Counter[str](), Counter[str](), []
    for question in asked:
        began = time.perf_counter()
        hits = index.search(Wanted(question.typed))["hits"]
        times.append((time.perf_counter() - began) * 1000)
        right = [is_right(hit, question.meant) for hit in hits]
        first[question.way] += bool(right and right[0])
        ten[question.way] += any(right)
        if verbose and not (right and right[0]):
            best = hits[0]["label"] if hits else "nothing"
            name = question.meant.names[0].text
            print(f"{question.way}: {question.typed!r} for {name!r}: {best}")
    asked_so = Counter(question.way for question in asked)
    figures = [
        Figure("right first", 100 * first.total() / len(asked), "%"),
        Figure("right among ten", 100 * ten.total() / len(asked), "%"),
    ]
    for way, count in asked_so.items():
        figures.append(Figure(f"  {way}: first", 100 * first[way] / count, "%"))
        figures.append(Figure(f"  {way}: among ten", 100 * ten[way] / count, "%"))
    figures.append(Figure("in the process: median", statistics.median(times), "ms"))
    figures.append(Figure("in the process: worst of 200", max(times), "ms"))
    return figures


def typing(data: Path, asked: list[Question], clients: int) -> list[Figure]:
    """Return how long answers take to clients that type at a server, letter by letter."""
    command = python("-m", "sparql_server.cli", "serve", "--data", data, "--port", "0")
    server = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    try:
        assert server.stderr
        line = next(line for line in server.stderr if "http://" in line)
        address = next(word for word in line.split() if word.startswith("http://")).rstrip("/")
        threading.Thread(target=server.stderr.read, daemon=True).start()
        times: list[float] = []
        costs = [cost(server.pid, address, asked, way) for way in ("new", "kept")]
        parts = [asked[number::clients] for number in range(clients)]
        threads = [
            threading.Thread(target=type_names, args=(address, part[:8], times)) for part in parts
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        ordered = sorted(times)
        return [
            Figure(f"{clients} type: median", statistics.median(ordered), "ms", "<= 10"),
            Figure(f"{clients} type: 95 of 100", ordered[len(ordered) * 95 // 100], "ms"),
            Figure(f"{clients} type: searches", len(ordered)),
            Figure("the server's processes", memory(server.pid) / 2**20, "MiB"),
            *costs,
        ]
    finally:
        server.terminate()
        server.wait()


def cost(pid: int, address: str, asked: list[Question], way: str) -> Figure:
    """Return what a search costs all processes of a server, each on a connection of its own."""
    before = processor_time(pid)
    for question in asked:
        urllib.request.urlopen(f"{address}/search?q={quote(question.typed)}").read()
    milliseconds = 1000 * (processor_time(pid) - before) / len(asked)
    return Figure(f"processor time for one that is {way}", milliseconds, "ms")


def processor_time(pid: int) -> float:
    """Return the seconds of processor time that a process and those it has begun have taken."""
    tasks = list(Path(f"/proc/{pid}/task").iterdir())
    own = sum(int((task / "schedstat").read_text().split()[0]) for task in tasks) / 1e9
    begun = (int(child) for task in tasks for child in (task / "children").read_text().split())
    return own + sum(map(processor_time, begun))


def type_names(address: str, part: list[Question], times: list[float]) -> None:
    """Search for each beginning of what is typed, five letters a second."""
    for question in part:
        for end in range(_LETTERS, len(question.typed) + 1):
            began = time.perf_counter()
            url = f"{address}/search?q={quote(question.typed[:end])}"
            with urllib.request.urlopen(url) as response:
                response.read()
            took = time.perf_counter() - began
            times.append(took * 1000)
            time.sleep(max(0.2 - took, 0))


def sizes(data: Path) -> list[Figure]:
    """Return what the manifest says of the index."""
    release = data / "current"
    manifest = json.loads((release / "manifest.json").read_bytes())
    size = sum(path.stat().st_size for path in (release / "text").iterdir())
    text, schema = manifest["parts"]["text"], manifest["parts"]["schema"]
    return [
        Figure("quads", manifest["quads"]),
        Figure("things", text["things"]),
        Figure("texts", text["texts"]),
        Figure("index", size / 2**20, "MiB"),
        Figure("index: made in", text["seconds"], "s"),
        Figure("schema: made in", schema["seconds"], "s"),
        Figure("schema", (release / "schema.json").stat().st_size / 1024, "KiB"),
    ]


def publish_persons(data: Path, persons: Path, titles: int) -> None:
    """Publish real persons beside generated titles and the sample."""
    records = data.with_suffix(".jsonl")
    run(python(Path(__file__).with_name("generate.py"), titles, "--out", records))
    names = data.with_suffix(".nt")
    with gzip.open(persons, "rt", encoding="utf-8") as table, open(names, "w") as out:
        for row in csv.DictReader(table):
            out.writelines(person(row))
    sample = Path(__file__).resolve().parents[1] / "loader" / "sample"
    run(python("-m", "loader.cli", "load", "--data", data, sample, records, names))
    run(python("-m", "loader.cli", "release", "--data", data))


def person(row: dict[str, str]) -> Iterator[str]:
    iri = f"<https://example.org/person/{row['key']}>"
    kind = f"<{KBV}Person>"
    yield f"{iri} <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> {kind} .\n"
    years = f"{row['birth']}-{row['death']}".strip("-")
    for name, column in (("familyName", "family"), ("givenName", "given"), ("name", "name")):
        if row[column]:
            yield f"{iri} <{KBV}{name}> {json.dumps(row[column])} .\n"
    if years:
        yield f"{iri} <{KBV}lifeSpan> {json.dumps(years)} .\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, help="data directory with a release")
    parser.add_argument("--persons", type=Path, help="CSV of real persons to publish there first")
    parser.add_argument("--titles", type=int, default=2000, help="generated beside them")
    parser.add_argument("--questions", type=int, default=200)
    parser.add_argument("--clients", type=int, default=11)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--verbose", action="store_true", help="print what isn't right first")
    parser.add_argument("--json", type=Path)
    chosen = parser.parse_args()
    if chosen.persons and not chosen.data.exists():
        publish_persons(chosen.data, chosen.persons, chosen.titles)
    index = TextIndex(chosen.data / "current")
    asked = questions(index, chosen.questions, chosen.seed)
    figures = sizes(chosen.data) + precision(index, asked, chosen.verbose)
    show(figures + typing(chosen.data, asked, chosen.clients), chosen.json)


if __name__ == "__main__":
    main()
