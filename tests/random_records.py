"""Records as nobody should send them: real-shaped ones with any kind of value at any place.

``python -m tests.random_records 100000`` tries so many and prints what became of them; the suite
tries a few hundred. Each mutation carries a word of its own, so that whatever the loader makes of
it can be judged without reading JSON-LD: the word is in the store, or in what was reported.
"""

from __future__ import annotations

import json
import random
import re
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson
import pyoxigraph as ox

from loader import files, pipeline
from loader.context import IGNORED
from loader.ledger import Ledger
from loader.store import GraphStore
from loader.verify import breaches
from loader.workspace import Workspace
from tests.shared import SHARED, real_records

SAMPLE = Path(__file__).parents[1] / "loader" / "sample" / "records.jsonl"
BATCH = 500  # records to a data directory

KEYWORDS = [
    "@id",
    "@type",
    "@value",
    "@language",
    "@list",
    "@set",
    "@graph",
    "@context",
    "@reverse",
    "@included",
    "@nest",
    "@index",
    "@direction",
    "@json",
    "@none",
    "@vocab",
    "@base",
    "@import",
    "@foo",
    "@Type",
]
TERMS = [
    "label",
    "labelByLang",
    "mainTitle",
    "created",
    "encodingLevel",
    "marc:typeOfDate",
    "hasPartList",
    "uri",
    "birthYear",
    "termComponentList",
    "dimensionChain",
    "sliceByDimension",
    "_categoryByCollection",
    "datasetClass",
    "inverseOfTerm",
    "_note",
    "highlight",
    "subject",
    "mainEntity",
    "meta",
    "sameAs",
    "exactMatch",
]


_LIBRIS = re.compile(r"https?://(libris|id)\.kb\.se[/>]")


def texts(word: str) -> list[str]:
    """Return strings that are hard on somebody, each with the word in it."""
    return [
        word,
        f"{word} b",
        f"http://example.org/{word}",
        f"http://example.org/{word} b",
        f"http://example.org/{word}> <http://evil.example/p> <http://evil.example/o",
        f'http://example.org/t> <http://evil.example/g> .\n<urn:s> <http://evil.example/p> "{word}',
        f'sv" . <urn:s> <http://evil.example/p> "{word}"',
        f"_:{word}",
        f"_:{word} b",
        f"_:{word}> <urn:x",
        f"@{word}",
        f"marc:{word}",
        f"marc:{word} b",
        f"urn:{word}",
        f"https://libris.kb.se/other{word}#it",
        f"{word}_SE",
        f"x-{word[:8]}",
        f"\x00{word}\x1f\x7f",
        f"{word}\\u0000\\",
        f"{word}\ufffe\uffff\ue000😀\u2028",
        f"http://example.org/{word}%zz#a#b[",
        f"//{word}",
        f"?{word}#",
        f"{word}:",
        f":{word}",
        word * 200,
    ]


def scalars(word: str, choose: random.Random) -> list[Any]:
    """Return values that are no objects, most with the word in them."""
    return [
        *(choose.choice(texts(word)) for _ in range(8)),
        "",
        None,
        True,
        choose.choice([0, -0.0, 1.5, 10**18, 1e308, 1e21, 2**63, -1]),
    ]


def value(word: str, choose: random.Random, depth: int = 0) -> Any:
    """Return any kind of value."""
    kind = choose.randrange(10 if depth < 3 else 5)
    if kind < 5:
        return choose.choice(scalars(word, choose))
    if kind < 7:
        return [value(word, choose, depth + 1) for _ in range(choose.randrange(4))]
    if kind == 7:
        return choose.choice(typical(word, choose))
    return {
        choose.choice([key(word, choose), choose.choice(KEYWORDS)]): value(word, choose, depth + 1)
        for _ in range(choose.randrange(1, 4))
    }


def typical(word: str, choose: random.Random) -> list[Any]:
    """Return objects that mean something in JSON-LD, with a text of any kind in them."""
    text = choose.choice(texts(word))
    return [
        {"@value": "1", "@type": text},
        {"@value": word, "@type": choose.choice(KEYWORDS)},
        {"@value": word, "@language": text},
        {"@value": text, "@language": "sv"},
        {"@value": word, "@language": "sv", "@direction": "rtl"},
        {"@value": {"a": text}, "@type": "@json"},
        {"@id": text},
        {"@id": text, "label": word},
        {"@type": text, "label": word},
        {"@list": [text, None, word]},
        {"@set": [[text], {"@id": text}]},
        {"@reverse": {"subject": {"@id": text}}},
        {"@included": [{"@id": text, "label": word}]},
        {"@graph": [{"@id": text, "label": word}]},
        {"@id": text, "@graph": [{"@id": text, "label": word}]},
        {"@nest": {"label": text}},
        {"@context": {"label": text}, "label": word},
        {"@context": text, "label": word},
        {"labelByLang": {text: word}},
        {"labelByLang": {"sv": [word, None], "@none": text}},
        {text: word},
        nested(word, choose.choice([5, 120, 250, 300, 900])),
    ]


def nested(word: str, depth: int) -> Any:
    inner: Any = word
    for _ in range(depth):
        inner = {"part": inner}
    return inner


def key(word: str, choose: random.Random) -> str:
    return choose.choice([choose.choice(TERMS), choose.choice(texts(word)), ""])


def places(node: Any) -> list[tuple[Any, Any]]:
    """Return each container in a JSON value with each key or index in it."""
    found: list[tuple[Any, Any]] = []
    waiting = [node]
    while waiting:
        container = waiting.pop()
        members = container if isinstance(container, dict) else range(len(container))
        found += [(container, place) for place in members]
        inside = [container[place] for place in members]
        waiting += [inner for inner in inside if isinstance(inner, dict | list)]
    return found


def mutated(record: Any, word: str, choose: random.Random) -> str:
    """Return a record as JSON, spoilt in one to three places."""
    for _ in range(choose.randrange(1, 4)):
        container, place = choose.choice(places(record))
        if isinstance(container, dict) and choose.random() < 0.5:
            place = choose.choice([key(word, choose), choose.choice(KEYWORDS)])
        container[place] = value(word, choose)
    with recursion(2000):
        text = json.dumps(record, ensure_ascii=choose.random() < 0.5)
    return spoilt(text, choose)


@contextmanager
def recursion(limit: int) -> Iterator[None]:
    """Let Python's JSON writer go deeper, within the block."""
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(limit)
    yield
    sys.setrecursionlimit(before)


def spoilt(text: str, choose: random.Random) -> str:
    """Return JSON, once in a while not JSON any more, or with a key twice."""
    if choose.random() < 0.95:
        return text
    place = choose.randrange(len(text))
    insert = choose.choice(["1e400", "NaN", "\\ud800", "\x00", '"label":"x","label":"y",', "}", ""])
    return (text[:place] + insert + text[place:]).replace("\n", " ").replace("\r", " ")


@dataclass
class Tried:
    """What became of random records. faults: sentences; there should be none."""

    records: int = 0
    stored: int = 0
    quarantined: int = 0
    unreadable: int = 0
    with_losses: int = 0
    repaired: int = 0
    quads: int = 0
    faults: list[str] = field(default_factory=list)


def models() -> list[Any]:
    records = [json.loads(line) for line in SAMPLE.read_text(encoding="utf-8").splitlines()]
    return [*records, *(real_records() if SHARED.exists() else [])]


def made(number: int, model: Any, choose: random.Random) -> tuple[str, str, str]:
    """Return a random record: its identifier, its word, and the line that has it."""
    text = json.dumps(model)
    (old,) = [node["@id"] for node in model["@graph"][:1]]
    identifier, word = f"https://libris.kb.se/rr{number}", f"Zq{number}qZ"
    record = json.loads(text.replace(f'"{old}', f'"{identifier}'))
    return identifier, word, mutated(record, word, choose)


def attempt(folder: Path, seed: int, count: int, sources: list[Any]) -> Tried:
    """Load random records, clean ones among them, and judge what became of each."""
    choose = random.Random(seed)
    records = [
        made(seed * BATCH + number, choose.choice(sources), choose) for number in range(count)
    ]
    path = folder / "records.jsonl"
    path.write_bytes(b"".join(line.encode("utf-8", "replace") + b"\n" for _, _, line in records))
    workspace = Workspace(folder / "data")
    if seed % 2:  # into a store that there is already, document by document
        clean = folder / "clean.jsonl"
        clean.write_text(
            json.dumps(
                {
                    "@graph": [
                        {
                            "@id": "https://libris.kb.se/clean",
                            "mainEntity": {"@id": "https://libris.kb.se/clean#it"},
                        },
                        {"@id": "https://libris.kb.se/clean#it", "label": "x"},
                    ]
                }
            )
        )
        pipeline.load(workspace, files.find([clean]), None)
    report = pipeline.load(workspace, files.find([path]), None)
    tried = Tried(count, 0, report.quarantined, report.unreadable)
    _judge(workspace, records, report, tried)
    return tried


def _judge(
    workspace: Workspace,
    records: list[tuple[str, str, str]],
    report: pipeline.Report,
    tried: Tried,
) -> None:
    with pipeline.opened(workspace, "test") as archive:
        store = GraphStore(workspace.store)
        tried.faults += [f"verify: {breach}" for breach in breaches(archive, store, lambda _: None)]
        ledger = Ledger(archive.connection)
        counts = archive.counts()
        reported = Counter(
            one["identifier"] for one in ledger.problems() if one["kind"] == "dropped"
        )
        tried.repaired = sum(one["kind"] == "repaired" for one in ledger.problems())
        quarantined = {one.identifier for one in archive.quarantined()}
    del store
    tried.with_losses = len(reported)
    tried.stored = counts["in store"]
    if counts["received"] != counts["in store"] + counts["quarantined"]:
        tried.faults.append(f"accounts: {counts}")
    if report.received + report.unreadable != len(records):
        tried.faults.append(f"{len(records)} lines, {report}")
    text = _dump(workspace, tried)
    for number, (identifier, word, line) in enumerate(records, 1):
        lost = word in line and word not in text
        known = identifier in reported or identifier in quarantined
        if lost and not known and f"records.jsonl:{number}" not in quarantined:
            if not _is_left_out(orjson.loads(line), word):
                tried.faults.append(f"lost {word}: {line[:3000]}")


def _dump(workspace: Workspace, tried: Tried) -> str:
    """Return the store as N-Quads, and note what a strict parser doesn't take."""
    store = ox.Store.read_only(str(workspace.store))
    dumped = store.dump(format=ox.RdfFormat.N_QUADS) or b""
    try:
        quads = list(ox.parse(dumped, ox.RdfFormat.N_QUADS))
    except (SyntaxError, ValueError) as error:
        tried.faults.append(f"no N-Quads: {error}")
        return dumped.decode()
    if len(quads) != len(store):
        tried.faults.append(f"{len(store)} quads in the store, {len(quads)} in its dump")
    evil = ("http://evil.example/p", "http://evil.example/g", "http://evil.example/o")
    for quad in quads:
        if {str(term)[1:-1] for term in (quad.predicate, quad.object, quad.graph_name)} & {*evil}:
            tried.faults.append(f"injected: {quad}")
    tried.quads = len(quads)
    return dumped.decode()


def _is_left_out(record: Any, word: str) -> bool:
    """Tell whether all that has the word stands where it means nothing, or is said elsewhere.

    A blank node's label is no text. What describes a thing with a Libris record of its own is left to that record; terms that
    Libris says are no data are left out; a list's null and an index are none either.
    """
    waiting = [record]
    while waiting:
        inner = waiting.pop()
        if isinstance(inner, list):
            waiting += inner
        elif isinstance(inner, dict):
            about = inner.get("@id")
            own = isinstance(about, str) and "/rr" in about
            if isinstance(about, str) and _LIBRIS.match(about) and not own:
                continue
            for name, said in inner.items():
                if name in IGNORED or name in ("@context",) and inner is record:
                    continue
                if name in ("sliceByDimension", "_categoryByCollection") and isinstance(said, dict):
                    said = list(said.values())
                if word in name and said not in (None, [], {}):
                    return False
                waiting.append(said)
        elif isinstance(inner, str) and word in inner and not inner.startswith("_:"):
            return False
    return True


def main(count: int) -> int:
    start, sources, total = time.monotonic(), models(), Tried()
    for seed in range(-(-count // BATCH)):
        with tempfile.TemporaryDirectory() as folder:
            tried = attempt(Path(folder), seed, min(BATCH, count - seed * BATCH), sources)
        for name, figure in vars(tried).items():
            setattr(total, name, getattr(total, name) + figure)
        for fault in tried.faults:
            print(f"{seed}: {fault}", flush=True)
    figures = {name: figure for name, figure in vars(total).items() if name != "faults"}
    print(json.dumps(figures), f"{len(total.faults)} faults, {time.monotonic() - start:.0f} s")
    return min(1, len(total.faults))


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1])))
