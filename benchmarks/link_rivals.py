"""Other libraries' matching of persons by name, on the same persons: precision and recall.

Libraries are run by programs of their own in throwaway environments (``benchmarks/rivals``), which
know nothing of this project: ``pairs`` writes what they read, ``measure`` reads what they found.

    python -m benchmarks.link_rivals pairs --reference DIR --folder OUT
    ENVIRONMENT/bin/python benchmarks/rivals/splink_pairs.py OUT
    python -m benchmarks.link_rivals measure --reference DIR --folder OUT --rival splink --bar 3

``OUT/real``, ``OUT/hard-both-0`` … each have ``records.jsonl`` and ``items.jsonl``, a line for each
person: ``id``, ``names`` (the chief one first, natural order), ``birth`` and ``death`` (years, or
empty). A rival writes ``RIVAL.csv`` beside them: ``record,item,score``. Its likeliest item is
linked if its score reaches the bar and no other item has as much.
"""

from __future__ import annotations

import argparse
import csv
import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from benchmarks import link_real as real
from benchmarks.link_cases import WIKIDATA
from benchmarks.link_measure import WORLDS, list_strata
from benchmarks.link_real import Case, Row
from benchmarks.link_world import Found, Outcome, counted, precision, recall, say, shown

_YEAR = re.compile(r"\d{3,4}")


def list_worlds(folder: Path) -> Iterator[tuple[str, list[Case], list[Row]]]:
    """Yield each set of cases with its name and the items that are there."""
    cases, items = real.read_cases(folder), real.read_items(folder)
    gone = {case.left_out for case in cases}
    yield "real", cases, [row for row in items if row["qid"] not in gone]
    for mode in real.MODES:
        everybody = list(real.hard_namesakes(items, mode))
        for number in range(WORLDS):
            part = [case for case in everybody if case.part(WORLDS) == number]
            gone = {case.left_out for case in part}
            yield f"hard-{mode}-{number}", part, [row for row in items if row["qid"] not in gone]


def write_pairs(reference: Path, folder: Path) -> None:
    """Write what rivals read."""
    for title, cases, items in list_worlds(reference / "real"):
        place = folder / title
        place.mkdir(parents=True, exist_ok=True)
        _write(place / "records.jsonl", map(_describe_case, cases))
        _write(place / "items.jsonl", map(_describe_item, items))


def _write(path: Path, lines: Iterable[dict[str, Any]]) -> None:
    text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
    path.write_text(text, encoding="utf-8")


def _describe_case(case: Case) -> dict[str, Any]:
    nodes = (case.thing, *case.thing.get("hasVariant", ()))
    birth, _, death = case.thing.get("lifeSpan", "-").partition("-")
    names = list(dict.fromkeys(map(_spell, nodes)))
    return {"id": case.iri, "names": names, "birth": _find_year(birth), "death": _find_year(death)}


def _find_year(text: str) -> str:
    found = _YEAR.search(text)
    return found[0] if found else ""


def _spell(node: dict[str, Any]) -> str:
    keys = ("givenName", "name", "marc:numeration", "familyName")
    return " ".join(node[key] for key in keys if node.get(key))


def _describe_item(row: Row) -> dict[str, Any]:
    names = [row["label"], *(name for name in row["aliases"].split("|") if name)]
    years = {by: _find_year(row[by]) for by in ("birth", "death")}
    return {"id": WIKIDATA + row["qid"], "names": list(dict.fromkeys(names))} | years


def measure(reference: Path, folder: Path, rival: str, bar: float) -> None:
    """Print how well a rival found the persons, by stratum, and how many namesakes it took."""
    wrong: dict[str, Counter[str]] = defaultdict(Counter)
    for title, cases, _ in list_worlds(reference / "real"):
        outcome = _read_outcome(folder / title / f"{rival}.csv", bar)
        if title == "real":
            _say_strata(rival, cases, outcome)
        else:
            mode = title.split("-")[1]
            wrong[mode] += counted(outcome, {case.iri: case.right for case in cases})
    for mode, counts in wrong.items():
        nil = shown(counts["nil linked"], counts["nil"])
        say(rival, f"namesakes without an item, years shown: {mode}: false links", nil)


def _read_outcome(path: Path, bar: float) -> Outcome:
    ranked: dict[str, list[tuple[float, str]]] = defaultdict(list)
    with path.open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            ranked[row["record"]].append((float(row["score"]), row["item"]))
    found = {}
    for record, candidates in ranked.items():
        (score, item), *others = sorted(candidates, reverse=True)
        if score >= bar and not any(other >= score for other, _ in others):
            found[record] = Found(item, score, True)
    return Outcome(found, {}, [])


def _say_strata(rival: str, cases: Sequence[Case], outcome: Outcome) -> None:
    strata: dict[str, Counter[str]] = defaultdict(Counter)
    for case in cases:
        for stratum in list_strata(case):
            strata[stratum] += counted(outcome, {case.iri: case.right})
    for stratum, counts in sorted(strata.items()):
        say(rival, f"{stratum}: precision", precision(counts))
        say(rival, f"{stratum}: recall", recall(counts))
        nil = shown(counts["nil linked"], counts["nil"])
        say(rival, f"{stratum}: false links without an item", nil)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("step", choices=("pairs", "measure"))
    parser.add_argument("--reference", type=Path, required=True, help="folder of labelled pairs")
    parser.add_argument("--folder", type=Path, required=True, help="what rivals read and write")
    parser.add_argument("--rival", default="splink", help="name of what it wrote")
    parser.add_argument("--bar", type=float, default=3.0, help="score to link from")
    arguments = parser.parse_args()
    if arguments.step == "pairs":
        write_pairs(arguments.reference, arguments.folder)
    else:
        measure(arguments.reference, arguments.folder, arguments.rival, arguments.bar)


if __name__ == "__main__":
    main()
