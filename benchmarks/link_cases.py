"""Cases to evaluate links on: persons on either side and who is who, from labelled pairs."""

from __future__ import annotations

import csv
import gzip
import json
import random
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

# Libris ids of records newer than the numbers of before 2018, for persons with no known id.
_ALPHABET = "0123456789bcdfghjklmnpqrstvwxz"
WIKIDATA = "http://www.wikidata.org/entity/"
PROPERTIES = {
    "libris": "P5587",
    "selibr": "P906",
    "lccn": "P244",
    "isni": "P213",
    "viaf": "P214",
    "gnd": "P227",
}
_IN_RECORD = {"isni": "ISNI", "viaf": "VIAF", "gnd": "GND"}


@dataclass(frozen=True)
class Person:
    """Somebody with a record and an item. years: of birth and death, None if unknown.

    name: natural order. ids: kind to value, as in PROPERTIES. item: Wikidata's JSON, if it is
    not to be made of the rest.
    """

    key: str
    qid: str
    name: str
    years: tuple[int | None, int | None] = (None, None)
    ids: dict[str, str] = field(default_factory=dict)
    item: dict[str, Any] | None = None
    kind: str = "Person"

    @property
    def dated(self) -> str:
        """Which years are known."""
        return {0: "no year", 1: "one year", 2: "both years"}[
            sum(year is not None for year in self.years)
        ]


def record(person: Person, hidden: Iterable[str] = (), name: str | None = None) -> dict[str, Any]:
    """Return a person's Libris record without the hidden identifiers."""
    family, given = split(name or person.name)
    thing: dict[str, Any] = {"@id": iri(person), "@type": person.kind}
    thing |= {"familyName": family, "givenName": given} if given else {"name": family}
    if any(person.years):
        thing["lifeSpan"] = "-".join(str(year) if year else "" for year in person.years)
    shown = {kind: value for kind, value in person.ids.items() if kind not in hidden}
    thing["identifiedBy"] = [
        {"@type": _IN_RECORD[kind], "value": value}
        for kind, value in shown.items()
        if kind in _IN_RECORD
    ]
    if "lccn" in shown:
        thing["marc:recordControlNumber"] = [f"(DLC){shown['lccn']}"]
    about = {"@id": iri(person)[:-3], "@type": "Record", "mainEntity": {"@id": iri(person)}}
    return {"@graph": [about, thing]}


def iri(person: Person) -> str:
    """Return what Libris calls a person: by the id that is known, or by one made up."""
    if known := person.ids.get("libris"):
        return f"https://libris.kb.se/{known}#it"
    chance = random.Random(person.key)
    return f"https://libris.kb.se/{''.join(chance.choices(_ALPHABET, k=16))}#it"


def split(name: str) -> tuple[str, str]:
    given, _, family = name.rpartition(" ")
    return family, given


def item(person: Person, hidden: Iterable[str] = ()) -> dict[str, Any]:
    """Return a person's item without the hidden identifiers."""
    if person.item is not None:
        gone = {PROPERTIES[kind] for kind in hidden}
        claims = {
            by: statements for by, statements in person.item["claims"].items() if by not in gone
        }
        return {**person.item, "claims": claims}
    claims = {
        PROPERTIES[kind]: [_statement(value)]
        for kind, value in person.ids.items()
        if kind not in hidden
    }
    claims["P31"] = [_statement({"id": "Q5"})]
    for by, year in zip(("P569", "P570"), person.years, strict=True):
        if year is not None:
            claims[by] = [_statement({"time": f"+{year:04}-01-01T00:00:00Z", "precision": 9})]
    labels = {"sv": {"language": "sv", "value": person.name}}
    return {"id": person.qid, "type": "item", "labels": labels, "claims": claims}


def _statement(value: object) -> dict[str, Any]:
    return {"rank": "normal", "mainsnak": {"datavalue": {"value": value}}}


def labelled(folder: Path) -> list[Person]:
    """Return the persons of the reference data that have an item."""
    found = [*_nordic(folder / "nordic_persons.csv"), *_full(folder / "persons_full_links.csv")]
    found += _items(folder / "wikidata_entities.jsonl.gz")
    by_item: dict[str, Person] = {}
    for person in found:
        # What is in several files has the most in the last, which is Wikidata's own.
        by_item[person.qid] = person
    return list(by_item.values())


def _nordic(path: Path) -> Iterator[Person]:
    for row in csv.DictReader(path.read_text(encoding="utf-8").splitlines()):
        ids = {kind: row[kind] for kind in ("selibr", "viaf", "isni", "lccn") if row[kind]}
        known = row["libris_uri"].rpartition("/")[2]
        if row["wikidata"]:
            yield Person(
                known or row["name"],
                row["wikidata"],
                " ".join(row["name"].split()),
                _years(row["lifespan"]),
                {**ids, **({"libris": known} if known else {})},
            )


def _full(path: Path) -> Iterator[Person]:
    for row in csv.DictReader(path.read_text(encoding="utf-8").splitlines()):
        heading = re.fullmatch(r"([^,]+), ([^,]+), (\d{4})-(\d{4})\.?", row["label"])
        if heading and row["wikidata"]:
            ids = {kind: row[kind] for kind in ("selibr", "viaf", "lccn", "isni") if row[kind]}
            ids = {kind: value for kind, value in ids.items() if "|" not in value}
            ids["libris"] = row["libris_xl"] or row["libris_xl_computed"]
            years = (int(heading[3]), int(heading[4]))
            name = f"{heading[2]} {heading[1]}"
            yield Person(ids["libris"], row["wikidata"], name, years, ids)


def entities(path: Path) -> list[dict[str, Any]]:
    """Return the items of the reference data."""
    return [json.loads(line) for line in gzip.decompress(path.read_bytes()).splitlines()]


def _items(path: Path) -> Iterator[Person]:
    for entity in entities(path):
        claims = entity["claims"]
        if "Q5" in {value["id"] for value in _values(claims.get("P31", []))}:
            ids = {
                kind: values[0]
                for kind, by in PROPERTIES.items()
                if (values := _values(claims.get(by, [])))
            }
            labels = entity["labels"]
            name = (labels.get("sv") or labels["en"])["value"]
            years = (_year(claims.get("P569", [])), _year(claims.get("P570", [])))
            yield Person(entity["id"], entity["id"], name, years, ids, entity)


def _values(statements: list[dict[str, Any]]) -> list[Any]:
    snaks = (statement["mainsnak"] for statement in statements)
    return [snak["datavalue"]["value"] for snak in snaks if "datavalue" in snak]


def _year(statements: list[dict[str, Any]]) -> int | None:
    times = [int(value["time"][:5]) for value in _values(statements)]
    return times[0] if times else None


def _years(text: str) -> tuple[int | None, int | None]:
    found = re.fullmatch(r"(\d{4})?-(\d{4})?", text)
    if not found:
        return None, None
    return (int(found[1]) if found[1] else None, int(found[2]) if found[2] else None)


def check_digit(digits: str) -> str:
    """Return the check character of an ISNI (ISO 7064 MOD 11-2)."""
    total = 0
    for digit in digits:
        total = (total + int(digit)) * 2
    return "0123456789X"[(12 - total % 11) % 11]


def quoted(label: str) -> str:
    """Return a label as it stands in the address of LC's label service."""
    return quote(label, safe="")
