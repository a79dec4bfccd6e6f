"""Columns made of others are, to the byte, those that are made anew of the same quads."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest

from sparql_server.engine.columns.storage.building import Builder
from sparql_server.engine.columns.storage.layout import ArrayWriter
from sparql_server.engine.columns.storage.merging.edits import Edits, edit_arrays
from sparql_server.engine.columns.storage.merging.updating import update
from tests.server.test_columns_building import content

Dataset = dict[str, set[str]]
"""The statements of each graph; of the default one with an empty name."""

XSD = "http://www.w3.org/2001/XMLSchema#"


def quads(dataset: Dataset, graphs: list[str]) -> bytes:
    ends = {graph: f" {graph} .\n" if graph else " .\n" for graph in graphs}
    lines = (line + ends[graph] for graph in graphs for line in sorted(dataset.get(graph, ())))
    return "".join(lines).encode()


def made_anew(dataset: Dataset, folder: Path) -> dict[str, bytes]:
    builder = Builder(folder / "part")
    builder.write(quads(dataset, sorted(dataset)))
    builder.finish(folder / "anew")
    return content(folder / "anew")


def any_term(chance: random.Random, terms: int) -> str:
    number = chance.randrange(terms)
    return chance.choice(
        [
            f"<urn:t{number}>",
            f"_:b{number}",
            f'"{number}"',
            f'"{number}"@{chance.choice(["sv", "en", f"x-{number}"])}',
            f'"{number}"^^<{XSD}integer>',
            f'"2024-05-01T09:30:{number % 60:02}Z"^^<{XSD}dateTime>',
        ]
    )


def any_statements(chance: random.Random, terms: int) -> set[str]:
    return {
        f"<urn:t{chance.randrange(terms)}> <urn:p{chance.randrange(8)}> {any_term(chance, terms)}"
        for _ in range(chance.randrange(12))
    }


def changed(dataset: Dataset, chance: random.Random, terms: int) -> tuple[Dataset, list[str]]:
    """Return what there is after a change, and the graphs that may have changed."""
    names = sorted(name for name in dataset if name)
    touched = chance.sample(names, chance.randrange(len(names)))
    touched += [f"<urn:new{number}>" for number in range(chance.randrange(3))]
    touched += [f"<urn:t{number}>" for number in range(chance.randrange(2))]
    after = dict(dataset)
    for name in dict.fromkeys(touched):
        kept = {line for line in dataset.get(name, ()) if chance.random() < 0.5}
        after[name] = chance.choice([set(), kept, kept | any_statements(chance, terms)])
    return after, sorted(set(touched))


@pytest.mark.parametrize("seed", range(25))
def test_columns_of_changed_graphs_are_those_made_anew(seed: int, tmp_path: Path) -> None:
    chance = random.Random(seed)
    terms = chance.choice([3, 15, 60])
    dataset = {f"<urn:g{number}>": any_statements(chance, terms) for number in range(12)}
    dataset[""] = any_statements(chance, terms)
    (tmp_path / "0").mkdir()
    made_anew(dataset, tmp_path / "0")
    base = tmp_path / "0" / "anew"
    for step in ("1", "2"):
        dataset, graphs = changed(dataset, chance, terms)
        (tmp_path / step).mkdir()
        target = tmp_path / step / "updated"
        said = quads(dataset, graphs)
        update(base, [name[1:-1] for name in graphs], [said], target, tmp_path / step / "scratch")
        assert content(target) == made_anew(dataset, tmp_path / step)
        assert not (tmp_path / step / "scratch").exists()
        base = target


@pytest.mark.parametrize("seed", range(3))
def test_arrays_of_many_pieces_are_edited_as_a_whole(seed: int, tmp_path: Path) -> None:
    chance = np.random.default_rng(seed)
    size = (1 << 21) + seed
    items = chance.integers(0, 1000, size).astype(np.int32)
    gone = np.unique(chance.integers(0, size, 5000))
    points = np.sort(np.append(chance.integers(0, size + 1, 5000), [0, 1 << 20, size]))
    new = chance.integers(0, 1000, len(points)).astype(np.int32)
    before, after = ArrayWriter(tmp_path / "before"), ArrayWriter(tmp_path / "after")
    before.append("items", items)
    edits = Edits(gone, points)
    source = before.open_written("items")
    done = edit_arrays(after, ("items",), (source,), edits, (new,), lambda piece: piece + 1)
    assert sum(done) == size
    kept = np.delete(items, gone) + 1
    edited = np.insert(kept, points - np.searchsorted(gone, points), new)
    assert np.array_equal(after.open_written("items").read(), edited)
    assert np.array_equal(edited[edits.place_new()], new)
    kind = np.dtype(np.int32)
    moved = edits.place_kept(0, size, kind)
    assert np.array_equal(edited[np.delete(moved, gone)], kept)
    assert np.array_equal(edits.place_kept(7, size - 7, kind), moved[7:-7])
