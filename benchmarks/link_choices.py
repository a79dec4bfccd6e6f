"""Choices to fit names to: persons, who of the candidates is right, and the evidence on each.

They are made of the cases of a folder, of namesakes whose own item is left out, and of persons that
people have judged.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks import link_real as real
from benchmarks.link_real import Case
from benchmarks.link_world import World
from loader.link.entities.extraction import load_entity
from loader.link.extracts.link_database import Tables
from loader.link.joining.name_search import NameSearch
from loader.link.runs.judgements import pick_latest, read_judgements
from loader.workspace import Workspace

_WORLDS = 4  # in each, the items of one part of the namesakes are left out
_HARD = {"both": 0.2, "birth": 0.2, "none": 0.5}  # what a hard namesake counts in fitting


@dataclass(frozen=True)
class Choice:
    """A case, its candidates with the evidence on each, and what it counts in fitting."""

    case: Case
    candidates: tuple[tuple[str, dict[str, float]], ...]
    weight: float


def gather(folder: Path) -> list[Choice]:
    """Return the choices of a folder's cases, and of namesakes made of its items."""
    cases, items = real.read_cases(folder), real.read_items(folder)
    gone = {case.left_out for case in cases}
    with World([real.item(row) for row in items if row["qid"] not in gone]) as world:
        choices = list(_choose(world, cases, 1.0))
    hard = {mode: list(real.hard_namesakes(items, mode)) for mode in _HARD}
    for number in range(_WORLDS):
        gone = {case.left_out for case in hard["both"] if case.part(_WORLDS) == number}
        with World([real.item(row) for row in items if row["qid"] not in gone]) as world:
            for mode, weight in _HARD.items():
                part = [case for case in hard[mode] if case.left_out in gone]
                choices += _choose(world, part, weight)
    return choices


def _choose(world: World, cases: Sequence[Case], weight: float) -> Iterator[Choice]:
    world.load(case.record for case in cases)
    search = NameSearch(world.tables, {})
    by_iri = {case.iri: case for case in cases}
    query = "SELECT id, iri, body FROM entity ORDER BY id"
    for number, iri, body in world.tables.connection.execute(query).fetchall():
        ranked = search.candidates(number, load_entity(iri, body))[1].get("wikidata", [])
        evidence = tuple((candidate.iri, candidate.evidence) for candidate in ranked)
        yield Choice(by_iri[iri], evidence, weight)


def gather_judged(data: Path) -> list[Choice]:
    """Return the choices of persons that people have judged, in a directory of the loader.

    The item of a yes is right; whoever has but noes has none.
    """
    workspace = Workspace(data)
    judged = pick_latest(read_judgements(workspace.judgements)).values()
    right: dict[str, str] = {}
    for judgement in judged:
        if judgement.object.startswith(real.WIKIDATA) and judgement.verdict != "unsure":
            known = right.get(judgement.subject, "")
            right[judgement.subject] = judgement.object if judgement.verdict == "yes" else known
    tables = Tables(workspace.links)
    search = NameSearch(tables, {})
    query = "SELECT id, iri, body FROM entity WHERE json_extract(body, '$.kind') = 'person'"
    choices = []
    for number, iri, body in tables.connection.execute(f"{query} ORDER BY id").fetchall():
        if iri in right:
            ranked = search.candidates(number, load_entity(iri, body))[1].get("wikidata", [])
            evidence = tuple((candidate.iri, candidate.evidence) for candidate in ranked)
            case = Case(iri, {}, right[iri], "judged", "judged", "judged", "", None)
            choices.append(Choice(case, evidence, 1.0))
    tables.close()
    return choices
