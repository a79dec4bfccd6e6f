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
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from benchmarks import link_cases as cases
from benchmarks.link_cases import Person
from benchmarks.link_world import Found, Outcome, resolve, shown
from benchmarks.words import GIVEN

WIKIDATA = "http://www.wikidata.org/entity/"
SEED = 20261124
ROUNDS = 5  # in each, every fifth person has no item
_SPELT_OTHERWISE = 3  # the round from which names are spelt in other ways
KINDS = ("libris", "selibr", "lccn", "isni", "viaf", "gnd")


def say(what: str, which: str, figure: str, target: str = "") -> None:
    print(f"{what}\t{which}\t{figure}\t{target}".rstrip(), flush=True)


def identifiers(people: Sequence[Person], name: str) -> None:
    """Hide identifiers one by one, and all but one; some items carry somebody else's."""
    total: Counter[str] = Counter()
    for kind in KINDS:
        for how, hidden in (("without", {kind}), ("only", set(KINDS) - {kind})):
            counts = _one_by_one(people, hidden)
            total += counts
            say(f"identifiers {name}", f"{how} {kind}, precision", _precision(counts))
            say(f"identifiers {name}", f"{how} {kind}, recall", _recall(counts))
    say(f"identifiers {name}", "all, precision", _precision(total), ">= 0.995")
    say(f"identifiers {name}", "all, recall", _recall(total))


def _one_by_one(people: Sequence[Person], hidden: set[str]) -> Counter[str]:
    chance = random.Random(SEED)
    records, items, truth = [], [], {}
    for number, person in enumerate(people):
        if not set(person.ids) - hidden:
            continue
        records.append(cases.record(person, hidden))
        others = list(cases.distractors(person, chance, 900_000_000 + 10 * number))
        items += [cases.item(one) for one in others]
        if number % 20 == 7 and others:
            # As in VIAF's mixed clusters: a sibling's item carries an identifier of the person's.
            items[-1] = cases.item(_mixed_up(others[-1], person, chance))
        if number % 5 != 0:
            items.append(cases.item(person, hidden & {"libris", "selibr"}))
        truth[cases.iri(person)] = WIKIDATA + person.qid if number % 5 else ""
    found = resolve(records, [("wikidata", "items.jsonl", items)], ("identifiers",))
    return _counted(found, truth)


def _mixed_up(other: Person, person: Person, chance: random.Random) -> Person:
    kinds = sorted(set(person.ids) & {"viaf", "isni"})
    ids = {one: person.ids[one] for one in kinds[:1]}
    name = f"{chance.choice(GIVEN)} Annorlunda"
    return Person(other.key, other.qid, name, (None, None), ids)


def _counted(outcome: Outcome, truth: dict[str, str]) -> Counter[str]:
    counts: Counter[str] = Counter()
    for subject, right in truth.items():
        found = outcome.found.get(subject)
        counts["findable"] += bool(right)
        counts["nil"] += not right
        if found and found.linked:
            counts["linked"] += 1
            counts["right"] += found.object == right
            counts["nil linked"] += not right
        elif found and right:
            counts["in review"] += found.object == right
    return counts


def _precision(counts: Counter[str]) -> str:
    return shown(counts["right"], counts["linked"])


def _recall(counts: Counter[str]) -> str:
    return shown(counts["right"], counts["findable"])


def shared_isnis(path: Path) -> None:
    """Take every ISNI that several records have, and some that one has."""
    owners: dict[str, list[str]] = defaultdict(list)
    for line in gzip.decompress(path.read_bytes()).decode().splitlines():
        identifier, isni = line.split("\t")
        owners[isni].append(identifier)
    shared = {isni: ids for isni, ids in owners.items() if len(ids) > 1}
    alone = dict(list((isni, ids) for isni, ids in owners.items() if len(ids) == 1)[::90])
    people = [
        Person(one, f"Q{number}", f"Person {isni}", (None, None), {"libris": one, "isni": isni})
        for number, (isni, ids) in enumerate({**shared, **alone}.items(), 1)
        for one in ids
    ]
    items = {one.qid: cases.item(one, {"libris"}) for one in people}
    records = [cases.record(one) for one in people]
    found = resolve(records, [("wikidata", "items.jsonl", items.values())], ("identifiers",))
    flagged = {subject for subject, reason in found.doubts if reason.startswith("several records")}
    merged = [
        one for isni in shared for one in shared[isni] if found.found.get(_thing(one), _NONE).linked
    ]
    whole = sum(all(_thing(one) in flagged for one in ids) for ids in shared.values())
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
    counts = _counted(found, truth)
    say("LCSH headings", "precision", _precision(counts), ">= 0.99")
    say("LCSH headings", "recall", _recall(counts), ">= 0.97")
    say(
        "LCSH headings", "false links without a concept", shown(counts["nil linked"], counts["nil"])
    )


def _written(label: str) -> str:
    """Return a heading as LC writes it, from what cataloguers made of it."""
    text = label.replace(" ¡ ", "--").replace(" - ", "--")
    return text.rstrip(".") if text.endswith(".") and not text.endswith(("etc.", "C.")) else text


def names(people: Sequence[Person], title: str, rounds: int) -> list[tuple[float, bool]]:
    """Hide all identifiers; vary the spelling; every fifth person has no item in each round."""
    strata: dict[str, Counter[str]] = defaultdict(Counter)
    judged: list[tuple[float, bool]] = []
    for turn in range(rounds):
        spelt, truth, outcome = _by_name(people, turn)
        for person, how in spelt:
            one = {cases.iri(person): truth[cases.iri(person)]}
            counts = _counted(outcome, one)
            for stratum in ("all", person.dated, f"{how}, {person.dated}"):
                strata[stratum] += counts
            if found := outcome.found.get(cases.iri(person)):
                judged.append((found.confidence, found.object == truth[cases.iri(person)]))
    dated = strata["one year"] + strata["both years"]
    _say_names(title, "with a year", dated, (">= 0.98", ">= 0.70", ">= 0.85", "<= 0.01"))
    for stratum in sorted(strata):
        _say_names(title, stratum, strata[stratum], ("",) * 4)
    return judged


def _by_name(
    people: Sequence[Person], turn: int
) -> tuple[list[tuple[Person, str]], dict[str, str], Outcome]:
    chance = random.Random(SEED + turn)
    records, items, truth, spelt = [], [], {}, []
    for number, person in enumerate(people):
        spellings = cases.spellings(person.name, chance)
        others = list(spellings)[1:]
        how = others[(number + turn) % len(others)] if turn >= _SPELT_OTHERWISE else "as it is"
        is_there = (number + turn) % ROUNDS != 0
        records.append(cases.record(person, KINDS, spellings[how]))
        items += [
            cases.item(one) for one in cases.distractors(person, chance, 9 * 10**8 + 10 * number)
        ]
        if is_there:
            items.append(cases.item(person, ("libris", "selibr")))
        truth[cases.iri(person)] = WIKIDATA + person.qid if is_there else ""
        spelt.append((person, how))
    return spelt, truth, resolve(records, [("wikidata", "items.jsonl", items)], ("names",))


def _say_names(title: str, stratum: str, counts: Counter[str], targets: Sequence[str]) -> None:
    with_review = counts["right"] + counts["in review"]
    figures = (
        ("precision", _precision(counts)),
        ("recall, linked", _recall(counts)),
        ("recall, linked or in review", shown(with_review, counts["findable"])),
        ("false links without an item", shown(counts["nil linked"], counts["nil"])),
    )
    for (what, figure), target in zip(figures, targets, strict=True):
        say(f"names {title}", f"{stratum}: {what}", figure, target)


def calibration(title: str, judged: Iterable[tuple[float, bool]]) -> None:
    """Compare what is likely with what is right, in bins of equal width."""
    bins: dict[int, list[tuple[float, bool]]] = defaultdict(list)
    for confidence, right in judged:
        bins[min(int(confidence * 10), 9)].append((confidence, right))
    total = sum(map(len, bins.values()))
    error = 0.0
    for number, held in sorted(bins.items()):
        likely = sum(confidence for confidence, _ in held) / len(held)
        right = sum(one for _, one in held)
        error += abs(likely - right / len(held)) * len(held) / total
        say(
            f"calibration {title}",
            f"{number / 10:.1f} to {number / 10 + 0.1:.1f}",
            f"{likely:.3f} claimed, {shown(right, len(held))} right",
        )
    say(f"calibration {title}", "expected calibration error", f"{error:.4f}", "<= 0.05")


def _sections(reference: Path | None) -> Iterator[None]:
    judged: list[tuple[float, bool]] = []
    if reference is not None:
        people = cases.labelled(reference)
        identifiers(people, "reference")
        yield
        shared_isnis(reference / "libris_isni.tsv.gz")
        yield
        headings(reference / "lcsh_labels.tsv.gz")
        yield
        judged = names(people, "reference", ROUNDS)
        calibration("reference", judged)
        yield
    made = cases.generated(1000, 7)
    identifiers(made[:400], "generated")
    yield
    judged_made = names(made, "generated", ROUNDS)
    calibration("generated", judged_made)
    calibration("all", judged + judged_made)
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
