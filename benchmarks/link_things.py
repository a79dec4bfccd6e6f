"""How well organizations, places and subjects are found by name: real ones, identifiers hidden.

- subjects: LCSH headings as Libris' cataloguers wrote them, among Wikidata's items; the concept
  that an item names (P244) says which heading is right, and is hidden. Nearly all headings have
  no item there, so that these tell above all how often a link is false.
- organizations: names as OpenStreetMap has them, with the items that its editors found
  (https://github.com/osmlab/name-suggestion-index, ``npm pack name-suggestion-index``), against the
  items' own labels. Every fifth item is left out.
- places: countries and states as Libris calls them, against Wikidata's labels in twenty-six
  languages that Natural Earth has (``ne_10m_admin_0_countries.dbf``,
  https://www.naturalearthdata.com); what Natural Earth lacks has no item.

    python -m benchmarks.link_things --reference DIR --organizations DIR --places FILE
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
import re
import struct
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from benchmarks import link_cases as cases
from benchmarks.link_cases import WIKIDATA
from benchmarks.link_world import counted, precision, recall, resolve, say, shown

ROUNDS = 5  # every fifth item is left out
_BY_TREE = {"brands": "brand", "operators": "operator", "transit": "network"}
_COUNTRY = re.compile(
    r"<(https://id\.kb\.se/country/\w+)> <https://id\.kb\.se/vocab/(prefLabel|exactMatch)>"
    r' (?:"(.*?)"@sv|<(.*?)>)'
)

Json = dict[str, Any]


def record(number: int, thing: Json, name: str, others: Iterable[str] = ()) -> Json:
    """Return a record of a thing with a name, and variants of it."""
    iri = f"https://libris.kb.se/thing{number:012}"
    key = "name" if thing["@type"] == "Organization" else "prefLabel"
    variants = [{"@type": thing["@type"], key: other} for other in others if other != name]
    described = {"@id": f"{iri}#it", key: name, "hasVariant": variants} | thing
    about = {"@id": iri, "@type": "Record", "mainEntity": {"@id": described["@id"]}}
    return {"@graph": [about, described]}


def item(qid: str, labels: dict[str, str], kind: str = "") -> Json:
    """Return an item as Wikidata's JSON has it. labels: by language. kind: what it is a P31 of."""
    statement = {"rank": "normal", "mainsnak": {"datavalue": {"value": {"id": kind}}}}
    named = {language: {"language": language, "value": name} for language, name in labels.items()}
    claims = {"P31": [statement]} if kind else {}
    return {"id": qid, "type": "item", "labels": named, "claims": claims}


def is_left_out(qid: str) -> bool:
    """Tell whether an item is of the fifth that is left out."""
    return hashlib.blake2b(qid.encode(), digest_size=1).digest()[0] % ROUNDS == 0


def read_organizations(folder: Path) -> tuple[dict[str, Json], dict[str, Json]]:
    """Return the records and the items of organizations, by item."""
    trees = json.loads((folder / "json" / "nsi.json").read_text(encoding="utf-8"))["nsi"]
    known = json.loads((folder / "wikidata" / "wikidata.json").read_text(encoding="utf-8"))
    names: dict[str, list[str]] = defaultdict(list)
    for path, tree in trees.items():
        tag = _BY_TREE.get(path.partition("/")[0])
        for entry in tree["items"] if tag else ():
            tags = entry["tags"]
            if qid := tags.get(f"{tag}:wikidata"):
                more = (value for key, value in tags.items() if _is_name(key, tag or ""))
                names[qid] += [entry["displayName"], tags[tag], *more]
    labels = {qid: said["label"] for qid, said in known["wikidata"].items() if said.get("label")}
    found = sorted(qid for qid in names if qid in labels)
    records = {
        qid: record(number, {"@type": "Organization"}, names[qid][0], dict.fromkeys(names[qid]))
        for number, qid in enumerate(found)
    }
    return records, {qid: item(qid, {"en": labels[qid]}, "Q43229") for qid in labels}


def _is_name(key: str, tag: str) -> bool:
    names = (tag, "name", "official_name", "short_name", "alt_name")
    return key.partition(":")[0] in names and not key.endswith((":wikidata", ":wikipedia", ":type"))


def read_places(vocabulary: Path, table: Path) -> tuple[dict[str, Json], dict[str, Json]]:
    """Return the records of Libris' countries, and the items that Natural Earth names."""
    said: dict[str, dict[str, str]] = defaultdict(dict)
    with gzip.open(vocabulary, "rt", encoding="utf-8") as stream:
        for line in stream:
            if match := _COUNTRY.match(line):
                said[match[1]][match[2]] = match[3] or match[4]
    records = {
        known["exactMatch"].rpartition("/")[2]: record(
            number, {"@type": "Geographic"}, known["prefLabel"]
        )
        for number, (_, known) in enumerate(sorted(said.items()))
        if "exactMatch" in known and "prefLabel" in known
    }
    items = {}
    for row in read_dbf(table):
        labels = {name[5:].lower(): text for name, text in row.items() if _LANGUAGE.match(name)}
        items[row["WIKIDATAID"]] = item(row["WIKIDATAID"], labels, "Q6256")
    return records, items


_LANGUAGE = re.compile(r"NAME_[A-Z]{2}$")


def read_dbf(path: Path) -> Iterator[dict[str, str]]:
    """Yield the rows of a dBase table (https://www.dbase.com/Knowledgebase/INT/db7_file_fmt.htm)."""
    raw = path.read_bytes()
    count, start, length = struct.unpack("<IHH", raw[4:12])
    fields = []
    for place in range(32, start - 1, 32):
        fields.append((raw[place : place + 11].split(b"\0")[0].decode(), raw[place + 16]))
    for number in range(count):
        position = start + number * length + 1
        row = {}
        for name, width in fields:
            row[name] = raw[position : position + width].decode("utf-8", "replace").strip(" \0")
            position += width
        yield row


def read_subjects(folder: Path) -> tuple[dict[str, Json], dict[str, Json]]:
    """Return the records of LCSH headings, by concept, and items; those of concepts by concept."""
    records: dict[str, Json] = {}
    with gzip.open(folder / "lcsh_labels.tsv.gz", "rt", encoding="utf-8") as stream:
        for number, line in enumerate(stream):
            heading, concept = line.rstrip("\n").split("\t")
            key = concept.rpartition("/")[2]
            records.setdefault(key, record(number, {"@type": "Topic"}, heading))
    items: dict[str, Json] = {}
    for entity in cases.entities(folder / "wikidata_entities.jsonl.gz"):
        concepts = [number for number in _read_concepts(entity) if number in records]
        shown_claims = {by: said for by, said in entity["claims"].items() if by not in _HIDDEN}
        items[concepts[0] if concepts else entity["id"]] = {**entity, "claims": shown_claims}
    return records, items


_HIDDEN = frozenset(("P244", "P5587", "P906"))


def _read_concepts(entity: Json) -> Iterator[str]:
    for statement in entity["claims"].get("P244", ()):
        yield str(statement["mainsnak"].get("datavalue", {}).get("value", ""))


def measure(title: str, records: dict[str, Json], items: dict[str, Json], leave: bool) -> None:
    """Print how well the things of a set are found. leave: leave a fifth of the items out."""
    there = {key: said for key, said in items.items() if not (leave and is_left_out(said["id"]))}
    truth = {
        made["@graph"][1]["@id"]: WIKIDATA + there[key]["id"] if key in there else ""
        for key, made in records.items()
    }
    files = [("wikidata", "items.jsonl", there.values())]
    outcome = resolve(records.values(), files, ("names",))
    counts = counted(outcome, truth)
    say(title, "precision", precision(counts), ">= 0.99")
    say(title, "recall, linked", recall(counts), ">= 0.60")
    with_review = counts["right"] + counts["in review"]
    say(title, "recall, linked or in review", shown(with_review, counts["findable"]))
    say(title, "false links without an item", shown(counts["nil linked"], counts["nil"]))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--reference", type=Path, help="folder of labelled pairs")
    parser.add_argument("--organizations", type=Path, help="dist of the name suggestion index")
    parser.add_argument("--places", type=Path, help="table of Natural Earth's countries")
    arguments = parser.parse_args()
    if arguments.reference:
        measure("subjects", *read_subjects(arguments.reference), leave=False)
    if arguments.organizations:
        measure("organizations", *read_organizations(arguments.organizations), leave=True)
    if arguments.places:
        vocabulary = arguments.reference.parent / "libris" / "vocab" / "idkbse.nq.gz"
        measure("places", *read_places(vocabulary, arguments.places), leave=False)


if __name__ == "__main__":
    main()
