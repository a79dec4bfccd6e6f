"""Matches persons with nomenklatura, for ``benchmarks.link_rivals``; needs nothing of this project.

    python -m venv ENVIRONMENT && ENVIRONMENT/bin/pip install nomenklatura==4.17.4
    ENVIRONMENT/bin/python benchmarks/rivals/nomenklatura_pairs.py OUT [regression-v1 logic-v2]

Pairs share a word of three letters or more that few items have, or an initial and the surname. A
score is between 0 and 1; each algorithm writes a file of its own name.
"""

from __future__ import annotations

import csv
import json
import sys
import unicodedata
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from followthemoney import model
from followthemoney.proxy import EntityProxy
from nomenklatura.matching import ScoringConfig, get_algorithm

_CROWD = 300


def fold(name: str) -> list[str]:
    plain = unicodedata.normalize("NFKD", name.casefold())
    kept = (character for character in plain if not unicodedata.combining(character))
    return "".join(c if c.isalnum() else " " for c in kept).split()


def read(path: Path) -> Iterator[tuple[EntityProxy, set[str]]]:
    for line in path.read_text(encoding="utf-8").splitlines():
        person = json.loads(line)
        entity = model.make_entity("Person")
        entity.id = person["id"]
        entity.add("name", person["names"][0])
        entity.add("alias", person["names"][1:])
        entity.add("birthDate", person["birth"] or None)
        entity.add("deathDate", person["death"] or None)
        keys = set()
        for words in map(fold, person["names"]):
            keys |= {word for word in words if len(word) > 2}
            keys |= {f"{word} {words[-1]}" for word in words[:-1]}
            keys |= {f"{words[0][0]}. {words[-1]}"} if len(words) > 1 else set()
        yield entity, keys


def match(place: Path, names: list[str]) -> None:
    blocks = defaultdict(list)
    for entity, keys in read(place / "items.jsonl"):
        for key in keys:
            blocks[key].append(entity)
    rows = {name: [] for name in names}
    algorithms = {name: get_algorithm(name) for name in names}
    config = ScoringConfig.defaults()
    for entity, keys in read(place / "records.jsonl"):
        near = {
            other.id: other
            for key in keys
            if len(blocks.get(key, ())) <= _CROWD
            for other in blocks.get(key, ())
        }
        for other in near.values():
            for name, algorithm in algorithms.items():
                score = algorithm.compare(entity, other, config).score
                if score >= 0.3:
                    rows[name].append((entity.id, other.id, f"{score:.4f}"))
    for name, found in rows.items():
        with (place / f"{name}.csv").open("w", encoding="utf-8", newline="") as stream:
            writer = csv.writer(stream)
            writer.writerow(("record", "item", "score"))
            writer.writerows(found)


def main() -> None:
    names = sys.argv[2:] or ["regression-v1", "logic-v2"]
    for place in sorted(Path(sys.argv[1]).iterdir()):
        match(place, names)


if __name__ == "__main__":
    main()
