"""Reading and making the golden pairs."""

from __future__ import annotations

import json
from pathlib import Path

from loader.transform.document import read_document
from loader.transform.jsonld import Transformed, transform
from tests.records import canonical, quads_of

_FOLDER = Path(__file__).parent / "transform"
NAMES = sorted(path.stem for path in _FOLDER.glob("*.jsonld"))


def path_of(name: str, extension: str) -> Path:
    return _FOLDER / f"{name}{extension}"


def quads(transformed: Transformed) -> list[str]:
    """A transformed record as N-Quads lines, its own graph and those of outside things."""
    graphs = {transformed.identifier: transformed.triples, **transformed.outside}
    return [f"{line} <{graph}> ." for graph, lines in graphs.items() for line in lines]


def lines_of(name: str) -> list[str]:
    document = read_document(json.loads(path_of(name, ".jsonld").read_text(encoding="utf-8")))
    (result,) = transform([document])
    assert isinstance(result, Transformed), result
    return canonical(quads_of(quads(result)))
