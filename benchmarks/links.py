"""How well links are found: precision, recall, false links and calibration, by stratum.

Every figure has its Wilson 95 % interval and its counts. With labelled pairs beside the project
(``--reference DIR``) they are measured on; generated persons, with namesakes, are measured on in
any case.

    python -m benchmarks.links --reference DIR
"""

from __future__ import annotations

import argparse
import gzip
import random
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from benchmarks import link_cases as cases
from benchmarks import link_people, link_things
from benchmarks.link_cases import PROPERTIES, WIKIDATA, Person
from benchmarks.link_measure import real_persons
from benchmarks.link_names import every_name
from benchmarks.link_world import Found, counted, precision, recall, resolve, say, shown
from benchmarks.words import GIVEN

SEED = 20261124


def identifiers(people: Sequence[Person], name: str) -> None:
    """Hide identifiers one by one, and all but one; some items carry somebody else's."""
    total: Counter[str] = Counter()
    for kind in PROPERTIES:
        for how, hidden in (("without", {kind}), ("only", set(PROPERTIES) - {kind})):
            counts = _one_by_one(people, hidden)
            total += counts
            say(f"identifiers {name}", f"{how} {kind}, precision", precision(counts))
            say(f"identifiers {name}", f"{how} {kind}, recall", recall(counts))
    say(f"identifiers {name}", "all, precision", precision(total), ">= 0.995")
    say(f"identifiers {name}", "all, recall", recall(total))


def _one_by_one(people: Sequence[Person], hidden: set[str]) -> Counter[str]:
    chance = random.Random(SEED)
    records, items, truth = [], [], {}
    for number, person in enumerate(people):
        if not set(person.ids) - hidden:
            continue
        records.append(cases.record(person, hidden))
        others = list(link_people.distractors(person, chance, 900_000_000 + 10 * number))
        items += [cases.item(other) for other in others]
        if number % 20 == 7 and others:
            # As in VIAF's mixed clusters: a sibling's item carries an identifier of the person's.
            items[-1] = cases.item(_mixed_up(others[-1], person, chance))
        if number % 5 != 0:
            items.append(cases.item(person, hidden & {"libris", "selibr"}))
        truth[cases.iri(person)] = WIKIDATA + person.qid if number % 5 else ""
    found = resolve(records, [("wikidata", "items.jsonl", items)], ("identifiers",))
    return counted(found, truth)


def _mixed_up(other: Person, person: Person, chance: random.Random) -> Person:
    kinds = sorted(set(person.ids) & {"viaf", "isni"})
    ids = {kind: person.ids[kind] for kind in kinds[:1]}
    name = f"{chance.choice(GIVEN)} Annorlunda"
    return Person(other.key, other.qid, name, (None, None), ids)


def shared_isnis(path: Path) -> None:
    """Take every ISNI that several records have, and some that one has."""
    owners: dict[str, list[str]] = defaultdict(list)
    for line in gzip.decompress(path.read_bytes()).decode().splitlines():
        identifier, isni = line.split("\t")
        owners[isni].append(identifier)
    shared = {isni: ids for isni, ids in owners.items() if len(ids) > 1}
    alone = dict(list((isni, ids) for isni, ids in owners.items() if len(ids) == 1)[::90])
    people = [
        Person(id_, f"Q{number}", f"Person {isni}", (None, None), {"libris": id_, "isni": isni})
        for number, (isni, ids) in enumerate({**shared, **alone}.items(), 1)
        for id_ in ids
    ]
    items = {person.qid: cases.item(person, {"libris"}) for person in people}
    records = [cases.record(person) for person in people]
    found = resolve(records, [("wikidata", "items.jsonl", items.values())], ("identifiers",))
    flagged = {subject for subject, reason in found.doubts if reason.startswith("several records")}
    merged = [
        id_ for isni in shared for id_ in shared[isni] if found.found.get(_thing(id_), _NONE).linked
    ]
    whole = sum(all(_thing(id_) in flagged for id_ in ids) for ids in shared.values())
    single = sum(found.found.get(_thing(ids[0]), _NONE).linked for ids in alone.values())
    say("shared ISNIs", "groups flagged", f"{whole}/{len(shared)}", "all")
    say("shared ISNIs", "records linked", f"{len(merged)}/{sum(map(len, shared.values()))}", "none")
    say("shared ISNIs", "records with an ISNI of their own linked", f"{single}/{len(alone)}")


_NONE = Found("", 0.0, False)


def _thing(identifier: str) -> str:
    return f"https://libris.kb.se/{identifier}#it"


def headings(path: Path) -> None:
    """Look headings up in an index of labels; every tenth concept is not in it."""
    pairs = [line.split("\t") for line in gzip.decompress(path.read_bytes()).decode().splitlines()]
    canonical: dict[str, str] = {}
    for label, concept in pairs:
        canonical.setdefault(concept.replace("https:", "http:"), _written(label))
    missing = set(sorted(canonical)[::10])
    index = [
        f"{label}\t{concept}" for concept, label in canonical.items() if concept not in missing
    ]
    # Neighbours that differ in little: another number, a subdivision more, another qualifier.
    index += [
        f"{label}{end}\thttp://id.loc.gov/authorities/subjects/sh99{number:06}"
        for number, label in enumerate(canonical.values())
        for end in (("s",) if not label.endswith("s") else ("--History",))
        if label + end not in canonical.values()
    ]
    records, truth = [], {}
    for number, (label, concept) in enumerate(pairs):
        subject = f"https://id.kb.se/term/sao/{number}"
        about = {"@id": f"https://libris.kb.se/t{number}", "mainEntity": {"@id": subject}}
        match = {
            "@id": f"http://id.loc.gov/authorities/label/{cases.quoted(label)}",
            "@type": "Topic",
        }
        records.append(
            {"@graph": [about, {"@id": subject, "@type": "Topic", "closeMatch": [match]}]}
        )
        right = concept.replace("https:", "http:")
        truth[subject] = "" if right in missing else right
    found = resolve(records, [("lc", "labels.tsv", index)], ("terms",), "lcterms")
    counts = counted(found, truth)
    say("LCSH headings", "precision", precision(counts), ">= 0.99")
    say("LCSH headings", "recall", recall(counts), ">= 0.97")
    say(
        "LCSH headings", "false links without a concept", shown(counts["nil linked"], counts["nil"])
    )


def _written(label: str) -> str:
    """Return a heading as LC writes it, from what cataloguers made of it."""
    text = label.replace(" ¡ ", "--").replace(" - ", "--")
    return text.rstrip(".") if text.endswith(".") and not text.endswith(("etc.", "C.")) else text


def _sections(reference: Path | None) -> Iterator[None]:
    people: list[Person] = []
    items: list[dict[str, Any]] = []
    if reference is not None:
        people = cases.labelled(reference)
        items = cases.entities(reference / "wikidata_entities.jsonl.gz")
        identifiers(people, "reference")
        yield
        shared_isnis(reference / "libris_isni.tsv.gz")
        yield
        headings(reference / "lcsh_labels.tsv.gz")
        yield
        link_things.measure("subjects", *link_things.read_subjects(reference), leave=False)
        yield
        if (reference / "real").is_dir():
            yield from real_persons(reference / "real")
    made = link_people.generated(1000, 7)
    identifiers(made[:400], "generated")
    yield
    for _ in every_name({"reference": people, "generated": made}, items):
        yield


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--reference", type=Path, default=None, help="folder of labelled pairs")
    arguments = parser.parse_args()
    if arguments.reference is not None and not arguments.reference.is_dir():
        print(f"{arguments.reference} isn't there: only generated persons are measured on")
        arguments.reference = None
    for _ in _sections(arguments.reference):
        pass


if __name__ == "__main__":
    main()
