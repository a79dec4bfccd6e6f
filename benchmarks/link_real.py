"""Real persons with real items, as cases to fit names to and to measure them on.

A case is a person's record as a library wrote it, the years it shows, and the item that is right;
empty if there is none, or if it was left out.
"""

from __future__ import annotations

import csv
import gzip
import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.link_cases import WIKIDATA
from loader.link.names.keys import fold, sort_words

Row = Mapping[str, str]
MODES = ("both", "birth", "none")


@dataclass(frozen=True)
class Case:
    """iri: of the record. thing: its main entity. right: the item. set, form, shown: strata."""

    iri: str
    thing: dict[str, Any]
    right: str
    set: str
    form: str
    shown: str
    left_out: str
    item: Row | None

    @property
    def key(self) -> str:
        """What a person is told by when cases are split."""
        return self.left_out or self.right or self.iri

    def part(self, parts: int) -> int:
        """Return which of so many parts the person is of."""
        return hashlib.blake2b(self.key.encode(), digest_size=2).digest()[0] % parts

    @property
    def record(self) -> dict[str, Any]:
        about = {"@id": self.iri[:-3], "@type": "Record", "mainEntity": {"@id": self.iri}}
        return {"@graph": [about, self.thing]}


def read(path: Path) -> list[dict[str, str]]:
    with gzip.open(path, "rt", encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def read_cases(folder: Path) -> list[Case]:
    """Return the cases of a folder with ``persons``, ``items`` and ``cases``."""
    persons = {row["key"]: row for row in read(folder / "persons.csv.gz")}
    items = {row["qid"]: row for row in read(folder / "items.csv.gz")}
    found = []
    for row in read(folder / "cases.csv.gz"):
        thing = _thing(row, persons[row["key"]])
        left_out = row["truth"] if row["truth"] and not row["right"] else ""
        shown = {2: "both", 1: "one", 0: "none"}[bool(row["birth"]) + bool(row["death"])]
        item = items.get(row["right"])
        right = WIKIDATA + row["right"] if row["right"] else ""
        found.append(Case(row["iri"], thing, right, row["set"], row["form"], shown, left_out, item))
    return found


def _thing(row: Row, person: Row) -> dict[str, Any]:
    thing: dict[str, Any] = {"@id": row["iri"], "@type": "Person"}
    if row["form"] == "as-heading":
        thing |= _heading(person)
    else:
        given, _, family = row["name"].rpartition(" ")
        thing |= {"familyName": family, "givenName": given} if given else {"name": family}
    if row["birth"] or row["death"]:
        thing["lifeSpan"] = f"{row['birth']}-{row['death']}"
    variants = [_variant(name) for name in person["variants"].split("|") if name]
    return thing | ({"hasVariant": variants} if variants else {})


def _heading(person: Row) -> dict[str, Any]:
    named = {"familyName": person["family"], "givenName": person["given"], "name": person["name"]}
    named |= {"marc:numeration": person["numeration"]}
    named |= {"marc:titlesAndOtherWordsAssociatedWithAName": person["titles"]}
    return {key: value for key, value in named.items() if value}


def _variant(name: str) -> dict[str, Any]:
    family, comma, given = name.partition(", ")
    parts = {"familyName": family, "givenName": given} if comma else {"name": name}
    return {"@type": "Person", **parts}


def read_items(folder: Path) -> list[dict[str, str]]:
    return read(folder / "items.csv.gz")


def item(row: Row) -> dict[str, Any]:
    """Return an item as Wikidata's JSON has it."""
    claims: dict[str, Any] = {"P31": [_statement({"id": row["kind"]})]}
    for by, text in (("P569", row["birth"]), ("P570", row["death"])):
        if text:
            year, _, rest = text.partition("-")
            time = f"+{int(year):04}-{rest or '00-00'}T00:00:00Z"
            claims[by] = [_statement({"time": time, "precision": 11 if rest else 9})]
    names = [name for name in row["aliases"].split("|") if name]
    language = row["lang"]
    return {
        "id": row["qid"],
        "type": "item",
        "labels": {language: {"language": language, "value": row["label"]}},
        "aliases": {language: [{"language": language, "value": name} for name in names]},
        "claims": claims,
    }


def _statement(value: object) -> dict[str, Any]:
    return {"rank": "normal", "mainsnak": {"datavalue": {"value": value}}}


def hard_namesakes(items: Iterable[Row], mode: str) -> Iterator[Case]:
    """Yield persons without an item, made of items whose label others go by, born or dead apart.

    Namesakes that may be the same person, as items of two files often are, are left alone.
    mode: which years their records show.
    """
    by_name: dict[str, dict[str, Row]] = defaultdict(dict)
    rows = list(items)
    for row in rows:
        for name in (row["label"], *row["aliases"].split("|")):
            by_name[sort_words(fold(name))][row["qid"]] = row
    for number, row in enumerate(rows):
        others = [
            other
            for other in by_name[sort_words(fold(row["label"]))].values()
            if other["qid"] != row["qid"]
        ]
        if others and not any(_may_be_same(row, other) for other in others):
            yield _hard(row, number, mode)


def _may_be_same(one: Row, other: Row) -> bool:
    years = [(one[by][:4], other[by][:4]) for by in ("birth", "death")]
    return not any(a and b and abs(int(a) - int(b)) > 1 for a, b in years)


def _hard(row: Row, number: int, mode: str) -> Case:
    iri = f"https://libris.kb.se/hard{mode}{number}#it"
    given, _, family = row["label"].rpartition(" ")
    thing: dict[str, Any] = {"@id": iri, "@type": "Person"}
    thing |= {"familyName": family, "givenName": given} if given else {"name": family}
    born, died = row["birth"][:4], row["death"][:4]
    span = {"both": f"{born}-{died}", "birth": f"{born}-", "none": ""}[mode]
    if span.strip("-"):
        thing["lifeSpan"] = span
    return Case(iri, thing, "", "hard", mode, mode, row["qid"], None)
