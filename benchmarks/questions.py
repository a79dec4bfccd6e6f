"""The questions that the engines are asked, in benchmarks/questions."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

_FOLDER = Path(__file__).with_name("questions")


@dataclass(frozen=True, slots=True)
class Question:
    """name: of its file, without the ending. query: SPARQL."""

    name: str
    query: str


def questions() -> list[Question]:
    """Return every question, in the order of their names."""
    paths = sorted(_FOLDER.glob("*.rq"))
    return [Question(path.stem, path.read_text(encoding="utf-8")) for path in paths]
