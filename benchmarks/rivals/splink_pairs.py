"""Matches persons with splink 5, for ``benchmarks.link_rivals``; needs nothing of this project.

    python -m venv ENVIRONMENT && ENVIRONMENT/bin/pip install splink==5.0.0
    ENVIRONMENT/bin/python benchmarks/rivals/splink_pairs.py OUT

Each name of a person is a row; pairs share the surname, or first name and year of birth. The model
is estimated from the pairs themselves (random sampling for u, expectation maximisation for m), once
for the real persons, and used on the namesakes, too. The score is the match weight in bits.
"""

from __future__ import annotations

import csv
import json
import sys
import unicodedata
from pathlib import Path

import pyarrow as pa
import splink.comparison_level_library as cll
import splink.comparison_library as cl
from splink import DuckDBAPI, Linker, SettingsCreator, block_on


def fold(name: str) -> list[str]:
    plain = unicodedata.normalize("NFKD", name.casefold())
    kept = (character for character in plain if not unicodedata.combining(character))
    return "".join(c if c.isalnum() else " " for c in kept).split()


def read_rows(path: Path) -> pa.Table:
    rows = []
    for line in path.read_text(encoding="utf-8").splitlines():
        person = json.loads(line)
        for number, name in enumerate(person["names"]):
            words = fold(name)
            if words:
                rows.append(
                    {
                        "unique_id": f"{person['id']}|{number}",
                        "whole": " ".join(words),
                        "first": words[0] if len(words) > 1 else None,
                        "surname": words[-1],
                        "birth": int(person["birth"]) if person["birth"] else None,
                        "death": int(person["death"]) if person["death"] else None,
                    }
                )
    kinds = pa.schema(
        [(name, pa.string()) for name in ("unique_id", "whole", "first", "surname")]
        + [("birth", pa.int32()), ("death", pa.int32())]
    )
    return pa.Table.from_pylist(rows, schema=kinds)


def compare_year(column: str) -> cl.CustomComparison:
    left, right = f"{column}_l", f"{column}_r"
    near = cll.CustomLevel(f"abs({left} - {right}) <= 1", label_for_charts="a year apart")
    levels = [cll.NullLevel(column), cll.ExactMatchLevel(column), near, cll.ElseLevel()]
    return cl.CustomComparison(output_column_name=column, comparison_levels=levels)


def make_settings() -> SettingsCreator:
    whole = cl.CustomComparison(
        output_column_name="whole",
        comparison_levels=[
            cll.NullLevel("whole"),
            cll.ExactMatchLevel("whole", term_frequency_adjustments=True),
            cll.JaroWinklerLevel("whole", 0.94),
            cll.JaroWinklerLevel("whole", 0.88),
            cll.ElseLevel(),
        ],
    )
    return SettingsCreator(
        link_type="link_only",
        comparisons=[whole, compare_year("birth"), compare_year("death")],
        blocking_rules_to_generate_predictions=[
            block_on("surname"),
            block_on("first", "birth"),
            block_on("whole"),
        ],
    )


def load(place: Path, settings: SettingsCreator | dict) -> Linker:
    api = DuckDBAPI()
    frames = [
        api.register(read_rows(place / f"{side}.jsonl"), dataset_display_name=side)
        for side in ("items", "records")
    ]
    return Linker(frames, settings)


def train(place: Path) -> dict:
    linker = load(place, make_settings())
    rule = "l.whole = r.whole and l.birth = r.birth"
    linker.training.estimate_probability_two_random_records_match([rule], recall=0.5)
    linker.training.estimate_u_using_random_sampling(max_pairs=3e6, seed=1)
    for blocked in (block_on("first", "birth"), block_on("whole")):
        linker.training.estimate_parameters_using_expectation_maximisation(blocked)
    return linker.misc.save_model_to_json()


def match(place: Path, model: dict) -> None:
    linker = load(place, model)
    found = linker.inference.predict(threshold_match_weight=-20).as_record_list()
    best: dict[tuple[str, str], float] = {}
    for pair in found:
        sides = {
            pair[f"source_dataset_{side}"]: pair[f"unique_id_{side}"].rpartition("|")[0]
            for side in "lr"
        }
        key = sides["records"], sides["items"]
        best[key] = max(best.get(key, -99.0), pair["match_weight"])
    with (place / "splink.csv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(("record", "item", "score"))
        writer.writerows((*key, f"{score:.4f}") for key, score in sorted(best.items()))


def main() -> None:
    folder = Path(sys.argv[1])
    model = train(folder / "real")
    for place in sorted(folder.iterdir()):
        match(place, model)


if __name__ == "__main__":
    main()
