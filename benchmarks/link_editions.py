"""How well editions and works are found: records of Libris, and items made of what they say.

Nobody's data has the items of Libris' editions beside the records, so items are made of records:
titles, authors, spellings of numbers, qualifiers and shared numbers are Libris' own, what Wikidata
would have of them is supposed. Every fifth record has no item.

- editions: an item has the number in its other form (ISBN-10 for 13, hyphens), and the title. Every
  tenth has a wrong title, as a number typed wrongly has; every twentieth carries the number of
  another record too, as items of a work do that mix editions up.
- works: a record of each title with its author, who has an item by an identifier. Items have the
  title with or without its subtitle; beside each stand a work of the title by somebody else, and
  another work of the author.

    python -m benchmarks.link_editions --records ../shared/libris/records/converted.jsonl.gz
"""

from __future__ import annotations

import argparse
import gzip
import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from benchmarks.link_cases import WIKIDATA, check_digit
from benchmarks.link_records import Json
from benchmarks.link_world import counted, precision, recall, resolve, say, shown
from loader.link.identifiers import check_digits

EDITION, NOVEL = "Q3331189", "Q7725634"


def read_instances(path: Path) -> list[Json]:
    """Return the records of instances."""
    with gzip.open(path, "rt", encoding="utf-8") as stream:
        records = [json.loads(line) for line in stream]
    return [record for record in records if "instanceOf" in record["@graph"][1]]


def editions(records: Sequence[Json]) -> tuple[list[Json], list[Json], dict[str, str]]:
    """Return records with a number, items, and by record the right item; empty without one."""
    known = [(record, number) for record in records if (number := _find_number(record))]
    bearers = Counter(number for _, number in known)
    items, truth = [], {}
    for place, (record, (by, number)) in enumerate(known):
        thing = record["@graph"][1]
        qid = f"Q7{place:06}"
        is_mixed, is_wrong = place % 20 == 7, place % 10 == 3
        if place % 5:
            numbers = {by: [_respell(number)], "P31": [EDITION]}
            if is_mixed:
                other_by, other = known[place - 2][1]
                numbers[other_by] = [*numbers.get(other_by, ()), other]
            items.append(_item(qid, "Något helt annat" if is_wrong else _title(thing), numbers))
        is_right = place % 5 and not is_wrong and bearers[by, number] == 1
        truth[thing["@id"]] = WIKIDATA + qid if is_right else ""
    for place in range(7, len(known), 20):
        # Whoever has a number of a mixed item can't tell which of two it is.
        for record, _ in (known[place], known[place - 2]):
            truth[record["@graph"][1]["@id"]] = ""
    return [record for record, _ in known], items, truth


def _find_number(record: Json) -> tuple[str, str] | None:
    """Return property and value of the first number of an instance that can be read."""
    for node in record["@graph"][1].get("identifiedBy", ()):
        value = node.get("value")
        if isinstance(value, str):
            if node.get("@type") == "ISBN" and (isbn := check_digits.isbn(value)):
                return "P212", isbn
            if node.get("@type") == "ISSN" and (issn := check_digits.issn(value)):
                return "P236", issn
    return None


def _respell(number: str) -> str:
    """Return a number with hyphens, which stand anywhere in Wikidata."""
    return number if "-" in number else f"{number[:3]}-{number[3:5]}-{number[5:12]}-{number[12]}"


def _title(thing: Json) -> str:
    return str(thing["hasTitle"][0]["mainTitle"])


def _item(qid: str, label: str, values: dict[str, list[str]]) -> Json:
    claims = {
        by: [
            {
                "rank": "normal",
                "mainsnak": {"datavalue": {"value": {"id": value} if by in _ITEMS else value}},
            }
            for value in several
        ]
        for by, several in values.items()
    }
    labels = {"sv": {"language": "sv", "value": label}}
    return {"id": qid, "type": "item", "labels": labels, "claims": claims}


_ITEMS = frozenset(("P31", "P50"))


def works(records: Sequence[Json]) -> tuple[list[Json], list[Json], dict[str, str]]:
    """Return records of works and their authors, items, and by work the right item."""
    made, items, truth = [], [], {}
    titled = [record for record in records if record["@graph"][1].get("hasTitle")]
    for place, record in enumerate(titled):
        author, iri = f"https://libris.kb.se/author{place:09}#it", f"w{place:014}"
        title = record["@graph"][1]["hasTitle"][0]
        isni = f"{place:015}"
        isni += check_digit(isni)
        made += [_author(author, place, isni), _work(iri, author, title)]
        items.append(_item(f"Q8{place:06}", f"Person {place}", {"P31": ["Q5"], "P213": [isni]}))
        label = str(title["mainTitle"])
        if place % 3 == 0 and isinstance(title.get("subtitle"), str):
            label = f"{label}: {title['subtitle']}"
        written = {"P31": [NOVEL], "P50": [f"Q8{place:06}"]}
        if place % 5:
            items.append(_item(f"Q81{place:06}", label, written))
        items.append(
            _item(
                f"Q82{place:06}", label, written | {"P50": [f"Q8{(place + 50) % len(titled):06}"]}
            )
        )
        items.append(_item(f"Q83{place:06}", f"{label} igen", written))
        right = f"{WIKIDATA}Q81{place:06}" if place % 5 else ""
        truth[f"https://libris.kb.se/{iri}#it"] = right
    return made, items, truth


def _author(iri: str, place: int, isni: str) -> Json:
    ids = [{"@type": "ISNI", "value": isni}]
    thing = {"@id": iri, "@type": "Person", "name": f"Person {place}", "identifiedBy": ids}
    return {"@graph": [{"@id": iri[:-3], "mainEntity": {"@id": iri}}, thing]}


def _work(name: str, author: str, title: Json) -> Json:
    iri = f"https://libris.kb.se/{name}"
    by = [{"@type": "PrimaryContribution", "agent": {"@id": author}}]
    thing = {"@id": f"{iri}#it", "@type": "Text", "hasTitle": [title], "contribution": by}
    return {"@graph": [{"@id": iri, "mainEntity": {"@id": f"{iri}#it"}}, thing]}


def measure(path: Path) -> None:
    """Print how well editions and works are found."""
    records = read_instances(path)
    for title, (made, items, truth) in {
        "editions by number": editions(records),
        "works by author and title": works(records),
    }.items():
        outcome = resolve(made, [("wikidata", "items.jsonl", items)])
        counts = counted(outcome, truth)
        say(title, "precision", precision(counts), ">= 0.99")
        say(title, "recall, linked", recall(counts))
        with_review = shown(counts["right"] + counts["in review"], counts["findable"])
        say(title, "recall, linked or in review", with_review)
        nil = shown(counts["nil linked"], counts["nil"])
        say(title, "false links without an item", nil)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=Path, required=True, help="records, a line each (.gz)")
    measure(parser.parse_args().records)


if __name__ == "__main__":
    main()
