"""How well organizations, places and subjects are found by name: real ones, identifiers hidden.

- subjects: LCSH headings as Libris' cataloguers wrote them, among Wikidata's items; the concept
  that an item names (P244) says which heading is right, and is hidden. Nearly all headings have
  no item there, so that these tell above all how often a link is false. With ``--headings`` a part
  of all of LCSH besides (``vocabularies/subjects_lcsh.csv`` of the package invenio-subjects-lcsh):
  every heading that an item names, and every tenth of the others.
- organizations: names as OpenStreetMap has them, with the items that its editors found
  (https://github.com/osmlab/name-suggestion-index, ``npm pack name-suggestion-index``), against the
  items' own labels. Every fifth item is left out.
- places: countries and states as Libris calls them, against Wikidata's labels in twenty-six
  languages that Natural Earth has (``ne_10m_admin_0_countries.dbf``,
  https://www.naturalearthdata.com); what Natural Earth lacks has no item. With ``--territories``
  countries and territories in Unicode's words, too (``territories.json`` of the npm package
  cldr-localenames-full); ISO's code says which item is right, and every fifth is left out.

    python -m benchmarks.link_things --reference DIR --headings FILE --organizations DIR \
        --places FILE --territories FILE
"""

from __future__ import annotations

import argparse
import csv
import gzip
import hashlib
import json
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from benchmarks import link_cases as cases
from benchmarks import link_places
from benchmarks.link_cases import WIKIDATA
from benchmarks.link_records import Json, item, record
from benchmarks.link_world import counted, precision, recall, resolve, say, shown

ROUNDS = 5  # every fifth item is left out
_BY_TREE = {"brands": "brand", "operators": "operator", "transit": "network"}


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


def read_subjects(
    folder: Path, table: Path | None = None
) -> tuple[dict[str, Json], dict[str, Json]]:
    """Return the records of LCSH headings, by concept, and items; those of concepts by concept.

    table: of all headings, of which those are taken that items name, and a part of the others.
    """
    entities = cases.entities(folder / "wikidata_entities.jsonl.gz")
    named = {concept for entity in entities for concept in _read_concepts(entity)}
    headings = dict(_read_used(folder / "lcsh_labels.tsv.gz"))
    if table is not None:
        wanted = (pair for pair in _read_table(table) if pair[0] in named or _is_of_part(pair[0]))
        headings = dict(wanted) | headings
    records = {
        concept: record(number, {"@type": "Topic"}, heading)
        for number, (concept, heading) in enumerate(sorted(headings.items()))
    }
    items: dict[str, Json] = {}
    for entity in entities:
        concepts = [number for number in _read_concepts(entity) if number in records]
        claims = {by: said for by, said in entity["claims"].items() if by not in _HIDDEN}
        # An item whose only identifier is hidden would be dropped.
        shown_item = {**entity, "claims": claims | _NOBODYS}
        items |= dict.fromkeys(concepts or [entity["id"]], shown_item)
    return records, items


def _read_used(path: Path) -> Iterator[tuple[str, str]]:
    """Yield concept and heading of those that records of Libris use."""
    with gzip.open(path, "rt", encoding="utf-8") as stream:
        for line in stream:
            heading, address = line.rstrip("\n").split("\t")
            yield address.rpartition("/")[2], heading


def _read_table(path: Path) -> Iterator[tuple[str, str]]:
    """Yield concept and heading of each of a table's that has no subdivision."""
    with path.open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            if "--" not in row["subject"]:
                yield row["id"].rpartition("/")[2], row["subject"]


def _is_of_part(concept: str) -> bool:
    return hashlib.blake2b(concept.encode(), digest_size=2).digest()[0] % _PARTS == 0


_PARTS = 10
_NOBODYS = {"P214": [{"rank": "normal", "mainsnak": {"datavalue": {"value": "99999999999"}}}]}


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
    each = {said["id"]: said for said in there.values()}
    files = [("wikidata", "items.jsonl", each.values())]
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
    parser.add_argument("--headings", type=Path, help="table of LCSH headings")
    parser.add_argument("--organizations", type=Path, help="dist of the name suggestion index")
    parser.add_argument("--places", type=Path, help="table of Natural Earth's countries")
    parser.add_argument("--territories", type=Path, help="Unicode's names of territories")
    arguments = parser.parse_args()
    if arguments.reference:
        measure("subjects", *read_subjects(arguments.reference, arguments.headings), leave=False)
    if arguments.organizations:
        measure("organizations", *read_organizations(arguments.organizations), leave=True)
    if arguments.places:
        vocabulary = arguments.reference.parent / "libris" / "vocab" / "idkbse.nq.gz"
        measure("places", *link_places.read_places(vocabulary, arguments.places), leave=False)
        if arguments.territories:
            coded = link_places.read_territories(arguments.territories, arguments.places)
            measure("territories", *coded, leave=True)


if __name__ == "__main__":
    main()
